// bingx-api.github.io/docs: everything is in the query, sorted here as bodies would have to be, the
// signature last. The private stream is opened with a listen key.
#include "citadel/bingx.hpp"

#include "citadel/operation_rules.hpp"

#include <algorithm>
#include <map>

namespace obscura::citadel {
namespace {

using base::Result;
using model::Market;
using model::PositionSide;
using ports::SignedRequest;

/// The venue makes ids lower-case: others would come back as something else.
constexpr Spelling order_names{
    .max = 40, .lower = true, .also = "-_", .says = "Must be 1 to 40 of a-z, 0-9, - and _."};
constexpr OperationRules spot_rules{
    .symbol = {.min = 3, .upper = true, .between = '-', .says = "Must be written like BTC-USDT."},
    .client_order_id = order_names,
    .most_trades = 1000};
constexpr OperationRules swap_rules{
    .symbol = {.min = 6, .upper = true, .suffix = "-USDT", .says = "Must be like BTC-USDT."},
    .client_order_id = order_names};
constexpr std::string_view spot_path = "/openApi/spot/v1/trade/";
constexpr std::string_view swap_order_path = "/openApi/swap/v2/trade/order";

/// A request before its parameters are in order.
struct Draft {
    std::string_view method = "GET";
    std::string path{};
    std::map<std::string, std::string> parameters{};
};

std::string_view side_of(model::PlaceOrder const& order) {
    return order.side == model::Side::buy ? "BUY" : "SELL";
}

/// What both markets say of an order.
Draft draft_order(model::PlaceOrder const& order, std::string path) {
    bool const is_limit = order.type == model::OrderType::limit;
    Draft out{.method = "POST", .path = std::move(path)};
    out.parameters = {{"symbol", order.symbol},
                      {"side", std::string(side_of(order))},
                      {"type", is_limit ? "LIMIT" : "MARKET"},
                      {"quantity", order.quantity.to_string()}};
    if (is_limit) {
        out.parameters.emplace("price", order.limit_price->to_string());
        out.parameters.emplace("timeInForce", upper_time_in_force(order.time_in_force));
    }
    return out;
}

Result<Draft> draft_listen_key(model::ListenKey const& key) {
    if (key.action != model::ListenKey::Action::create)
        return not_supported("The venue wants the key with it, which the operation has not.");
    return Draft{.method = "POST", .path = "/openApi/user/auth/userDataStream"};
}

struct SpotDraft {
    Result<Draft> operator()(model::PlaceOrder const& order) const {
        if (auto good = check_order(spot_rules, Market::spot, order); !good)
            return std::unexpected(std::move(good.error()));
        bool const is_limit = order.type == model::OrderType::limit;
        if (is_limit && order.time_in_force == model::TimeInForce::fok)
            return not_allowed("time_in_force", "Spot knows gtc and ioc.");
        auto out = draft_order(order, std::string(spot_path) + "order");
        out.parameters.emplace("newClientOrderId", order.client_order_id);
        return out;
    }
    Result<Draft> operator()(model::QueryOrder const& query) const {
        return named("GET", "query", query.symbol, query.client_order_id);
    }
    Result<Draft> operator()(model::CancelOrder const& cancel) const {
        return named("POST", "cancel", cancel.symbol, cancel.client_order_id);
    }
    Result<Draft> operator()(model::ListTrades const& list) const {
        if (auto good = check_trades(spot_rules, list); !good)
            return std::unexpected(std::move(good.error()));
        Draft out{.path = std::string(spot_path) + "myTrades"};
        out.parameters = {{"symbol", list.symbol},
                          {"limit", std::to_string(std::min(list.limit, spot_rules.most_trades))}};
        if (list.venue_order_id) out.parameters.emplace("orderId", *list.venue_order_id);
        if (list.start_time) {
            out.parameters.emplace("startTime", std::to_string(base::to_unix_ms(*list.start_time)));
        }
        return out;
    }
    Result<Draft> operator()(model::ReadAccount const&) const {
        return Draft{.path = "/openApi/spot/v1/account/balance"};
    }
    Result<Draft> operator()(model::ListenKey const& key) const { return draft_listen_key(key); }
    template <class Other>
    Result<Draft> operator()(Other const&) const {
        return not_known_to("BingX's spot markets");
    }

    static Result<Draft> named(std::string_view method, std::string_view what,
                               std::string const& symbol, std::string const& client_order_id) {
        if (auto good = check_order_name(spot_rules, symbol, client_order_id); !good)
            return std::unexpected(std::move(good.error()));
        return Draft{.method = method,
                     .path = std::string(spot_path) + std::string(what),
                     .parameters = {{"symbol", symbol}, {"clientOrderID", client_order_id}}};
    }
};

struct SwapDraft {
    RequestWindow window;

