#include "paper/engine/book.hpp"

#include <algorithm>

namespace obscura::paper {
namespace {

using base::Rounding;

bool is_within(Side side, base::Price price, base::Price limit) {
    if (limit.is_zero()) return true;
    return side == Side::buy ? price <= limit : price >= limit;
}

}  // namespace

Book::Book(PaperInstrument const& instrument, base::Price price, base::Money level_notional) {
    static auto const basis_point = base::Decimal::from_scaled(1, 4);
    auto const gap =
        std::max(instrument.tick, to_step(scale(price, basis_point, Rounding::toward_zero),
                                          instrument.tick, Rounding::floor));
    auto offset = instrument.tick;
    auto value = level_notional;
    for (std::size_t i = 0; i < depth; ++i, offset += gap, value += level_notional) {
        auto const size =
            std::max(instrument.step, to_step(quantity_for(value, price, Rounding::toward_zero),
                                              instrument.step, Rounding::floor));
        asks_[i] = {price + offset, size};
        // A price near one tick has fewer bids than asks.
        if (price - offset >= instrument.tick) bids_[i] = {price - offset, size};
    }
}

std::vector<Slice> Book::take(Side side, base::Quantity quantity, base::Price limit) const {
    std::vector<Slice> slices;
    for (auto const& level : against(side)) {
        if (!quantity.is_positive() || level.quantity.is_zero()) break;
        if (!is_within(side, level.price, limit)) break;
        auto const part = std::min(quantity, level.quantity);
        slices.push_back({level.price, part});
        quantity -= part;
    }
    return slices;
}

std::vector<Slice> Book::take_for(Side side, base::Money money, base::Quantity step) const {
    std::vector<Slice> slices;
    for (auto const& level : against(side)) {
        if (level.quantity.is_zero()) break;
        auto const affordable =
            to_step(quantity_for(money, level.price, Rounding::toward_zero), step, Rounding::floor);
        auto const part = std::min(affordable, level.quantity);
        if (!part.is_positive()) break;
        slices.push_back({level.price, part});
        money -= notional(level.price, part, Rounding::away_from_zero);
    }
    return slices;
}

std::vector<Slice> part_of(std::vector<Slice> slices, base::Decimal share, base::Quantity step) {
    base::Quantity left{};
    for (auto const& slice : slices) left += slice.quantity;
    left = to_step(scale(left, share, Rounding::floor), step, Rounding::floor);
    std::vector<Slice> part;
    for (auto const& slice : slices) {
        if (left.is_zero()) break;
        part.push_back({slice.price, std::min(left, slice.quantity)});
        left -= part.back().quantity;
    }
    if (part.size() != 1 || part.front().quantity == step) return part;
    part.push_back({part.front().price, step});
    part.front().quantity -= step;
    return part;
}

bool Book::crosses(Side side, base::Price limit) const {
    auto const& best = against(side).front();
    return !best.quantity.is_zero() && is_within(side, best.price, limit);
}

}  // namespace obscura::paper
