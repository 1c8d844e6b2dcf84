#include "paper/engine/order_store.hpp"

#include <algorithm>
#include <stdexcept>

namespace obscura::paper {

std::string client_key(SymbolId symbol, std::string_view client_id) {
    std::string key = std::to_string(symbol.value);
    key += ':';
    key += client_id;
    return key;
}

std::vector<OrderId> crossed_orders(RestingOrders const& resting, Book const& book, Side side) {
    std::vector<OrderId> crossed;
    auto const keep = [&](auto const& entry) {
        if (!book.crosses(side, entry.first)) return false;
        crossed.push_back(entry.second);
        return true;
    };
    if (side == Side::buy) {
        for (auto it = resting.rbegin(); it != resting.rend() && keep(*it); ++it) {
        }
    } else {
        for (auto it = resting.begin(); it != resting.end() && keep(*it); ++it) {
        }
    }
    return crossed;
}

void sort_orders(AccountOrders& owner) {
    std::ranges::sort(owner.orders);
    std::ranges::sort(owner.trades, {}, &TradeRef::trade);
}

Order const* OrderStore::find(OrderId id) const {
    auto const found = orders_.find(id);
    return found == orders_.end() ? nullptr : &found->second;
}

Order const* OrderStore::find(AccountOrders const& owner, SymbolId symbol,
                              std::string_view client_id) const {
    auto const found = owner.latest_by_client_id.find(client_key(symbol, client_id));
    return found == owner.latest_by_client_id.end() ? nullptr : find(found->second);
}

Order& OrderStore::at(OrderId id) {
    auto const found = orders_.find(id);
    if (found == orders_.end()) throw std::logic_error("fact names no order");
    return found->second;
}

Order& OrderStore::insert(AccountOrders& owner, Order order) {
    next_id_ = std::max(next_id_, OrderId(order.id.value + 1));
    owner.orders.push_back(order.id);
    owner.open_orders.insert(order.id);
    owner.latest_by_client_id.insert_or_assign(client_key(order.symbol, order.client_id), order.id);
    for (std::size_t i = 0; i < order.fills.size(); ++i) {
        owner.trades.push_back(
            {.order = order.id, .fill = i, .symbol = order.symbol, .trade = order.fills[i].trade});
    }
    if (order.kind != OrderKind::market) side_of(order).emplace(order.price, order.id);
    auto const id = order.id;
    return orders_.insert_or_assign(id, std::move(order)).first->second;
}

void OrderStore::add_fill(AccountOrders& owner, Order& order, Fill const& fill) {
    order.executed += fill.quantity;
    order.executed_quote += notional(fill.price, fill.quantity, base::Rounding::toward_zero);
    order.updated_at = fill.time;
    order.fills.push_back(fill);
    owner.trades.push_back({.order = order.id,
                            .fill = order.fills.size() - 1,
                            .symbol = order.symbol,
                            .trade = fill.trade});
    order.status =
        order.executed == order.quantity ? OrderStatus::filled : OrderStatus::partially_filled;
}

void OrderStore::leave_open(AccountOrders& owner, Order const& order) {
    owner.open_orders.erase(order.id);
    if (order.kind != OrderKind::market) side_of(order).erase({order.price, order.id});
    closed_.push_back(order.id);
}

void OrderStore::forget_overdue(AccountOrders& owner) {
    auto const id = closed_.front();
    closed_.pop_front();
    auto const& old = at(id);
    auto const named = owner.latest_by_client_id.find(client_key(old.symbol, old.client_id));
    if (named != owner.latest_by_client_id.end() && named->second == id) {
        owner.latest_by_client_id.erase(named);
    }
    // Both searches start at the old end, where what leaves stands but for a few open orders.
    if (auto const found = std::ranges::find(owner.orders, id); found != owner.orders.end()) {
        owner.orders.erase(found);
    }
    for (std::size_t left = old.fills.size(); left > 0; --left) {
        auto const found = std::ranges::find(owner.trades, id, &TradeRef::order);
        if (found != owner.trades.end()) owner.trades.erase(found);
    }
    orders_.erase(id);
    ++evicted_;
}

}  // namespace obscura::paper
