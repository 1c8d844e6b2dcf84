#pragma once

#include "paper/engine/state.hpp"
#include "paper/prices/feed.hpp"

#include <chrono>
#include <cstdint>

namespace obscura::paper {

struct SyntheticSettings {
    std::uint64_t seed = 1;
    std::chrono::milliseconds step{250};
    std::int64_t volatility_ppm = 100;  ///< largest move in one step, millionths of the price
};

/// A random walk from each symbol's present price, one step per `step` of the clock, gently pulled
/// back to the catalogue's start price. The n-th step of a symbol depends on seed, symbol and n
/// only. After a pause it takes one step, not all that it missed.
class SyntheticFeed final : public PriceFeed {
public:
    SyntheticFeed(State const& state, SyntheticSettings settings)
        : state_(state), settings_(settings) {}

    [[nodiscard]] std::vector<PricePoint> advance(base::Timestamp now) override;

private:
    [[nodiscard]] base::Price next(SymbolId symbol) const;

    State const& state_;
    SyntheticSettings settings_;
    base::Timestamp last_{};
    std::uint64_t steps_ = 0;
};

}  // namespace obscura::paper
