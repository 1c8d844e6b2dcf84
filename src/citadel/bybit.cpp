// Bybit's API v5: bybit-exchange.github.io/docs/v5/guide. One host and one stream serve both
// markets; `category` tells them apart in every request.
#include "citadel/bybit.hpp"

#include "citadel/operation_rules.hpp"

#include <algorithm>

namespace obscura::citadel {
namespace {

using base::Json;
using base::Result;
using model::Market;
using model::PositionSide;
using ports::SignedRequest;

constexpr OperationRules rules{
    .symbol = {.min = 2, .max = 24, .upper = true, .says = "Must be 2 to 24 of A-Z and 0-9."},
    .client_order_id = {.max = 36,
                        .upper = true,
                        .lower = true,
                        .also = "-_",
                        .says = "Must be 1 to 36 of A-Z, a-z, 0-9, - and "
                                "_."},
    // Spot counts its orders, perpetuals name them by UUID.
    .venue_order_id = {
        .max = 36, .lower = true, .also = "-", .says = "Must be a number or a UUID."}};

std::string_view category_of(Market market) { return market == Market::spot ? "spot" : "linear"; }

/// Which of a symbol's positions: 0 in one-way mode.
int position_index(PositionSide side) {
    switch (side) {
        case PositionSide::both:
            return 0;
        case PositionSide::long_side:
            return 1;
        case PositionSide::short_side:
            return 2;
    }
    std::unreachable();
}

Result<VenueDraft> draft(Market market, model::PlaceOrder const& order) {
    if (auto good = check_order(rules, market, order); !good)
        return std::unexpected(std::move(good.error()));
    bool const is_limit = order.type == model::OrderType::limit;
    auto body = Json::object({{"category", category_of(market)},
                              {"symbol", order.symbol},
                              {"side", order.side == model::Side::buy ? "Buy" : "Sell"},
                              {"orderType", is_limit ? "Limit" : "Market"},
                              {"qty", order.quantity}});
    if (is_limit) {
        body.set("price", *order.limit_price);
        body.set("timeInForce", upper_time_in_force(order.time_in_force));
    }
    body.set("orderLinkId", order.client_order_id);
    if (market == Market::spot) {
        // Otherwise a market purchase on spot says what it spends.
        if (!is_limit) body.set("marketUnit", "baseCoin");
    } else {
        body.set("positionIdx", position_index(order.position_side));
        if (order.reduce_only) body.set("reduceOnly", true);
    }
    return VenueDraft{.method = "POST", .path = "/v5/order/create", .body = std::move(body)};
}

Result<VenueDraft> draft(Market market, model::QueryOrder const& query) {
    if (auto good = check_order_name(rules, query.symbol, query.client_order_id); !good)
        return std::unexpected(std::move(good.error()));
    // Open orders and the latest that are done.
    VenueDraft out{.path = "/v5/order/realtime"};
    out.query.add("category", category_of(market));
    out.query.add("symbol", query.symbol);
    out.query.add("orderLinkId", query.client_order_id);
    return out;
}

Result<VenueDraft> draft(Market market, model::CancelOrder const& cancel) {
    if (auto good = check_order_name(rules, cancel.symbol, cancel.client_order_id); !good)
        return std::unexpected(std::move(good.error()));
    return VenueDraft{.method = "POST",
                      .path = "/v5/order/cancel",
                      .body = Json::object({{"category", category_of(market)},
                                            {"symbol", cancel.symbol},
                                            {"orderLinkId", cancel.client_order_id}})};
}

Result<VenueDraft> draft(Market market, model::ListTrades const& list) {
    if (auto good = check_trades(rules, list); !good)
        return std::unexpected(std::move(good.error()));
    VenueDraft out{.path = "/v5/execution/list"};
    out.query.add("category", category_of(market));
    out.query.add("symbol", list.symbol);
    if (list.venue_order_id) out.query.add("orderId", *list.venue_order_id);
    if (list.start_time) out.query.add("startTime", base::to_unix_ms(*list.start_time));
    out.query.add("limit", std::min(list.limit, rules.most_trades));
    return out;
}

Result<VenueDraft> draft(Market, model::ReadAccount const&) {
    VenueDraft out{.path = "/v5/account/wallet-balance"};
    out.query.add("accountType", "UNIFIED");
    return out;
}

Result<VenueDraft> draft(Market market, model::ReadPositions const& read) {
    if (market == Market::spot) return not_known_to("Spot markets");
    VenueDraft out{.path = "/v5/position/list"};
    out.query.add("category", "linear");
    if (read.symbol.empty()) {
        out.query.add("settleCoin", "USDT");
        out.query.add("limit", 200);
        return out;
    }
    if (auto good = check_symbol(rules, read.symbol); !good)
        return std::unexpected(std::move(good.error()));
    out.query.add("symbol", read.symbol);
    return out;
}

Result<VenueDraft> draft(Market market, model::SetLeverage const& change) {
    if (market == Market::spot) return not_known_to("Spot markets");
    if (auto good = check_leverage(rules, change); !good)
        return std::unexpected(std::move(good.error()));
    auto const leverage = std::to_string(change.leverage);
    return VenueDraft{.method = "POST",
                      .path = "/v5/position/set-leverage",
                      .body = Json::object({{"category", "linear"},
                                            {"symbol", change.symbol},
                                            {"buyLeverage", leverage},
                                            {"sellLeverage", leverage}})};
}

Result<VenueDraft> draft(Market, model::SetMarginMode const&) {
    return not_supported("A unified account has one margin mode for all symbols.");
}

Result<VenueDraft> draft(Market, model::ReadPositionMode const&) {
    return not_supported("The venue tells the position mode with the positions only.");
}

template <class Other>
Result<VenueDraft> draft(Market, Other const&) {
    return not_known_to("Bybit's markets");
}

SignedRequest sign_rest(SigningTask const& task, VenueDraft const& draft) {
    auto const timestamp = std::to_string(task.window.timestamp_ms);
    auto const receive = std::to_string(task.window.receive_ms);
    auto const api_key = std::string(task.credentials.api_key());
    bool const is_post = draft.method == "POST";
    SignedRequest out{.method = std::string(draft.method),
                      .url = task.endpoints.rest + draft.target(),
                      .headers = {{"X-BAPI-API-KEY", api_key},
                                  {"X-BAPI-TIMESTAMP", timestamp},
                                  {"X-BAPI-RECV-WINDOW", receive}},
                      .body = draft.body_text(),
                      .expires_at = task.window.end()};
    auto const payload = timestamp + api_key + receive + (is_post ? out.body : draft.query.text());
    out.headers.emplace_back("X-BAPI-SIGN",
                             task.credentials.sign(payload, SignatureForm::sha256_hex));
    if (is_post) out.headers.emplace_back("Content-Type", "application/json");
    return out;
}

/// The stream names the time until which its login may be used.
Result<SignedRequest> sign_login(SigningTask const& task, model::StreamLogin const& login) {
    if (!fits(request_id_spelling, login.request_id))
        return not_allowed("request_id", std::string(request_id_spelling.says));
    auto const expires = base::to_unix_ms(task.window.end());
    auto const signature =
        task.credentials.sign("GET/realtime" + std::to_string(expires), SignatureForm::sha256_hex);
    auto const message = Json::object(
        {{"req_id", login.request_id},
         {"op", "auth"},
         {"args", Json::array({std::string(task.credentials.api_key()), expires, signature})}});
    return SignedRequest{.method = "WS",
                         .url = task.endpoints.websocket,
                         .body = message.dump(),
                         .expires_at = task.window.end()};
}

}  // namespace

VenueAddresses bybit_addresses() {
    VenueAddresses out;
    out[static_cast<std::size_t>(model::Environment::live)] = {
        .rest = "https://api.bybit.com:443", .websocket = "wss://stream.bybit.com:443/v5/private"};
    out[static_cast<std::size_t>(model::Environment::testnet)] = {
        .rest = "https://api-testnet.bybit.com:443",
        .websocket = "wss://stream-testnet.bybit.com:443/v5/private"};
    return out;
}

Result<SignedRequest> sign_bybit(SigningTask const& task) {
    if (auto const* login = std::get_if<model::StreamLogin>(&task.operation))
        return sign_login(task, *login);
    auto const made =
        std::visit([&](auto const& typed) { return draft(task.market, typed); }, task.operation);
    if (!made) return std::unexpected(made.error());
    return sign_rest(task, *made);
}

}  // namespace obscura::citadel
