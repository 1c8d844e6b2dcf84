#include "app/tour_judge.hpp"

#include "app/demo.hpp"

#include <algorithm>
#include <iterator>
#include <set>

namespace obscura::app {
namespace {

using base::Quantity;

constexpr auto leader_trades = 2'500;  // USDT

Quantity lots_for(base::Money size, base::Price price, Quantity lot) {
    return to_step(quantity_for(size, price, base::Rounding::floor), lot, base::Rounding::floor);
}

Quantity size_of(TourLeg const& leg, int follower) {
    return leg.sizes.at(static_cast<std::size_t>(follower));
}

void check_order(LedgerOrder const& order, TourLeg const& leg, int follower) {
    auto const size = size_of(leg, follower);
    if (order.side != leg.side || order.executed != size)
        throw ApiFailure(order.account + ": " + order.side + " " + order.executed.to_string() +
                         ", not " + leg.side + " " + size.to_string());
    if (order.reduce_only != leg.reduce_only)
        throw ApiFailure(order.account + (leg.reduce_only ? ": a close is not reduce-only"
                                                          : ": an open is reduce-only"));
}

void check_position(Quantity held, TourLeg const& last, int follower) {
    auto const size = size_of(last, follower);
    auto expected = last.side == "BUY" ? size : Quantity{} - size;
    if (last.reduce_only) expected = {};
    if (held != expected)
        throw ApiFailure(demo::follower_label(follower) + " holds " + held.to_string() + ", not " +
                         expected.to_string());
}

}  // namespace

Quantity tour_size(int follower, base::Price price, Quantity lot) {
    auto const tenth = base::Decimal::from_scaled(demo::follower_investment_usd(follower), 1);
    return lots_for(base::Money{tenth}, price, lot);
}

std::vector<Quantity> tour_sizes(base::Price price, Quantity lot) {
    std::vector<Quantity> sizes;
    sizes.reserve(demo::followers);
    for (int i = 0; i < demo::followers; ++i) sizes.push_back(tour_size(i, price, lot));
    return sizes;
}

Quantity tour_leader_size(base::Price price, Quantity lot) {
    return lots_for(base::Money(leader_trades), price, lot);
}

std::vector<LedgerOrder> orders_of(VenueLedger const& ledger, std::string const& account,
                                   std::string const& symbol) {
    std::vector<LedgerOrder> mine;
    std::ranges::copy_if(ledger.orders, std::back_inserter(mine), [&](LedgerOrder const& order) {
        return order.account == account && order.symbol == symbol;
    });
    return mine;
}

void check_none_doubled(VenueLedger const& ledger) {
    if (auto const twice = ledger.doubled(); !twice.empty())
        throw ApiFailure("doubled: " + *twice.begin());
}

void check_legs(VenueLedger const& ledger, std::string const& symbol,
                std::span<TourLeg const> legs) {
    std::set<std::string> ids;
    for (int i = 0; i < demo::followers; ++i) {
        auto const label = demo::follower_label(i);
        auto const mine = orders_of(ledger, label, symbol);
        if (mine.size() != legs.size())
            throw ApiFailure(label + " has " + std::to_string(mine.size()) + " orders, not " +
                             std::to_string(legs.size()));
        for (std::size_t leg = 0; leg < legs.size(); ++leg) {
            check_order(mine[leg], legs[leg], i);
            if (!ids.insert(mine[leg].client_order_id).second)
                throw ApiFailure(label + ": " + mine[leg].client_order_id + " was used twice");
        }
        check_position(ledger.position(label, symbol), legs.back(), i);
    }
}

}  // namespace obscura::app
