#pragma once

#include "paper/engine/instruments.hpp"

namespace obscura::paper {

/// PRICE_FILTER, LOT_SIZE, MARKET_LOT_SIZE and NOTIONAL, in the venue's order; -1013 names the
/// filter that failed. `last_price` values market orders. For quoteOrderQty only NOTIONAL applies.
[[nodiscard]] Outcome<void> check_filters(PaperInstrument const& instrument, NewOrder const& order,
                                          base::Price last_price);

}  // namespace obscura::paper
