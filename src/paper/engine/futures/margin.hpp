#pragma once

#include "paper/engine/futures/state.hpp"

#include <vector>

namespace obscura::paper {

/// Mark prices by SymbolId.
using MarkPrices = std::vector<base::Price>;

/// The value that a position has and that open orders could add to it.
struct Exposure {
    base::Money position{};  ///< signed, at the mark price
    base::Money buys{};      ///< of open orders that do not only reduce, at their limits
    base::Money sells{};
};

[[nodiscard]] Exposure exposure_of(FuturesState const& state, FuturesAccount const& account,
                                   PositionKey key, base::Price mark);
/// The largest value that the position may come to have when open orders fill.
[[nodiscard]] base::Money largest_value(Exposure const& exposure, PositionSide side);
/// What open orders need beside the position's own margin.
[[nodiscard]] base::Money order_margin(Exposure const& exposure, PositionSide side,
                                       std::int64_t leverage);

/// An account's margin at the present prices.
struct MarginFigures {
    base::Decimal wallet{};
    base::Decimal cross_wallet{};  ///< without isolated margins
    base::Money unrealised{};      ///< of all positions
    base::Money cross_unrealised{};
    base::Money position_margin{};  ///< initial margin of all positions
    base::Money order_margin{};
    base::Money maintenance{};  ///< of all positions
    base::Money cross_maintenance{};
    base::Decimal available{};  ///< for new positions; never negative
};
[[nodiscard]] MarginFigures margin_of(FuturesState const& state, FuturesAccount const& account,
                                      MarkPrices const& marks);

/// Positions held and symbols with open orders: everything that needs margin.
[[nodiscard]] std::vector<PositionKey> keys_in_use(FuturesState const& state,
                                                   FuturesAccount const& account);

/// At which mark price the position would be liquidated; 0 when never.
[[nodiscard]] base::Price liquidation_price(FuturesState const& state,
                                            FuturesAccount const& account, PositionKey key,
                                            MarkPrices const& marks);

}  // namespace obscura::paper
