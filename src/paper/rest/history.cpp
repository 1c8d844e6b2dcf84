#include "paper/rest/history.hpp"

#include <algorithm>

namespace obscura::paper {
namespace {

/// Without a starting point the newest count.
template <class T>
void keep_newest(std::vector<T>& list, std::size_t limit) {
    if (list.size() > limit) list.erase(list.begin(), list.end() - static_cast<long>(limit));
}

}  // namespace

Range read_range(ParamReader& params, std::int64_t usual) {
    constexpr std::int64_t most = 1000;
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

std::vector<Order const*> select_orders(AccountOrders const& owner, OrderStore const& orders,
                                        SymbolId symbol, std::optional<std::int64_t> from,
                                        Range const& range) {
    std::vector<Order const*> selected;
    for (auto const id : owner.orders) {
        auto const* order = orders.find(id);
        if (order == nullptr || order->symbol != symbol) continue;
        if (from && id.value < static_cast<std::uint64_t>(*from)) continue;
        if (order->accepted_at < range.start || order->accepted_at > range.end) continue;
        selected.push_back(order);
        if (from && selected.size() == range.limit) break;
    }
    keep_newest(selected, range.limit);
    return selected;
}

std::vector<TradeView> select_trades(AccountOrders const& owner, OrderStore const& orders,
                                     SymbolId symbol, TradeSelection const& wanted,
                                     Range const& range) {
    std::vector<TradeView> trades;
    for (auto const& ref : owner.trades) {
        if (ref.symbol != symbol) continue;
        if (wanted.from && ref.trade.value < static_cast<std::uint64_t>(*wanted.from)) continue;
        if (wanted.order && ref.order.value != static_cast<std::uint64_t>(*wanted.order)) continue;
        auto const* order = orders.find(ref.order);
        if (order == nullptr) continue;
        auto const& fill = order->fills[ref.fill];
        if (fill.time < range.start || fill.time > range.end) continue;
        trades.push_back({order, &fill});
        if (!wanted.newest && trades.size() == range.limit) break;
    }
    keep_newest(trades, range.limit);
    return trades;
}

}  // namespace obscura::paper
