#pragma once

#include "paper/protocol/params.hpp"
#include "paper/protocol/render_orders.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace obscura::paper {

/// startTime, endTime and limit, as all history endpoints have them.
struct Range {
    base::Timestamp start{};
    base::Timestamp end = base::Timestamp::max();
    std::size_t limit = 0;
    [[nodiscard]] bool has_start() const { return start != base::Timestamp{}; }
    [[nodiscard]] bool has_end() const { return end != base::Timestamp::max(); }
};
/// `usual`: the limit when none is sent; at most 1000.
[[nodiscard]] Range read_range(ParamReader& params, std::int64_t usual = 500);

/// Where a list of trades begins, and whose they are.
struct TradeSelection {
    std::optional<std::int64_t> from;   ///< trade id
    std::optional<std::int64_t> order;  ///< order id
    bool newest = false;                ///< those count when there are too many, else the oldest
};
/// Oldest first.
[[nodiscard]] std::vector<TradeView> select_trades(AccountOrders const& owner,
                                                   OrderStore const& orders, SymbolId symbol,
                                                   TradeSelection const& wanted,
                                                   Range const& range);
/// The same of orders; `from` is an order id.
[[nodiscard]] std::vector<Order const*> select_orders(AccountOrders const& owner,
                                                      OrderStore const& orders, SymbolId symbol,
                                                      std::optional<std::int64_t> from,
                                                      Range const& range);

}  // namespace obscura::paper
