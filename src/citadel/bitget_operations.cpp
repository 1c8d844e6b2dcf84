// www.bitget.com/api-doc: /api/v2/spot and /api/v2/mix. Queries are sorted by name, as the
// signature wants them.
#include "citadel/bitget_operations.hpp"

#include "citadel/operation_rules.hpp"

#include <algorithm>

namespace obscura::citadel {
namespace {

using base::Json;
using base::Result;
using model::Market;
using model::PositionSide;

constexpr OperationRules rules{
    .symbol = {.min = 2, .max = 24, .upper = true, .says = "Must be 2 to 24 of A-Z and 0-9."},
    .client_order_id = {.upper = true,
                        .lower = true,
                        .also = "-_",
                        .says = "Must be 1 to 32 of A-Z, a-z, 0-9, - and _."}};
constexpr std::string_view product = "USDT-FUTURES";
constexpr std::string_view margin_coin = "USDT";

void add_size(Json& body, model::PlaceOrder const& order) {
    bool const is_limit = order.type == model::OrderType::limit;
    body.set("orderType", is_limit ? "limit" : "market");
    if (is_limit) {
        body.set("force", lower_time_in_force(order.time_in_force));
        body.set("price", *order.limit_price);
    }
    body.set("size", order.quantity);
    body.set("clientOid", order.client_order_id);
}

struct SpotDraft {
    RequestWindow window;

