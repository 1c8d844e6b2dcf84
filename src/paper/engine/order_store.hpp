#pragma once

#include "paper/engine/book.hpp"

#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace obscura::paper {

/// Where to find one of an account's fills.
struct TradeRef {
    OrderId order{};
    std::size_t fill = 0;
    SymbolId symbol{};
    TradeId trade{};
};

/// One account's orders in one market.
struct AccountOrders {
    std::deque<OrderId> orders;   ///< ascending
    std::deque<TradeRef> trades;  ///< ascending trade ids within a symbol
    std::set<OrderId> open_orders;
    std::unordered_map<std::string, OrderId> latest_by_client_id;  ///< key: `client_key`
};

/// Client ids live per symbol.
[[nodiscard]] std::string client_key(SymbolId symbol, std::string_view client_id);

/// A symbol's resting orders of one side, by limit.
using RestingOrders = std::set<std::pair<base::Price, OrderId>>;

/// Those of `resting` that `book` trades with, best limit first.
[[nodiscard]] std::vector<OrderId> crossed_orders(RestingOrders const& resting, Book const& book,
                                                  Side side);

/// The orders of one market: open ones by limit, closed ones until there are too many. Knows
/// nothing of money. Accounts keep their own indices, which every change is given.
class OrderStore {
public:
    OrderStore(std::size_t symbols, std::size_t max_closed)
        : resting_(symbols), max_closed_(max_closed) {}

    [[nodiscard]] Order const* find(OrderId id) const;
    [[nodiscard]] Order const* find(AccountOrders const& owner, SymbolId symbol,
                                    std::string_view client_id) const;
    /// Throws std::logic_error when there is none: facts name orders that exist.
    [[nodiscard]] Order& at(OrderId id);
    [[nodiscard]] RestingOrders const& resting(SymbolId symbol, Side side) const {
        auto const& both = resting_[symbol.value];
        return side == Side::buy ? both.first : both.second;
    }
    [[nodiscard]] std::size_t size() const { return orders_.size(); }
    [[nodiscard]] std::deque<OrderId> const& closed() const { return closed_; }
    [[nodiscard]] OrderId next_id() const { return next_id_; }
    [[nodiscard]] std::uint64_t evicted() const { return evicted_; }

    /// Takes an order as an open one; one that is restored may bring fills.
    Order& insert(AccountOrders& owner, Order order);
    /// Adds to what is executed; a whole order is `filled`, and then has to leave.
    void add_fill(AccountOrders& owner, Order& order, Fill const& fill);
    void leave_open(AccountOrders& owner, Order const& order);
    /// The closed order that has to be forgotten, or nullptr.
    [[nodiscard]] Order const* overdue() const {
        return closed_.size() > max_closed_ ? find(closed_.front()) : nullptr;
    }
    void forget_overdue(AccountOrders& owner);
    void restore_counters(OrderId next_id, std::uint64_t evicted) {
        next_id_ = next_id;
        evicted_ = evicted;
    }

private:
    [[nodiscard]] RestingOrders& side_of(Order const& order) {
        auto& both = resting_[order.symbol.value];
        return order.side == Side::buy ? both.first : both.second;
    }

    std::unordered_map<OrderId, Order> orders_;
    std::deque<OrderId> closed_;                                    ///< oldest first
    std::vector<std::pair<RestingOrders, RestingOrders>> resting_;  ///< buys, sells by SymbolId
    std::size_t max_closed_;
    OrderId next_id_{1};
    std::uint64_t evicted_ = 0;
};

/// The last fact of a snapshot, which names orders as they closed, puts them in order again.
void sort_orders(AccountOrders& owner);

}  // namespace obscura::paper
