// www.mexc.com/api-docs/futures/integration-guide. The signature covers the sorted query or the
// body, not the path. The guide writes the header of the request's window in two ways, and tells
// neither's unit: no order relies on it.
#include "citadel/mexc.hpp"
#include "citadel/operation_rules.hpp"

#include <algorithm>

namespace obscura::citadel {
namespace {

using base::Json;
using base::Result;
using model::Market;
using ports::SignedRequest;

constexpr OperationRules rules{
    .symbol = {.min = 6, .upper = true, .suffix = "_USDT", .says = "Must be like BTC_USDT."},
    .client_order_id = {.upper = true,
                        .lower = true,
                        .also = "-_",
                        .says = "Must be 1 to 32 of A-Z, a-z, 0-9, - and _."},
    .whole_contracts = true,
    .orders_name_leverage = true};
/// How long a time stamp lives unless the window's header says otherwise, as others tell.
constexpr std::chrono::seconds stamp_age{10};

/// 1 opens a long position, 2 closes a short one, 3 opens a short one, 4 closes a long one.
int side_of(model::PlaceOrder const& order) {
    bool const closes = order.reduce_only || closes_position(order);
    if (order.side == model::Side::buy) return closes ? 2 : 1;
    return closes ? 4 : 3;
}

int type_of(model::PlaceOrder const& order) {
    if (order.type == model::OrderType::market) return 5;
    switch (order.time_in_force) {
        case model::TimeInForce::gtc:
            return 1;
        case model::TimeInForce::ioc:
            return 3;
        case model::TimeInForce::fok:
            return 4;
    }
    std::unreachable();
}

struct FuturesDraft {
    Result<VenueDraft> operator()(model::PlaceOrder const& order) const {
        if (auto good = check_order(rules, Market::futures, order); !good)
            return std::unexpected(std::move(good.error()));
        // An order that opens could be found missing and come to life later.
        if (!order.reduce_only && !closes_position(order)) {
            return base::fail(base::Errc::invalid_argument, "no_expiry",
                              "The venue holds no order of perpetuals to an end: only closing is "
                              "signed.");
        }
        auto body = Json::object({{"symbol", order.symbol},
                                  {"vol", Json::Number{order.quantity.to_string()}},
                                  {"type", type_of(order)},
                                  {"openType", 1}});
        if (order.limit_price) body.set("price", Json::Number{order.limit_price->to_string()});
        if (order.leverage) body.set("leverage", *order.leverage);
        body.set("side", side_of(order));
        body.set("externalOid", order.client_order_id);
        return VenueDraft{
            .method = "POST", .path = "/api/v1/private/order/create", .body = std::move(body)};
    }
    Result<VenueDraft> operator()(model::QueryOrder const& query) const {
        if (auto good = check_order_name(rules, query.symbol, query.client_order_id); !good)
            return std::unexpected(std::move(good.error()));
        return VenueDraft{.path = "/api/v1/private/order/external/" + query.symbol + '/' +
                                  query.client_order_id};
    }
    Result<VenueDraft> operator()(model::CancelOrder const& cancel) const {
        if (auto good = check_order_name(rules, cancel.symbol, cancel.client_order_id); !good)
            return std::unexpected(std::move(good.error()));
        return VenueDraft{.method = "POST",
                          .path = "/api/v1/private/order/cancel_with_external",
                          .body = Json::object({{"symbol", cancel.symbol},
                                                {"externalOid", cancel.client_order_id}})};
    }
    Result<VenueDraft> operator()(model::ListTrades const& list) const {
        if (auto good = check_trades(rules, list); !good)
            return std::unexpected(std::move(good.error()));
        if (list.venue_order_id)
            return not_allowed("venue_order_id", "The venue tells trades by time.");
        VenueDraft out{.path = "/api/v1/private/order/list/order_deals"};
        out.query.add("page_num", 1);
        out.query.add("page_size", std::min(list.limit, rules.most_trades));
        if (list.start_time) out.query.add("start_time", base::to_unix_ms(*list.start_time));
        out.query.add("symbol", list.symbol);
        return out;
    }
    Result<VenueDraft> operator()(model::ReadAccount const&) const {
        return VenueDraft{.path = "/api/v1/private/account/assets"};
    }
    Result<VenueDraft> operator()(model::ReadPositions const& read) const {
        VenueDraft out{.path = "/api/v1/private/position/open_positions"};
        if (read.symbol.empty()) return out;
        if (auto good = check_symbol(rules, read.symbol); !good)
            return std::unexpected(std::move(good.error()));
        out.query.add("symbol", read.symbol);
        return out;
    }
    Result<VenueDraft> operator()(model::ReadPositionMode const&) const {
        return VenueDraft{.path = "/api/v1/private/position/position_mode"};
    }
    Result<VenueDraft> operator()(model::SetLeverage const&) const {
        return not_supported("An isolated position has the leverage that its orders name.");
    }
    Result<VenueDraft> operator()(model::SetMarginMode const&) const {
        return not_supported("Each order names its margin mode: they are signed as isolated.");
    }
    template <class Other>
    Result<VenueDraft> operator()(Other const&) const {
        return not_known_to("MEXC's perpetuals");
    }
};

/// The login has no member for the request's id.
Result<SignedRequest> sign_login(SigningTask const& task, model::StreamLogin const& login) {
    if (!fits(request_id_spelling, login.request_id))
        return not_allowed("request_id", std::string(request_id_spelling.says));
    auto const api_key = std::string(task.credentials.api_key());
    auto const timestamp = std::to_string(task.window.timestamp_ms);
    auto const signature = task.credentials.sign(api_key + timestamp, SignatureForm::sha256_hex);
    auto const message = Json::object(
        {{"method", "login"},
         {"param",
          Json::object({{"apiKey", api_key}, {"signature", signature}, {"reqTime", timestamp}})}});
    return SignedRequest{.method = "WS",
                         .url = task.endpoints.stream_of(Market::futures),
                         .body = message.dump(),
                         .expires_at = base::from_unix_ms(task.window.timestamp_ms) + stamp_age};
}

}  // namespace

Result<SignedRequest> sign_mexc_futures(SigningTask const& task) {
    if (auto const* login = std::get_if<model::StreamLogin>(&task.operation))
        return sign_login(task, *login);
    auto const draft = std::visit(FuturesDraft{}, task.operation);
    if (!draft) return std::unexpected(draft.error());
    auto const api_key = std::string(task.credentials.api_key());
    auto const timestamp = std::to_string(task.window.timestamp_ms);
    SignedRequest out{.method = std::string(draft->method),
                      .url = task.endpoints.origin_of(Market::futures) + draft->target(),
                      .headers = {{"ApiKey", api_key}, {"Request-Time", timestamp}},
                      .body = draft->body_text(),
                      .expires_at = base::from_unix_ms(task.window.timestamp_ms) + stamp_age};
    auto const payload = api_key + timestamp + (draft->body ? out.body : draft->query.text());
    out.headers.emplace_back("Signature",
                             task.credentials.sign(payload, SignatureForm::sha256_hex));
    out.headers.emplace_back("Content-Type", "application/json");
    return out;
}

}  // namespace obscura::citadel
