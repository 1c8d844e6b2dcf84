// www.kucoin.com/docs-new/rest: high-frequency orders of spot, and perpetuals, which are counted in
// contracts and whose orders name margin mode and leverage.
#include "citadel/kucoin_operations.hpp"

#include "citadel/operation_rules.hpp"

#include <algorithm>

namespace obscura::citadel {
namespace {

using base::Json;
using base::Result;
using model::Market;
using model::PositionSide;

constexpr Spelling order_names{.max = 40,
                               .upper = true,
                               .lower = true,
                               .also = "-_",
                               .says = "Must be 1 to 40 of A-Z, a-z, 0-9, - and _."};
constexpr Spelling venue_order_id{.lower = true, .says = "Must be 1 to 32 of a-z and 0-9."};
constexpr OperationRules spot_rules{
    .symbol = {.min = 3, .upper = true, .between = '-', .says = "Must be written like BTC-USDT."},
    .client_order_id = order_names,
    .venue_order_id = venue_order_id};
constexpr OperationRules futures_rules{
    .symbol = {.min = 6, .upper = true, .suffix = "USDTM", .says = "Must be like XBTUSDTM."},
    .client_order_id = order_names,
    .venue_order_id = venue_order_id,
    .most_trades = 1000,
    .whole_contracts = true,
    .orders_name_leverage = true};

/// Both markets give out the private stream's address and its token against a signature.
Result<VenueDraft> stream_token(model::ListenKey const& key) {
    if (key.action != model::ListenKey::Action::create)
        return not_supported("A stream's token is only made: it ends by itself.");
    return VenueDraft{.method = "POST", .path = "/api/v1/bullet-private"};
}

struct SpotDraft {
    Result<VenueDraft> operator()(model::PlaceOrder const& order) const {
        if (auto good = check_order(spot_rules, Market::spot, order); !good)
            return std::unexpected(std::move(good.error()));
        bool const is_limit = order.type == model::OrderType::limit;
        auto body = Json::object({{"clientOid", order.client_order_id},
                                  {"side", to_string(order.side)},
                                  {"symbol", order.symbol},
                                  {"type", to_string(order.type)},
                                  {"size", order.quantity}});
        if (is_limit) {
            body.set("price", *order.limit_price);
            body.set("timeInForce", upper_time_in_force(order.time_in_force));
        }
        return VenueDraft{.method = "POST", .path = "/api/v1/hf/orders", .body = std::move(body)};
    }
    Result<VenueDraft> operator()(model::QueryOrder const& query) const {
        return named("GET", query.symbol, query.client_order_id);
    }
    Result<VenueDraft> operator()(model::CancelOrder const& cancel) const {
        return named("DELETE", cancel.symbol, cancel.client_order_id);
    }
    Result<VenueDraft> operator()(model::ListTrades const& list) const {
        if (auto good = check_trades(spot_rules, list); !good)
            return std::unexpected(std::move(good.error()));
        VenueDraft out{.path = "/api/v1/hf/fills"};
        out.query.add("symbol", list.symbol);
        if (list.venue_order_id) out.query.add("orderId", *list.venue_order_id);
        if (list.start_time) out.query.add("startAt", base::to_unix_ms(*list.start_time));
        out.query.add("limit", std::min(list.limit, spot_rules.most_trades));
        return out;
    }
    Result<VenueDraft> operator()(model::ReadAccount const&) const {
        VenueDraft out{.path = "/api/v1/accounts"};
        out.query.add("type", "trade");
        return out;
    }
    Result<VenueDraft> operator()(model::ListenKey const& key) const { return stream_token(key); }
    template <class Other>
    Result<VenueDraft> operator()(Other const&) const {
        return not_known_to("KuCoin's spot markets");
    }

