#include "paper/protocol/futures_request.hpp"
#include "paper/protocol/render_futures_orders.hpp"
#include "paper/rest/endpoint.hpp"
#include "paper/rest/history.hpp"

#include <array>
#include <chrono>

namespace obscura::paper {
namespace {

FuturesEngine const& futures_of(Call const& call) { return call.exchange.engine().futures(); }

FuturesAccount const& owner_of(Call const& call) {
    return futures_of(call).state().account(call.account->id);
}

Outcome<std::string> place_futures_order(Call& call) {
    auto& exchange = call.exchange;
    auto& limits = exchange.limits(Market::futures);
    auto request = read_futures_order(call.params, futures_of(call).catalogue());
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    request.order.fill_share = call.fill_share;
    auto const account = call.account->id;
    auto const within = limits.check_order(account, call.now);
    if (!within) return std::unexpected(within.error());
    auto const placed =
        exchange.change_futures([&](FuturesEngine& market, base::Timestamp now, Batch& batch) {
            return market.place(account, request.order, now, batch);
        });
    if (!placed) return std::unexpected(placed.error());
    call.order_counts = limits.count_order(account, call.now);
    return render_futures_placed(**placed, request.response, futures_of(call).catalogue());
}

Outcome<std::string> test_futures_order(Call& call) {
    auto const request = read_futures_order(call.params, futures_of(call).catalogue());
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    auto const fine = futures_of(call).check(call.account->id, request.order);
    if (!fine) return std::unexpected(fine.error());
    return "{}";
}

struct NamedOrder {
    SymbolId symbol{};
    OrderName name;
};

NamedOrder read_named_order(Call& call) {
    auto const symbol = read_symbol(call.params, futures_of(call).catalogue());
    return {symbol, read_order_name(call.params)};
}

Outcome<std::string> query_futures_order(Call& call) {
    auto const wanted = read_named_order(call);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    auto const found = futures_of(call).query(call.account->id, wanted.symbol, wanted.name);
    if (!found) return std::unexpected(found.error());
    return render_futures_order(**found, futures_of(call).catalogue());
}

Outcome<std::string> query_open_order(Call& call) {
    auto const wanted = read_named_order(call);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    auto const found = futures_of(call).query(call.account->id, wanted.symbol, wanted.name);
    if (!found || !(*found)->is_open()) return refuse(-2013, "Order does not exist.");
    return render_futures_order(**found, futures_of(call).catalogue());
}

Outcome<Order const*> cancel_one(Call& call, SymbolId symbol, OrderName const& name) {
    return call.exchange.change_futures(
        [&](FuturesEngine& market, base::Timestamp now, Batch& batch) {
            return market.cancel(call.account->id, symbol, name, now, batch);
        });
}

Outcome<std::string> cancel_futures_order(Call& call) {
    auto const wanted = read_named_order(call);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    auto const canceled = cancel_one(call, wanted.symbol, wanted.name);
    if (!canceled) return std::unexpected(canceled.error());
    return render_futures_placed(**canceled, ResponseType::result, futures_of(call).catalogue());
}

std::vector<Order const*> open_futures_orders(Call const& call, std::optional<SymbolId> symbol) {
    std::vector<Order const*> orders;
    for (auto const id : owner_of(call).open_orders) {
        auto const* order = futures_of(call).state().orders().find(id);
        if (!symbol || order->symbol == *symbol) orders.push_back(order);
    }
    return orders;
}

Outcome<std::string> list_open_orders(Call& call) {
    std::optional<SymbolId> symbol;
    if (call.params.optional_text("symbol"))
        symbol = read_symbol(call.params, futures_of(call).catalogue());
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    return render_futures_orders(open_futures_orders(call, symbol), futures_of(call).catalogue());
}

Outcome<std::string> cancel_all_open_orders(Call& call) {
    auto const symbol = read_symbol(call.params, futures_of(call).catalogue());
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    for (auto const* order : open_futures_orders(call, symbol)) {
        (void)cancel_one(call, symbol, {.id = order->id, .client_id = {}});
    }
    return R"({"code":200,"msg":"The operation of cancel all open order is done."})";
}

/// The venue looks at seven days at most: those after the start, or else the last ones.
Outcome<void> limit_range(Range& range, bool has_id, base::Timestamp now) {
    constexpr std::chrono::days longest(7);
    if (range.has_start() && range.has_end()) {
        if (range.end - range.start > longest) {
            return refuse(-4165, "Maximum time interval is 7 days");
        }
    } else if (range.has_start()) {
        range.end = range.start + longest;
    } else if (!has_id) {
        range.start = (range.has_end() ? range.end : now) - longest;
    }
    return {};
}

Outcome<std::string> all_futures_orders(Call& call) {
    auto const symbol = read_symbol(call.params, futures_of(call).catalogue());
    auto const from = call.params.optional_integer("orderId", 0, INT64_MAX);
    auto range = read_range(call.params);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    auto const fits = limit_range(range, from.has_value(), call.now);
    if (!fits) return std::unexpected(fits.error());
    auto const orders =
        select_orders(owner_of(call), futures_of(call).state().orders(), symbol, from, range);
    return render_futures_orders(orders, futures_of(call).catalogue());
}

Outcome<std::string> user_trades(Call& call) {
    auto const symbol = read_symbol(call.params, futures_of(call).catalogue());
    auto const from = call.params.optional_integer("fromId", 0, INT64_MAX);
    auto const of_order = call.params.optional_integer("orderId", 0, INT64_MAX);
    auto range = read_range(call.params);
    if (from && (range.has_start() || range.has_end())) {
        call.params.add_error(-1128, "Combination of optional parameters invalid.");
    }
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    bool const newest = !from && !range.has_start();
    auto const fits = limit_range(range, from || of_order, call.now);
    if (!fits) return std::unexpected(fits.error());
    auto const trades = select_trades(owner_of(call), futures_of(call).state().orders(), symbol,
                                      {.from = from, .order = of_order, .newest = newest}, range);
    return render_user_trades(trades, futures_of(call).catalogue());
}

std::uint64_t open_weight(Params const& params) { return params.find("symbol") ? 1 : 40; }

constexpr auto trader_signs = Security::signature;
constexpr std::array futures_trading_table{
    Endpoint{"POST", "/fapi/v1/order", trader_signs, "", weighs<0>, place_futures_order},
    Endpoint{"POST", "/fapi/v1/order/test", trader_signs, "", weighs<0>, test_futures_order},
    Endpoint{"GET", "/fapi/v1/order", trader_signs, "", weighs<1>, query_futures_order},
    Endpoint{"DELETE", "/fapi/v1/order", trader_signs, "", weighs<1>, cancel_futures_order},
    Endpoint{"GET", "/fapi/v1/openOrder", trader_signs, "", weighs<1>, query_open_order},
    Endpoint{"GET", "/fapi/v1/openOrders", trader_signs, "", open_weight, list_open_orders},
    Endpoint{"DELETE", "/fapi/v1/allOpenOrders", trader_signs, "", weighs<1>,
             cancel_all_open_orders},
    Endpoint{"GET", "/fapi/v1/allOrders", trader_signs, "", weighs<5>, all_futures_orders},
    Endpoint{"GET", "/fapi/v1/userTrades", trader_signs, "", weighs<5>, user_trades},
};

}  // namespace

std::span<Endpoint const> futures_trading_endpoints() { return futures_trading_table; }

}  // namespace obscura::paper
