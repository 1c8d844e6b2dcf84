#include "citadel/htx_operations.hpp"

#include "citadel/operation_rules.hpp"

#include <algorithm>

namespace obscura::citadel {
namespace {

using base::Json;
using base::Result;
using model::Market;

constexpr OperationRules spot_rules{
    .symbol = {.min = 4, .max = 24, .lower = true, .says = "Must be written like btcusdt."},
    .client_order_id = {.upper = true,
                        .lower = true,
                        .also = "-_",
                        .says = "Must be 1 to 32 of A-Z, a-z, 0-9, - and _."},
    .most_trades = 500};
/// A JSON number: 18 digits are below every limit that could be meant.
constexpr OperationRules swap_rules{
    .symbol = {.min = 6,
               .upper = true,
               .suffix = "-USDT",
               .says = "Must be written like BTC-USDT."},
    .client_order_id = {.max = 18, .says = "Must be a number of 1 to 18 digits."},
    .whole_contracts = true};

/// An order that nothing ends could be found missing and come to life later.
std::unexpected<base::Error> no_expiry(std::string detail) {
    return base::fail(base::Errc::invalid_argument, "no_expiry", std::move(detail));
}

/// A swap's order, by its names: the id goes into JSON without quotes.
Result<void> check_swap_order_name(std::string_view symbol, std::string_view id) {
    if (auto good = check_order_name(swap_rules, symbol, id); !good) return good;
    if (id.starts_with('0')) return not_allowed("client_order_id", "Must not begin with 0.");
    return {};
}

struct SpotDraft {
    /// Twice sold is sold twice: on spot nothing only reduces.
    Result<VenueDraft> operator()(model::PlaceOrder const& order) const {
        if (auto good = check_order(spot_rules, Market::spot, order); !good)
            return std::unexpected(std::move(good.error()));
        return no_expiry("The venue holds no order to an end: none is signed on spot.");
    }
    Result<VenueDraft> operator()(model::QueryOrder const& query) const {
        if (auto good = check_order_name(spot_rules, query.symbol, query.client_order_id); !good)
            return std::unexpected(std::move(good.error()));
        VenueDraft out{.path = "/v1/order/orders/getClientOrder"};
        out.query.add("clientOrderId", query.client_order_id);
        return out;
    }
    Result<VenueDraft> operator()(model::CancelOrder const& cancel) const {
        if (auto good = check_order_name(spot_rules, cancel.symbol, cancel.client_order_id); !good)
            return std::unexpected(std::move(good.error()));
        return VenueDraft{.method = "POST",
                          .path = "/v1/order/orders/submitCancelClientOrder",
                          .body = Json::object({{"client-order-id", cancel.client_order_id}})};
    }
    Result<VenueDraft> operator()(model::ListTrades const& list) const {
        if (auto good = check_trades(spot_rules, list); !good)
            return std::unexpected(std::move(good.error()));
        if (list.venue_order_id) {
            return VenueDraft{.path = "/v1/order/orders/" + *list.venue_order_id + "/matchresults"};
        }
        VenueDraft out{.path = "/v1/order/matchresults"};
        out.query.add("size", std::min(list.limit, spot_rules.most_trades));
        if (list.start_time) out.query.add("start-time", base::to_unix_ms(*list.start_time));
        out.query.add("symbol", list.symbol);
        return out;
    }
    /// Which accounts there are. Their balances are asked for by their numbers, which a credential
    /// does not have.
    Result<VenueDraft> operator()(model::ReadAccount const&) const {
        return VenueDraft{.path = "/v1/account/accounts"};
    }
    template <class Other>
    Result<VenueDraft> operator()(Other const&) const {
        return not_known_to("HTX's spot markets");
    }
};

struct FuturesDraft {
    Result<VenueDraft> operator()(model::PlaceOrder const& order) const {
        if (auto good = check_order(swap_rules, Market::futures, order); !good)
            return std::unexpected(std::move(good.error()));
        if (auto good = check_swap_order_name(order.symbol, order.client_order_id); !good)
            return std::unexpected(std::move(good.error()));
        if (!order.reduce_only && !closes_position(order))
            return no_expiry("The venue holds no order to an end: only closing is signed.");
        bool const is_limit = order.type == model::OrderType::limit;
        auto body = Json::object({{"contract_code", order.symbol},
                                  {"volume", order.quantity},
                                  {"margin_mode", "isolated"},
                                  {"side", to_string(order.side)}});
        if (is_limit) body.set("time_in_force", lower_time_in_force(order.time_in_force));
        body.set("client_order_id", Json::Number{order.client_order_id});
        if (is_limit) body.set("price", *order.limit_price);
        if (order.reduce_only) body.set("reduce_only", 1);
        if (order.position_side != model::PositionSide::both)
            body.set("position_side", to_string(order.position_side));
        body.set("type", is_limit ? "limit" : "market");
        return VenueDraft{.method = "POST", .path = "/v5/trade/order", .body = std::move(body)};
    }
    Result<VenueDraft> operator()(model::QueryOrder const& query) const {
        if (auto good = check_swap_order_name(query.symbol, query.client_order_id); !good)
            return std::unexpected(std::move(good.error()));
        VenueDraft out{.path = "/v5/trade/order"};
        out.query.add("client_order_id", query.client_order_id);
        out.query.add("contract_code", query.symbol);
        return out;
    }
    Result<VenueDraft> operator()(model::CancelOrder const& cancel) const {
        if (auto good = check_swap_order_name(cancel.symbol, cancel.client_order_id); !good)
            return std::unexpected(std::move(good.error()));
        return VenueDraft{
            .method = "POST",
            .path = "/v5/trade/cancel_order",
            .body = Json::object({{"client_order_id", Json::Number{cancel.client_order_id}},
                                  {"contract_code", cancel.symbol}})};
    }
    Result<VenueDraft> operator()(model::ListTrades const& list) const {
        if (auto good = check_trades(swap_rules, list); !good)
            return std::unexpected(std::move(good.error()));
        if (list.venue_order_id)
            return not_allowed("venue_order_id", "The venue tells trades by time.");
        VenueDraft out{.path = "/v5/trade/order/details"};
        out.query.add("contract_code", list.symbol);
        out.query.add("limit", std::min(list.limit, swap_rules.most_trades));
        if (list.start_time) out.query.add("start_time", base::to_unix_ms(*list.start_time));
        return out;
    }
    Result<VenueDraft> operator()(model::ReadAccount const&) const {
        return VenueDraft{.path = "/v5/account/balance"};
    }
    Result<VenueDraft> operator()(model::ReadPositions const& read) const {
        VenueDraft out{.path = "/v5/trade/position/opens"};
        if (read.symbol.empty()) return out;
        if (auto good = check_symbol(swap_rules, read.symbol); !good)
            return std::unexpected(std::move(good.error()));
        out.query.add("contract_code", read.symbol);
        return out;
    }
    Result<VenueDraft> operator()(model::ReadPositionMode const&) const {
        return VenueDraft{.path = "/v5/position/mode"};
    }
    Result<VenueDraft> operator()(model::SetLeverage const& change) const {
        if (auto good = check_leverage(swap_rules, change); !good)
            return std::unexpected(std::move(good.error()));
        return VenueDraft{.method = "POST",
                          .path = "/v5/position/lever",
                          .body = Json::object({{"contract_code", change.symbol},
                                                {"margin_mode", "isolated"},
                                                {"lever_rate", change.leverage}})};
    }
    Result<VenueDraft> operator()(model::SetMarginMode const&) const {
        return not_supported("Each order names its margin mode: they are signed as isolated.");
    }
    template <class Other>
    Result<VenueDraft> operator()(Other const&) const {
        return not_known_to("HTX's perpetuals");
    }
};

}  // namespace

Result<VenueDraft> htx_spot_draft(model::VenueOperation const& operation) {
    return std::visit(SpotDraft{}, operation);
}
Result<VenueDraft> htx_futures_draft(model::VenueOperation const& operation) {
    return std::visit(FuturesDraft{}, operation);
}

}  // namespace obscura::citadel
