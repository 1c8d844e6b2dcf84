#pragma once

#include "paper/engine/futures/types.hpp"

namespace obscura::paper {

/// What is set aside for `value` at `leverage`, rounded up to the wire's eight places.
[[nodiscard]] base::Money margin_for(base::Money value, std::int64_t leverage);

/// The value of `position` at `mark`; short ones are negative.
[[nodiscard]] base::Money signed_value(Position const& position, base::Price mark);
/// What closing it at `mark` would win.
[[nodiscard]] base::Money unrealised(Position const& position, base::Price mark);

struct PositionOutcome {
    Position position;
    base::Money realised{};
};
/// What a fill makes of a position: it closes first, and opens the other way with what is left.
/// Exact: parts are rounded to eight places, and the last part takes what is left.
[[nodiscard]] PositionOutcome after_fill(Position position, Side side, base::Price price,
                                         base::Quantity quantity, SymbolTerms const& terms);

/// How much an order of `side` could close.
[[nodiscard]] base::Quantity closable(Position const& position, Side side);

/// The mark price at which `margin` no longer carries the position; 0 when none does.
[[nodiscard]] base::Price liquidation_price(Position const& position, SymbolId symbol,
                                            base::Price mark, base::Money margin);

}  // namespace obscura::paper
