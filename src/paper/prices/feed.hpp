#pragma once

#include "paper/engine/types.hpp"

#include <utility>
#include <vector>

namespace obscura::paper {

using PricePoint = std::pair<SymbolId, base::Price>;

/// Where the market's prices come from. One thread.
class PriceFeed {
public:
    virtual ~PriceFeed() = default;
    /// What the market says at `now`: at most one price a symbol. Times never go back.
    [[nodiscard]] virtual std::vector<PricePoint> advance(base::Timestamp now) = 0;
};

}  // namespace obscura::paper
