#pragma once

#include "paper/engine/types.hpp"

#include <span>

namespace obscura::paper {

/// A step of a symbol's leverage and maintenance table.
struct Bracket {
    std::int64_t number = 0;
    std::int64_t max_leverage = 0;
    base::Money floor{};
    base::Money cap{};
    base::Decimal maintenance_rate{};
    base::Money cumulated{};  ///< maintenance = notional * rate - cumulated
};

/// The table of a symbol, smallest notional first.
[[nodiscard]] std::span<Bracket const> brackets_of(SymbolId symbol);
/// The bracket of a position's value; the last one beyond all.
[[nodiscard]] Bracket const& bracket_for(SymbolId symbol, base::Money value);
/// The largest position at a leverage; 0 when no bracket allows it.
[[nodiscard]] base::Money max_notional(SymbolId symbol, std::int64_t leverage);
[[nodiscard]] base::Money maintenance_margin(SymbolId symbol, base::Money value);

}  // namespace obscura::paper