    Result<VenueDraft> operator()(model::PlaceOrder const& order) const {
        if (auto good = check_order(rules, Market::spot, order); !good)
            return std::unexpected(std::move(good.error()));
        if (order.type == model::OrderType::market && order.side == model::Side::buy)
            return not_supported("A market purchase says what it spends: send a limit order.");
        auto body = Json::object({{"symbol", order.symbol}, {"side", to_string(order.side)}});
        add_size(body, order);
        body.set("requestTime", std::to_string(window.timestamp_ms));
        body.set("receiveWindow", std::to_string(window.receive_ms));
        return VenueDraft{
            .method = "POST", .path = "/api/v2/spot/trade/place-order", .body = std::move(body)};
    }
    Result<VenueDraft> operator()(model::QueryOrder const& query) const {
        if (auto good = check_order_name(rules, query.symbol, query.client_order_id); !good)
            return std::unexpected(std::move(good.error()));
        VenueDraft out{.path = "/api/v2/spot/trade/orderInfo"};
        out.query.add("clientOid", query.client_order_id);
        return out;
    }
    Result<VenueDraft> operator()(model::CancelOrder const& cancel) const {
        if (auto good = check_order_name(rules, cancel.symbol, cancel.client_order_id); !good)
            return std::unexpected(std::move(good.error()));
        return VenueDraft{.method = "POST",
                          .path = "/api/v2/spot/trade/cancel-order",
                          .body = Json::object(
                              {{"symbol", cancel.symbol}, {"clientOid", cancel.client_order_id}})};
    }
    Result<VenueDraft> operator()(model::ListTrades const& list) const {
        if (auto good = check_trades(rules, list); !good)
            return std::unexpected(std::move(good.error()));
        VenueDraft out{.path = "/api/v2/spot/trade/fills"};
        out.query.add("limit", std::min(list.limit, rules.most_trades));
        if (list.venue_order_id) out.query.add("orderId", *list.venue_order_id);
        if (list.start_time) out.query.add("startTime", base::to_unix_ms(*list.start_time));
        out.query.add("symbol", list.symbol);
        return out;
    }
    Result<VenueDraft> operator()(model::ReadAccount const&) const {
        return VenueDraft{.path = "/api/v2/spot/account/assets"};
    }
    template <class Other>
    Result<VenueDraft> operator()(Other const&) const {
        return not_known_to("Bitget's spot markets");
    }
};

struct FuturesDraft {
    Result<VenueDraft> operator()(model::PlaceOrder const& order) const {
        if (auto good = check_order(rules, Market::futures, order); !good)
            return std::unexpected(std::move(good.error()));
        auto body = of_contract(order.symbol);
        body.set("marginMode", "isolated");
        if (order.position_side == PositionSide::both) {
            body.set("side", to_string(order.side));
            if (order.reduce_only) body.set("reduceOnly", "YES");
        } else {
            // In hedge mode the side is that of the position, and this what is done with it.
            body.set("side", order.position_side == PositionSide::long_side ? "buy" : "sell");
            body.set("tradeSide", closes_position(order) ? "close" : "open");
        }
        add_size(body, order);
        return VenueDraft{
            .method = "POST", .path = "/api/v2/mix/order/place-order", .body = std::move(body)};
    }
    Result<VenueDraft> operator()(model::QueryOrder const& query) const {
        if (auto good = check_order_name(rules, query.symbol, query.client_order_id); !good)
            return std::unexpected(std::move(good.error()));
        VenueDraft out{.path = "/api/v2/mix/order/detail"};
        out.query.add("clientOid", query.client_order_id);
        out.query.add("productType", product);
        out.query.add("symbol", query.symbol);
        return out;
    }
    Result<VenueDraft> operator()(model::CancelOrder const& cancel) const {
        if (auto good = check_order_name(rules, cancel.symbol, cancel.client_order_id); !good)
            return std::unexpected(std::move(good.error()));
        auto body = of_contract(cancel.symbol);
        body.set("clientOid", cancel.client_order_id);
        return VenueDraft{
            .method = "POST", .path = "/api/v2/mix/order/cancel-order", .body = std::move(body)};
    }
    Result<VenueDraft> operator()(model::ListTrades const& list) const {
        if (auto good = check_trades(rules, list); !good)
            return std::unexpected(std::move(good.error()));
        VenueDraft out{.path = "/api/v2/mix/order/fills"};
        out.query.add("limit", std::min(list.limit, rules.most_trades));
        if (list.venue_order_id) out.query.add("orderId", *list.venue_order_id);
        out.query.add("productType", product);
        if (list.start_time) out.query.add("startTime", base::to_unix_ms(*list.start_time));
        out.query.add("symbol", list.symbol);
        return out;
    }
    Result<VenueDraft> operator()(model::ReadAccount const&) const {
        VenueDraft out{.path = "/api/v2/mix/account/accounts"};
        out.query.add("productType", product);
        return out;
    }
    Result<VenueDraft> operator()(model::ReadPositions const& read) const {
        if (!read.symbol.empty()) {
            if (auto good = check_symbol(rules, read.symbol); !good)
                return std::unexpected(std::move(good.error()));
        }
        VenueDraft out{.path = read.symbol.empty() ? "/api/v2/mix/position/all-position"
                                                   : "/api/v2/mix/position/single-position"};
        out.query.add("marginCoin", margin_coin);
        out.query.add("productType", product);
        if (!read.symbol.empty()) out.query.add("symbol", read.symbol);
        return out;
    }
    /// All symbols share the mode, and the venue wants one named.
    Result<VenueDraft> operator()(model::ReadPositionMode const&) const {
        VenueDraft out{.path = "/api/v2/mix/account/account"};
        out.query.add("marginCoin", margin_coin);
        out.query.add("productType", product);
        out.query.add("symbol", "BTCUSDT");
        return out;
    }
    Result<VenueDraft> operator()(model::SetLeverage const& change) const {
        if (auto good = check_leverage(rules, change); !good)
            return std::unexpected(std::move(good.error()));
        auto body = of_contract(change.symbol);
        body.set("leverage", std::to_string(change.leverage));
        return VenueDraft{
            .method = "POST", .path = "/api/v2/mix/account/set-leverage", .body = std::move(body)};
    }
    Result<VenueDraft> operator()(model::SetMarginMode const& change) const {
        if (auto good = check_symbol(rules, change.symbol); !good)
            return std::unexpected(std::move(good.error()));
        auto body = of_contract(change.symbol);
        body.set("marginMode",
                 change.margin_mode == model::MarginMode::isolated ? "isolated" : "crossed");
        return VenueDraft{.method = "POST",
                          .path = "/api/v2/mix/account/set-margin-mode",
                          .body = std::move(body)};
    }
    template <class Other>
    Result<VenueDraft> operator()(Other const&) const {
        return not_known_to("Bitget's perpetuals");
    }

    static Json of_contract(std::string const& symbol) {
        return Json::object(
            {{"symbol", symbol}, {"productType", product}, {"marginCoin", margin_coin}});
    }
};

}  // namespace

Result<VenueDraft> bitget_spot_draft(model::VenueOperation const& operation, RequestWindow window) {
    return std::visit(SpotDraft{window}, operation);
}

Result<VenueDraft> bitget_futures_draft(model::VenueOperation const& operation) {
    return std::visit(FuturesDraft{}, operation);
}

}  // namespace obscura::citadel
