// Binance spot, REST and WebSocket API: developers.binance.com/docs/binance-spot-api-docs.
#include "citadel/binance_spot.hpp"

#include "net/http.hpp"

#include <algorithm>

namespace obscura::citadel {
namespace {

using base::Result;
using ports::SignedRequest;

constexpr std::int64_t max_receive_ms = 60'000;

std::unexpected<base::Error> invalid(std::string pointer, std::string detail) {
    return std::unexpected(
        base::field_error("/operation" + pointer, "not_allowed", std::move(detail)));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

bool is_symbol(std::string_view text) {
    return text.size() >= 2 && text.size() <= 24 &&
           std::ranges::all_of(text, [](char c) { return is_upper(c) || is_digit(c); });
}
/// ^[.A-Z:/a-z0-9_-]{1,36}$, the venue's own rule.
bool is_client_order_id(std::string_view text) {
    return !text.empty() && text.size() <= 36 && std::ranges::all_of(text, [](char c) {
        return is_upper(c) || is_lower(c) || is_digit(c) ||
               std::string_view(".:/_-").find(c) != std::string_view::npos;
    });
}
bool is_request_id(std::string_view text) {
    return !text.empty() && text.size() <= 36 && std::ranges::all_of(text, [](char c) {
        return is_upper(c) || is_lower(c) || is_digit(c) || c == '-' || c == '_';
    });
}
bool is_number(std::string_view text) {
    return !text.empty() && text.size() <= 19 && std::ranges::all_of(text, is_digit);
}

/// "a=1&b=2", percent-encoded as it goes on the wire.
class Parameters {
public:
    Parameters() { text_.reserve(384); }
    void add(std::string_view name, std::string_view value) {
        if (!text_.empty()) text_ += '&';
        text_ += name;
        text_ += '=';
        text_ += net::percent_encode(value);
    }
    void add(std::string_view name, std::int64_t value) { add(name, std::to_string(value)); }
    [[nodiscard]] std::string const& text() const { return text_; }

private:
    std::string text_;
};

/// A REST operation before it is signed.
struct Draft {
    std::string_view method;
    std::string_view path;
    Parameters parameters;
};

Result<void> check_order_name(std::string_view symbol, std::string_view client_order_id) {
    if (!is_symbol(symbol)) return invalid("/symbol", "Must be 2 to 24 of A-Z and 0-9.");
    if (!is_client_order_id(client_order_id)) {
        return invalid("/client_order_id", "Must be 1 to 36 of A-Z, a-z, 0-9 and . : / _ -");
    }
    return {};
}

Result<Draft> draft(model::PlaceOrder const& order) {
    if (auto good = check_order_name(order.symbol, order.client_order_id); !good) {
        return std::unexpected(std::move(good.error()));
    }
    if (!order.quantity.is_positive()) return invalid("/quantity", "Must be greater than 0.");
    if (order.position_side != model::PositionSide::both) {
        return invalid("/position_side", "Spot has no positions.");
    }
    bool const is_limit = order.type == model::OrderType::limit;
    if (is_limit && !(order.limit_price && order.limit_price->is_positive())) {
        return invalid("/limit_price", "A limit order needs a price greater than 0.");
    }
    Draft out{.method = "POST", .path = "/api/v3/order", .parameters = {}};
    auto& parameters = out.parameters;
    parameters.add("symbol", order.symbol);
    parameters.add("side", order.side == model::Side::buy ? "BUY" : "SELL");
    parameters.add("type", is_limit ? "LIMIT" : "MARKET");
    if (is_limit) {
        auto const tif = order.time_in_force;
        parameters.add("timeInForce", tif == model::TimeInForce::gtc   ? "GTC"
                                      : tif == model::TimeInForce::ioc ? "IOC"
                                                                       : "FOK");
    }
    parameters.add("quantity", order.quantity.to_string());
    if (is_limit) parameters.add("price", order.limit_price->to_string());
    parameters.add("newClientOrderId", order.client_order_id);
    parameters.add("newOrderRespType", "FULL");
    return out;
}

Result<Draft> draft_named(std::string_view method, std::string_view symbol,
                          std::string_view client_order_id) {
    if (auto good = check_order_name(symbol, client_order_id); !good) {
        return std::unexpected(std::move(good.error()));
    }
    Draft out{.method = method, .path = "/api/v3/order", .parameters = {}};
    out.parameters.add("symbol", symbol);
    out.parameters.add("origClientOrderId", client_order_id);
    return out;
}

Result<Draft> draft(model::QueryOrder const& query) {
    return draft_named("GET", query.symbol, query.client_order_id);
}

Result<Draft> draft(model::CancelOrder const& cancel) {
    return draft_named("DELETE", cancel.symbol, cancel.client_order_id);
}

Result<Draft> draft(model::ListTrades const& list) {
    if (!is_symbol(list.symbol)) return invalid("/symbol", "Must be 2 to 24 of A-Z and 0-9.");
    if (list.start_time && (list.from_id || list.venue_order_id)) {
        return invalid("/start_time_ms", "The venue takes it without from_id and venue_order_id.");
    }
    if (list.venue_order_id && !is_number(*list.venue_order_id)) {
        return invalid("/venue_order_id", "Must be a number.");
    }
    if (list.limit < 1 || list.limit > 1000) return invalid("/limit", "Must be 1 to 1000.");
    Draft out{.method = "GET", .path = "/api/v3/myTrades", .parameters = {}};
    out.parameters.add("symbol", list.symbol);
    if (list.venue_order_id) out.parameters.add("orderId", *list.venue_order_id);
    if (list.start_time) out.parameters.add("startTime", base::to_unix_ms(*list.start_time));
    if (list.from_id) out.parameters.add("fromId", *list.from_id);
    out.parameters.add("limit", list.limit);
    return out;
}

template <class Futures>
Result<Draft> draft(Futures const&) {
    return base::fail(base::Errc::invalid_argument, "not_supported",
                      "Spot knows no such operation.");
}

Result<Draft> draft(model::ReadAccount const&) {
    return Draft{.method = "GET", .path = "/api/v3/account", .parameters = {}};
}

SignedRequest sign_rest(BinanceEndpoints const& endpoints, BinanceCredentials const& credentials,
                        Draft made, BinanceWindow window) {
    auto& parameters = made.parameters;
    parameters.add("recvWindow", window.receive_ms);
    parameters.add("timestamp", window.timestamp_ms);
    parameters.add("signature", credentials.sign(parameters.text()));
    SignedRequest out{.method = std::string(made.method),
                      .url = endpoints.rest + std::string(made.path),
                      .headers = {{"X-MBX-APIKEY", std::string(credentials.api_key())}}};
    if (made.method == "POST") {
        out.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
        out.body = parameters.text();
    } else {
        out.url += '?';
        out.url += parameters.text();
    }
    return out;
}

/// The WebSocket API signs its parameters sorted by name, not percent-encoded, and takes the
/// signature as plain text.
Result<SignedRequest> sign_login(BinanceEndpoints const& endpoints,
                                 BinanceCredentials const& credentials,
                                 model::StreamLogin const& login, BinanceWindow window) {
    if (!is_request_id(login.request_id)) {
        return invalid("/request_id", "Must be 1 to 36 of A-Z, a-z, 0-9, - and _.");
    }
    auto const api_key = std::string(credentials.api_key());
    auto const payload = "apiKey=" + api_key + "&recvWindow=" + std::to_string(window.receive_ms) +
                         "&timestamp=" + std::to_string(window.timestamp_ms);
    auto const message = base::Json::object(
        {{"id", login.request_id},
         {"method", "userDataStream.subscribe.signature"},
         {"params", base::Json::object({{"apiKey", api_key},
                                        {"recvWindow", window.receive_ms},
                                        {"timestamp", window.timestamp_ms},
                                        {"signature", credentials.sign(payload)}})}});
    return SignedRequest{.method = "WS", .url = endpoints.websocket, .body = message.dump()};
}

}  // namespace

Result<BinanceWindow> BinanceWindow::until(base::Timestamp not_after, base::Timestamp now) {
    BinanceWindow window{.timestamp_ms = base::to_unix_ms(now)};
    window.receive_ms = base::to_unix_ms(not_after) - window.timestamp_ms;
    if (window.receive_ms <= 0) {
        return base::fail(base::Errc::invalid_argument, "not_after_passed",
                          "not_after has passed: nothing was signed.");
    }
    if (window.receive_ms > max_receive_ms) {
        return base::fail(base::Errc::invalid_argument, "not_after_too_far",
                          "not_after must be at most 60 seconds ahead.");
    }
    return window;
}

Result<SignedRequest> sign_binance_spot(BinanceEndpoints const& endpoints,
                                        BinanceCredentials const& credentials,
                                        model::VenueOperation const& operation,
                                        BinanceWindow window) {
    auto request = std::visit(
        [&](auto const& typed) -> Result<SignedRequest> {
            if constexpr (std::is_same_v<std::decay_t<decltype(typed)>, model::StreamLogin>) {
                return sign_login(endpoints, credentials, typed, window);
            } else {
                auto made = draft(typed);
                if (!made) return std::unexpected(std::move(made.error()));
                return sign_rest(endpoints, credentials, std::move(*made), window);
            }
        },
        operation);
    if (request) request->expires_at = base::from_unix_ms(window.timestamp_ms + window.receive_ms);
    return request;
}

}  // namespace obscura::citadel
