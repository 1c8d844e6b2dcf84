// www.gate.io/docs/developers/apiv4/en: /spot and /futures/usdt. Both name orders by their `text`,
// which begins with "t-", in paths too: the dots that the venue allows are left out.
#include "citadel/gate_operations.hpp"

#include "citadel/operation_rules.hpp"

#include <algorithm>

namespace obscura::citadel {
namespace {

using base::Json;
using base::Result;
using model::Market;
using model::PositionSide;

constexpr OperationRules spot_rules{
    .symbol = {.min = 3, .upper = true, .between = '_', .says = "Must be written like BTC_USDT."},
    .client_order_id = {.min = 3,
                        .max = 30,
                        .upper = true,
                        .lower = true,
                        .also = "-_",
                        .prefix = "t-",
                        .says = "Must be t- and 1 to 28 of A-Z, a-z, 0-9, - and _."},
    .most_trades = 1000};
constexpr OperationRules futures_rules{
    .symbol = {.min = 6, .upper = true, .suffix = "_USDT", .says = "Must be like BTC_USDT."},
    .client_order_id = spot_rules.client_order_id,
    .most_trades = 1000,
    .whole_contracts = true};

std::int64_t seconds_of(base::Timestamp time) { return base::to_unix_ms(time) / 1000; }

struct SpotDraft {
    Result<VenueDraft> operator()(model::PlaceOrder const& order) const {
        if (auto good = check_order(spot_rules, Market::spot, order); !good)
            return std::unexpected(std::move(good.error()));
        bool const is_limit = order.type == model::OrderType::limit;
        if (!is_limit && order.side == model::Side::buy)
            return not_supported("A market purchase says what it spends: send a limit order.");
        auto body = Json::object({{"text", order.client_order_id},
                                  {"currency_pair", order.symbol},
                                  {"type", is_limit ? "limit" : "market"},
                                  {"account", "spot"},
                                  {"side", to_string(order.side)},
                                  {"amount", order.quantity}});
        if (is_limit) body.set("price", *order.limit_price);
        // Market orders never stand; the venue wants to hear it.
        body.set("time_in_force", is_limit ? lower_time_in_force(order.time_in_force) : "ioc");
        return VenueDraft{.method = "POST", .path = "/api/v4/spot/orders", .body = std::move(body)};
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
        VenueDraft out{.path = "/api/v4/spot/my_trades"};
        out.query.add("currency_pair", list.symbol);
        if (list.start_time) out.query.add("from", seconds_of(*list.start_time));
        out.query.add("limit", std::min(list.limit, spot_rules.most_trades));
        if (list.venue_order_id) out.query.add("order_id", *list.venue_order_id);
        return out;
    }
    Result<VenueDraft> operator()(model::ReadAccount const&) const {
        return VenueDraft{.path = "/api/v4/spot/accounts"};
    }
    template <class Other>
    Result<VenueDraft> operator()(Other const&) const {
        return not_known_to("Gate's spot markets");
    }

    static Result<VenueDraft> named(std::string_view method, std::string const& symbol,
                                    std::string const& client_order_id) {
        if (auto good = check_order_name(spot_rules, symbol, client_order_id); !good)
            return std::unexpected(std::move(good.error()));
        VenueDraft out{.method = method, .path = "/api/v4/spot/orders/" + client_order_id};
        out.query.add("currency_pair", symbol);
        return out;
    }
};

struct FuturesDraft {
    Result<VenueDraft> operator()(model::PlaceOrder const& order) const {
        if (auto good = check_order(futures_rules, Market::futures, order); !good)
            return std::unexpected(std::move(good.error()));
        bool const is_limit = order.type == model::OrderType::limit;
        // The sign of the size is the side. In hedge mode the position that is traded follows from
        // the side and from whether the order may only reduce.
        auto const size = (order.side == model::Side::sell ? "-" : "") + order.quantity.to_string();
        auto body = Json::object({{"contract", order.symbol}, {"size", Json::Number{size}}});
        if (is_limit)
            body.set("price", *order.limit_price);
        else
            body.set("price", "0");
        body.set("tif", is_limit ? lower_time_in_force(order.time_in_force) : "ioc");
        body.set("text", order.client_order_id);
        if (order.reduce_only || closes_position(order)) body.set("reduce_only", true);
        return VenueDraft{
            .method = "POST", .path = "/api/v4/futures/usdt/orders", .body = std::move(body)};
    }
    Result<VenueDraft> operator()(model::QueryOrder const& query) const {
        return named("GET", query.symbol, query.client_order_id);
    }
    Result<VenueDraft> operator()(model::CancelOrder const& cancel) const {
        return named("DELETE", cancel.symbol, cancel.client_order_id);
    }
    Result<VenueDraft> operator()(model::ListTrades const& list) const {
        if (auto good = check_trades(futures_rules, list); !good)
            return std::unexpected(std::move(good.error()));
        if (list.start_time && list.venue_order_id)
            return not_allowed("start_time_ms", "The venue takes it without venue_order_id.");
        VenueDraft out{.path = list.start_time ? "/api/v4/futures/usdt/my_trades_timerange"
                                               : "/api/v4/futures/usdt/my_trades"};
        out.query.add("contract", list.symbol);
        if (list.start_time) out.query.add("from", seconds_of(*list.start_time));
        out.query.add("limit", std::min(list.limit, futures_rules.most_trades));
        if (list.venue_order_id) out.query.add("order", *list.venue_order_id);
        return out;
    }
    Result<VenueDraft> operator()(model::ReadAccount const&) const { return account(); }
    /// The account says `in_dual_mode`.
    Result<VenueDraft> operator()(model::ReadPositionMode const&) const { return account(); }
    Result<VenueDraft> operator()(model::ReadPositions const& read) const {
        VenueDraft out{.path = "/api/v4/futures/usdt/positions"};
        if (read.symbol.empty()) {
            out.query.add("holding", "true");
            return out;
        }
        if (auto good = check_symbol(futures_rules, read.symbol); !good)
            return std::unexpected(std::move(good.error()));
        out.path += '/' + read.symbol;
        return out;
    }
    /// Any leverage but 0 makes the position an isolated one.
    Result<VenueDraft> operator()(model::SetLeverage const& change) const {
        if (auto good = check_leverage(futures_rules, change); !good)
            return std::unexpected(std::move(good.error()));
        VenueDraft out{.method = "POST",
                       .path = "/api/v4/futures/usdt/positions/" + change.symbol + "/leverage"};
        out.query.add("leverage", change.leverage);
        return out;
    }
    Result<VenueDraft> operator()(model::SetMarginMode const&) const {
        return not_supported("The leverage says it: one that is set isolates the position.");
    }
    template <class Other>
    Result<VenueDraft> operator()(Other const&) const {
        return not_known_to("Gate's perpetuals");
    }

    static Result<VenueDraft> account() {
        return VenueDraft{.path = "/api/v4/futures/usdt/accounts"};
    }
    static Result<VenueDraft> named(std::string_view method, std::string const& symbol,
                                    std::string const& client_order_id) {
        if (auto good = check_order_name(futures_rules, symbol, client_order_id); !good)
            return std::unexpected(std::move(good.error()));
        return VenueDraft{.method = method,
                          .path = "/api/v4/futures/usdt/orders/" + client_order_id};
    }
};

}  // namespace

Result<VenueDraft> gate_spot_draft(model::VenueOperation const& operation) {
    return std::visit(SpotDraft{}, operation);
}

Result<VenueDraft> gate_futures_draft(model::VenueOperation const& operation) {
    return std::visit(FuturesDraft{}, operation);
}

}  // namespace obscura::citadel