    Result<Draft> operator()(model::PlaceOrder const& order) const {
        if (auto good = check_order(swap_rules, Market::futures, order); !good)
            return std::unexpected(std::move(good.error()));
        auto out = draft_order(order, std::string(swap_order_path));
        out.parameters.emplace("clientOrderId", order.client_order_id);
        out.parameters.emplace("positionSide", order.position_side == PositionSide::both ? "BOTH"
                                               : order.position_side == PositionSide::long_side
                                                   ? "LONG"
                                                   : "SHORT");
        if (order.reduce_only) out.parameters.emplace("reduceOnly", "true");
        return out;
    }
    Result<Draft> operator()(model::QueryOrder const& query) const {
        return named("GET", query.symbol, query.client_order_id);
    }
    Result<Draft> operator()(model::CancelOrder const& cancel) const {
        return named("DELETE", cancel.symbol, cancel.client_order_id);
    }
    /// The venue wants both ends of a week at most.
    Result<Draft> operator()(model::ListTrades const& list) const {
        if (auto good = check_trades(swap_rules, list); !good)
            return std::unexpected(std::move(good.error()));
        constexpr std::int64_t week_ms = 7LL * 24 * 3'600'000;
        auto const from_ms =
            list.start_time ? base::to_unix_ms(*list.start_time) : window.timestamp_ms - week_ms;
        Draft out{.path = "/openApi/swap/v2/trade/allFillOrders"};
        out.parameters = {
            {"symbol", list.symbol},
            {"tradingUnit", "COIN"},
            {"startTs", std::to_string(from_ms)},
            {"endTs", std::to_string(std::min(from_ms + week_ms, window.timestamp_ms))}};
        if (list.venue_order_id) out.parameters.emplace("orderId", *list.venue_order_id);
        return out;
    }
    Result<Draft> operator()(model::ReadAccount const&) const {
        return Draft{.path = "/openApi/swap/v2/user/balance"};
    }
    Result<Draft> operator()(model::ReadPositions const& read) const {
        Draft out{.path = "/openApi/swap/v2/user/positions"};
        if (read.symbol.empty()) return out;
        if (auto good = check_symbol(swap_rules, read.symbol); !good)
            return std::unexpected(std::move(good.error()));
        out.parameters.emplace("symbol", read.symbol);
        return out;
    }
    Result<Draft> operator()(model::ReadPositionMode const&) const {
        return Draft{.path = "/openApi/swap/v1/positionSide/dual"};
    }
    /// Of an account in one-way mode; in hedge mode each side has its own, and the operation names
    /// none: the venue refuses it there.
    Result<Draft> operator()(model::SetLeverage const& change) const {
        if (auto good = check_leverage(swap_rules, change); !good)
            return std::unexpected(std::move(good.error()));
        return Draft{.method = "POST",
                     .path = "/openApi/swap/v2/trade/leverage",
                     .parameters = {{"symbol", change.symbol},
                                    {"side", "BOTH"},
                                    {"leverage", std::to_string(change.leverage)}}};
    }
    Result<Draft> operator()(model::SetMarginMode const& change) const {
        if (auto good = check_symbol(swap_rules, change.symbol); !good)
            return std::unexpected(std::move(good.error()));
        bool const is_isolated = change.margin_mode == model::MarginMode::isolated;
        return Draft{.method = "POST",
                     .path = "/openApi/swap/v2/trade/marginType",
                     .parameters = {{"symbol", change.symbol},
                                    {"marginType", is_isolated ? "ISOLATED" : "CROSSED"}}};
    }
    Result<Draft> operator()(model::ListenKey const& key) const { return draft_listen_key(key); }
    template <class Other>
    Result<Draft> operator()(Other const&) const {
        return not_known_to("BingX's perpetuals");
    }

    static Result<Draft> named(std::string_view method, std::string const& symbol,
                               std::string const& client_order_id) {
        if (auto good = check_order_name(swap_rules, symbol, client_order_id); !good)
            return std::unexpected(std::move(good.error()));
        return Draft{.method = method,
                     .path = std::string(swap_order_path),
                     .parameters = {{"symbol", symbol}, {"clientOrderId", client_order_id}}};
    }
};

}  // namespace

VenueAddresses bingx_addresses() {
    VenueAddresses out;
    out[static_cast<std::size_t>(model::Environment::live)] = {
        .rest = "https://open-api.bingx.com:443"};
    out[static_cast<std::size_t>(model::Environment::testnet)] = {
        .rest = "https://open-api-vst.bingx.com:443"};
    return out;
}

Result<SignedRequest> sign_bingx(SigningTask const& task) {
    bool const is_spot = task.market == Market::spot;
    if (is_spot && task.environment != model::Environment::live)
        return not_supported("There is play money for perpetuals alone.");
    auto draft = is_spot ? std::visit(SpotDraft{}, task.operation)
                         : std::visit(SwapDraft{task.window}, task.operation);
    if (!draft) return std::unexpected(draft.error());
    draft->parameters.emplace("recvWindow", std::to_string(task.window.receive_ms));
    draft->parameters.emplace("timestamp", std::to_string(task.window.timestamp_ms));
    FormParameters query;
    for (auto const& [name, value] : draft->parameters) query.add(name, value);
    query.add("signature", task.credentials.sign(query.text(), SignatureForm::sha256_hex));
    return SignedRequest{.method = std::string(draft->method),
                         .url = task.endpoints.rest + draft->path + '?' + query.text(),
                         .headers = {{"X-BX-APIKEY", std::string(task.credentials.api_key())}},
                         .expires_at = task.window.end()};
}

}  // namespace obscura::citadel
