#pragma once

#include "paper/engine/instruments.hpp"
#include "paper/engine/rate_limits.hpp"

#include <span>
#include <string>

namespace obscura::paper {

/// GET /api/v3/exchangeInfo.
[[nodiscard]] std::string render_exchange_info(Catalogue const& catalogue,
                                               std::span<SymbolId const> symbols,
                                               RateLimitSettings const& limits,
                                               std::size_t max_open_orders, base::Timestamp now);
/// The exchangeInfo of a market that the venue does not have: futures on the base asset.
[[nodiscard]] std::string render_no_symbols(base::Timestamp now);
/// {"code":-1121,"msg":"Invalid symbol."}
[[nodiscard]] std::string render_error(VenueError const& error);

}  // namespace obscura::paper
