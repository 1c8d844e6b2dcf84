#include "paper/protocol/order_request.hpp"
#include "paper/protocol/render_orders.hpp"
#include "paper/rest/endpoint.hpp"

#include <algorithm>
#include <array>

namespace obscura::paper {
namespace {

Outcome<std::string> place_order(Call& call) {
    auto& exchange = call.exchange;
    auto const request = read_order(call.params, exchange.catalogue());
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    auto const within = exchange.limits().check_order(call.account->id, call.now);
    if (!within) return std::unexpected(within.error());
    auto const placed = exchange.place(call.account->id, request.order);
    if (!placed) return std::unexpected(placed.error());
    call.order_counts = exchange.limits().count_order(call.account->id, call.now);
    return render_placed(**placed, request.response, exchange.catalogue());
}

Outcome<std::string> test_order(Call& call) {
    auto const request = read_order(call.params, call.exchange.catalogue());
    call.params.ignore("computeCommissionRates");
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    auto const fine = call.exchange.engine().check(call.account->id, request.order);
    if (!fine) return std::unexpected(fine.error());
    return "{}";
}

Outcome<std::string> query_order(Call& call) {
    auto const symbol = read_symbol(call.params, call.exchange.catalogue());
    auto const name = read_order_name(call.params);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    auto const found = call.exchange.engine().query(call.account->id, symbol, name);
    if (!found) return std::unexpected(found.error());
    return render_order(**found, call.exchange.catalogue());
}

Outcome<std::string> cancel_order(Call& call) {
    auto const symbol = read_symbol(call.params, call.exchange.catalogue());
    auto const name = read_order_name(call.params);
    auto own_id = read_client_id(call.params, "newClientOrderId");
    call.params.ignore("cancelRestrictions");
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    auto const canceled = call.exchange.cancel(call.account->id, symbol, name, own_id);
    if (!canceled) return std::unexpected(canceled.error());
    if (own_id.empty()) own_id = Engine::cancel_id_of((*canceled)->id);
    return render_canceled(**canceled, own_id, call.exchange.catalogue());
}

std::vector<Order const*> open_orders_of(Call const& call, std::optional<SymbolId> symbol) {
    std::vector<Order const*> orders;
    for (auto const id : call.account->open_orders) {
        auto const* order = call.exchange.state().find_order(id);
        if (!symbol || order->symbol == *symbol) orders.push_back(order);
    }
    return orders;
}

Outcome<std::string> open_orders(Call& call) {
    std::optional<SymbolId> symbol;
    if (call.params.optional_text("symbol"))
        symbol = read_symbol(call.params, call.exchange.catalogue());
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    return render_orders(open_orders_of(call, symbol), call.exchange.catalogue());
}

Outcome<std::string> cancel_open_orders(Call& call) {
    auto const symbol = read_symbol(call.params, call.exchange.catalogue());
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    auto const open = open_orders_of(call, symbol);
    if (open.empty()) return refuse(-2011, "Unknown order sent.");
    std::vector<OrderId> ids;
    for (auto const* order : open) ids.push_back(order->id);
    std::string list = "[";
    for (auto const id : ids) {
        auto const canceled =
            call.exchange.cancel(call.account->id, symbol, {.id = id, .client_id = {}}, "");
        if (!canceled) continue;
        if (list.size() > 1) list += ',';
        list += render_canceled(**canceled, Engine::cancel_id_of(id), call.exchange.catalogue());
    }
    return list + "]";
}

/// startTime, endTime and limit, as all history endpoints have them.
struct Range {
    base::Timestamp start{};
    base::Timestamp end = base::Timestamp::max();
    std::size_t limit = 0;
};

Range read_range(ParamReader& params) {
    constexpr std::int64_t most = 1000;
    constexpr std::int64_t usual = 500;
    constexpr std::int64_t latest_ms = 253'402'300'799'999;  // the year 9999
    Range range;
    if (auto const ms = params.optional_integer("startTime", 0, latest_ms))
        range.start = base::from_unix_ms(*ms);
    if (auto const ms = params.optional_integer("endTime", 0, latest_ms))
        range.end = base::from_unix_ms(*ms);
    // More than the most is cut down, as on the venue.
    auto const limit = params.optional_integer("limit", 1, INT64_MAX).value_or(usual);
    range.limit = static_cast<std::size_t>(std::min(limit, most));
    return range;
}

Outcome<std::string> all_orders(Call& call) {
    auto const symbol = read_symbol(call.params, call.exchange.catalogue());
    auto const from = call.params.optional_integer("orderId", 0, INT64_MAX);
    auto const range = read_range(call.params);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    std::vector<Order const*> orders;
    for (auto const id : call.account->orders) {
        auto const* order = call.exchange.state().find_order(id);
        if (order == nullptr || order->symbol != symbol) continue;
        if (from && id.value < static_cast<std::uint64_t>(*from)) continue;
        if (order->accepted_at < range.start || order->accepted_at > range.end) continue;
        orders.push_back(order);
        if (from && orders.size() == range.limit) break;
    }
    // Without a starting point the newest count.
    if (orders.size() > range.limit)
        orders.erase(orders.begin(), orders.end() - static_cast<long>(range.limit));
    return render_orders(orders, call.exchange.catalogue());
}

Outcome<std::string> my_trades(Call& call) {
    auto const symbol = read_symbol(call.params, call.exchange.catalogue());
    auto const from = call.params.optional_integer("fromId", 0, INT64_MAX);
    auto const of_order = call.params.optional_integer("orderId", 0, INT64_MAX);
    auto const range = read_range(call.params);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    // With a starting point the oldest from there on, else the newest.
    bool const forward = from.has_value() || range.start != base::Timestamp{};
    std::vector<TradeView> trades;
    for (auto const& ref : call.account->trades) {
        if (ref.symbol != symbol) continue;
        if (from && ref.trade.value < static_cast<std::uint64_t>(*from)) continue;
        if (of_order && ref.order.value != static_cast<std::uint64_t>(*of_order)) continue;
        auto const* order = call.exchange.state().find_order(ref.order);
        if (order == nullptr) continue;
        auto const& fill = order->fills[ref.fill];
        if (fill.time < range.start || fill.time > range.end) continue;
        trades.push_back({order, &fill});
        if (forward && trades.size() == range.limit) break;
    }
    if (trades.size() > range.limit)
        trades.erase(trades.begin(), trades.end() - static_cast<long>(range.limit));
    return render_my_trades(trades, call.exchange.catalogue());
}

std::uint64_t open_orders_weight(Params const& params) { return params.find("symbol") ? 6 : 80; }
std::uint64_t my_trades_weight(Params const& params) { return params.find("orderId") ? 5 : 20; }

constexpr auto sign = Security::signature;
constexpr std::array table{
    Endpoint{"POST", "/api/v3/order", sign, "order.place", weighs<1>, place_order},
    Endpoint{"POST", "/api/v3/order/test", sign, "order.test", weighs<1>, test_order},
    Endpoint{"GET", "/api/v3/order", sign, "order.status", weighs<4>, query_order},
    Endpoint{"DELETE", "/api/v3/order", sign, "order.cancel", weighs<1>, cancel_order},
    Endpoint{"GET", "/api/v3/openOrders", sign, "openOrders.status", open_orders_weight,
             open_orders},
    Endpoint{"DELETE", "/api/v3/openOrders", sign, "openOrders.cancelAll", weighs<1>,
             cancel_open_orders},
    Endpoint{"GET", "/api/v3/allOrders", sign, "allOrders", weighs<20>, all_orders},
    Endpoint{"GET", "/api/v3/myTrades", sign, "myTrades", my_trades_weight, my_trades},
};

}  // namespace

std::span<Endpoint const> trading_endpoints() { return table; }

}  // namespace obscura::paper
