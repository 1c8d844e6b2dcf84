#pragma once

#include "paper/engine/instruments.hpp"

namespace obscura::paper {

/// The futures market's filters: the venue has a code for each (-1111, -4001, -4003, ...). Whether
/// the value is large enough is `check_futures_value`.
[[nodiscard]] Outcome<void> check_futures_filters(PaperInstrument const& instrument,
                                                  NewOrder const& order);
[[nodiscard]] Outcome<void> check_futures_quantity(PaperInstrument const& instrument,
                                                   base::Quantity quantity, bool is_market);
/// Also of trigger prices.
[[nodiscard]] Outcome<void> check_futures_price(PaperInstrument const& instrument,
                                                base::Price price);
/// MIN_NOTIONAL (-4164); market orders are valued at `mark`. Orders that only reduce need none.
[[nodiscard]] Outcome<void> check_futures_value(PaperInstrument const& instrument,
                                                NewOrder const& order, base::Price mark);

}  // namespace obscura::paper
