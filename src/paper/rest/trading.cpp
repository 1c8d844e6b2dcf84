#include "paper/protocol/order_request.hpp"
#include "paper/protocol/render_orders.hpp"
#include "paper/rest/endpoint.hpp"
#include "paper/rest/history.hpp"

#include <array>

namespace obscura::paper {
namespace {

Outcome<std::string> place_order(Call& call) {
    auto& exchange = call.exchange;
    auto request = read_order(call.params, exchange.catalogue());
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    request.order.fill_share = call.fill_share;
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

Outcome<std::string> all_orders(Call& call) {
    auto const symbol = read_symbol(call.params, call.exchange.catalogue());
    auto const from = call.params.optional_integer("orderId", 0, INT64_MAX);
    auto const range = read_range(call.params);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    auto const orders =
        select_orders(*call.account, call.exchange.state().orders(), symbol, from, range);
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
    bool const newest = !from && !range.has_start();
    auto const trades = select_trades(*call.account, call.exchange.state().orders(), symbol,
                                      {.from = from, .order = of_order, .newest = newest}, range);
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
