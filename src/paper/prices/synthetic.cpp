#include "paper/prices/synthetic.hpp"

#include <algorithm>

namespace obscura::paper {
namespace {

std::uint64_t mixed(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

}  // namespace

std::vector<PricePoint> SyntheticFeed::advance(base::Timestamp now) {
    std::vector<PricePoint> points;
    if (now - last_ < settings_.step) return points;
    last_ = now;
    ++steps_;
    for (std::size_t i = 0; i < state_.catalogue().instruments().size(); ++i) {
        auto const symbol = SymbolId(static_cast<std::uint16_t>(i));
        points.emplace_back(symbol, next(symbol));
    }
    return points;
}

base::Price SyntheticFeed::next(SymbolId symbol) const {
    constexpr std::int64_t one_million = 1'000'000;
    constexpr std::int64_t pull = 2'000;  // a price 1 % away is pulled back by 5 ppm a step
    auto const& instrument = state_.catalogue().instrument(symbol);
    auto const price = state_.symbol(symbol).price;
    auto const random = mixed(settings_.seed + mixed(steps_ * 1024 + symbol.value));
    auto const width = static_cast<std::uint64_t>(2 * settings_.volatility_ppm + 1);
    auto const wander = static_cast<std::int64_t>(random % width) - settings_.volatility_ppm;
    auto const away = (instrument.start_price.value.raw() - price.value.raw()) * one_million /
                      instrument.start_price.value.raw();
    auto const back = std::clamp<std::int64_t>(static_cast<std::int64_t>(away / pull), -100, 100);
    auto const change = base::Decimal::from_scaled(wander + back, 6);
    auto const moved = price + scale(price, change, base::Rounding::half_even);
    auto const on_tick = to_step(moved, instrument.tick, base::Rounding::half_even);
    return std::clamp(on_tick, instrument.min_price, instrument.max_price);
}

}  // namespace obscura::paper
