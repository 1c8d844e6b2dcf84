#include "citadel/binance_request.hpp"

#include "citadel/operation_rules.hpp"

#include <algorithm>

namespace obscura::citadel {

using base::Result;
using ports::SignedRequest;

namespace {

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
bool is_number(std::string_view text) {
    return !text.empty() && text.size() <= 19 && std::ranges::all_of(text, is_digit);
}

}  // namespace

Result<void> check_symbol(std::string_view symbol) {
    if (is_symbol(symbol)) return {};
    return not_allowed("symbol", "Must be 2 to 24 of A-Z and 0-9.");
}

Result<void> check_order_name(std::string_view symbol, std::string_view client_order_id) {
    if (auto good = check_symbol(symbol); !good) return good;
    if (is_client_order_id(client_order_id)) return {};
    return not_allowed("client_order_id", "Must be 1 to 36 of A-Z, a-z, 0-9 and . : / _ -");
}

std::string_view binance_side(model::Side side) {
    return side == model::Side::buy ? "BUY" : "SELL";
}

Result<BinanceDraft> draft_order(std::string_view path, model::PlaceOrder const& order) {
    if (auto good = check_order_name(order.symbol, order.client_order_id); !good)
        return std::unexpected(std::move(good.error()));
    if (!order.quantity.is_positive()) return not_allowed("quantity", "Must be greater than 0.");
    if (order.leverage) return not_allowed("leverage", "The venue's orders do not name it.");
    bool const is_limit = order.type == model::OrderType::limit;
    if (is_limit && !(order.limit_price && order.limit_price->is_positive()))
        return not_allowed("limit_price", "A limit order needs a price greater than 0.");
    BinanceDraft out{.method = "POST", .path = path};
    auto& parameters = out.parameters;
    parameters.add("symbol", order.symbol);
    parameters.add("side", binance_side(order.side));
    parameters.add("type", is_limit ? "LIMIT" : "MARKET");
    if (is_limit) parameters.add("timeInForce", upper_time_in_force(order.time_in_force));
    parameters.add("quantity", order.quantity.to_string());
    if (is_limit) parameters.add("price", order.limit_price->to_string());
    parameters.add("newClientOrderId", order.client_order_id);
    return out;
}

Result<BinanceDraft> draft_named(std::string_view method, std::string_view path,
                                 std::string_view symbol, std::string_view client_order_id) {
    if (auto good = check_order_name(symbol, client_order_id); !good)
        return std::unexpected(std::move(good.error()));
    BinanceDraft out{.method = method, .path = path};
    out.parameters.add("symbol", symbol);
    out.parameters.add("origClientOrderId", client_order_id);
    return out;
}

Result<BinanceDraft> draft_trades(std::string_view path, model::ListTrades const& list) {
    if (auto good = check_symbol(list.symbol); !good)
        return std::unexpected(std::move(good.error()));
    if (list.start_time && (list.from_id || list.venue_order_id))
        return not_allowed("start_time_ms",
                           "The venue takes it without from_id and venue_order_id.");
    if (list.venue_order_id && !is_number(*list.venue_order_id))
        return not_allowed("venue_order_id", "Must be a number.");
    if (list.limit < 1 || list.limit > 1000) return not_allowed("limit", "Must be 1 to 1000.");
    BinanceDraft out{.method = "GET", .path = path};
    out.parameters.add("symbol", list.symbol);
    if (list.venue_order_id) out.parameters.add("orderId", *list.venue_order_id);
    if (list.start_time) out.parameters.add("startTime", base::to_unix_ms(*list.start_time));
    if (list.from_id) out.parameters.add("fromId", *list.from_id);
    out.parameters.add("limit", list.limit);
    return out;
}

SignedRequest sign_rest(std::string const& origin, ApiCredentials const& credentials,
                        BinanceDraft draft, RequestWindow window) {
    auto& parameters = draft.parameters;
    parameters.add("recvWindow", window.receive_ms);
    parameters.add("timestamp",
                   draft.is_stamped_in_us ? window.timestamp_ms * 1000 : window.timestamp_ms);
    parameters.add("signature", credentials.sign(parameters.text(), SignatureForm::sha256_hex));
    SignedRequest out{.method = std::string(draft.method),
                      .url = origin + std::string(draft.path),
                      .headers = {{"X-MBX-APIKEY", std::string(credentials.api_key())}},
                      .expires_at = window.end()};
    if (draft.method == "POST") {
        out.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
        out.body = parameters.text();
    } else {
        out.url += '?';
        out.url += parameters.text();
    }
    return out;
}

}  // namespace obscura::citadel