    static Result<VenueDraft> named(std::string_view method, std::string const& symbol,
                                    std::string const& client_order_id) {
        if (auto good = check_order_name(spot_rules, symbol, client_order_id); !good)
            return std::unexpected(std::move(good.error()));
        VenueDraft out{.method = method,
                       .path = "/api/v1/hf/orders/client-order/" + client_order_id};
        out.query.add("symbol", symbol);
        return out;
    }
};

struct FuturesDraft {
    Result<VenueDraft> operator()(model::PlaceOrder const& order) const {
        if (auto good = check_order(futures_rules, Market::futures, order); !good)
            return std::unexpected(std::move(good.error()));
        bool const is_limit = order.type == model::OrderType::limit;
        if (is_limit && order.time_in_force == model::TimeInForce::fok)
            return not_allowed("time_in_force", "Perpetuals know gtc and ioc.");
        auto body = Json::object({{"clientOid", order.client_order_id},
                                  {"side", to_string(order.side)},
                                  {"symbol", order.symbol},
                                  {"type", to_string(order.type)}});
        if (order.leverage) body.set("leverage", *order.leverage);
        body.set("marginMode", "ISOLATED");
        body.set("size", Json::Number{order.quantity.to_string()});
        if (is_limit) {
            body.set("price", *order.limit_price);
            body.set("timeInForce", upper_time_in_force(order.time_in_force));
        }
        if (order.reduce_only || closes_position(order)) body.set("reduceOnly", true);
        if (order.position_side != PositionSide::both) {
            bool const is_long = order.position_side == PositionSide::long_side;
            body.set("positionSide", is_long ? "LONG" : "SHORT");
        }
        return VenueDraft{.method = "POST", .path = "/api/v1/orders", .body = std::move(body)};
    }
    Result<VenueDraft> operator()(model::QueryOrder const& query) const {
        if (auto good = check_order_name(futures_rules, query.symbol, query.client_order_id); !good)
            return std::unexpected(std::move(good.error()));
        VenueDraft out{.path = "/api/v1/orders/byClientOid"};
        out.query.add("clientOid", query.client_order_id);
        return out;
    }
    Result<VenueDraft> operator()(model::CancelOrder const& cancel) const {
        if (auto good = check_order_name(futures_rules, cancel.symbol, cancel.client_order_id);
            !good)
            return std::unexpected(std::move(good.error()));
        VenueDraft out{.method = "DELETE",
                       .path = "/api/v1/orders/client-order/" + cancel.client_order_id};
        out.query.add("symbol", cancel.symbol);
        return out;
    }
    Result<VenueDraft> operator()(model::ListTrades const& list) const {
        if (auto good = check_trades(futures_rules, list); !good)
            return std::unexpected(std::move(good.error()));
        VenueDraft out{.path = "/api/v1/fills"};
        out.query.add("symbol", list.symbol);
        if (list.venue_order_id) out.query.add("orderId", *list.venue_order_id);
        if (list.start_time) out.query.add("startAt", base::to_unix_ms(*list.start_time));
        out.query.add("pageSize", std::min(list.limit, futures_rules.most_trades));
        return out;
    }
    Result<VenueDraft> operator()(model::ReadAccount const&) const {
        VenueDraft out{.path = "/api/v1/account-overview"};
        out.query.add("currency", "USDT");
        return out;
    }
    Result<VenueDraft> operator()(model::ReadPositions const& read) const {
        VenueDraft out{.path = read.symbol.empty() ? "/api/v1/positions" : "/api/v1/position"};
        if (read.symbol.empty()) {
            out.query.add("currency", "USDT");
            return out;
        }
        if (auto good = check_symbol(futures_rules, read.symbol); !good)
            return std::unexpected(std::move(good.error()));
        out.query.add("symbol", read.symbol);
        return out;
    }
    Result<VenueDraft> operator()(model::ReadPositionMode const&) const {
        return VenueDraft{.path = "/api/v2/position/getPositionMode"};
    }
    Result<VenueDraft> operator()(model::SetMarginMode const& change) const {
        if (auto good = check_symbol(futures_rules, change.symbol); !good)
            return std::unexpected(std::move(good.error()));
        bool const is_isolated = change.margin_mode == model::MarginMode::isolated;
        return VenueDraft{
            .method = "POST",
            .path = "/api/v2/position/changeMarginMode",
            .body = Json::object(
                {{"symbol", change.symbol}, {"marginMode", is_isolated ? "ISOLATED" : "CROSS"}})};
    }
    Result<VenueDraft> operator()(model::SetLeverage const&) const {
        return not_supported("An isolated position has the leverage that its orders name.");
    }
    Result<VenueDraft> operator()(model::ListenKey const& key) const { return stream_token(key); }
    template <class Other>
    Result<VenueDraft> operator()(Other const&) const {
        return not_known_to("KuCoin's perpetuals");
    }
};

}  // namespace

Result<VenueDraft> kucoin_spot_draft(model::VenueOperation const& operation) {
    return std::visit(SpotDraft{}, operation);
}

Result<VenueDraft> kucoin_futures_draft(model::VenueOperation const& operation) {
    return std::visit(FuturesDraft{}, operation);
}

}  // namespace obscura::citadel
