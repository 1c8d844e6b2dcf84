#pragma once

#include "paper/engine/engine.hpp"
#include "paper/engine/rate_limits.hpp"
#include "paper/protocol/render_market.hpp"

#include <span>
#include <string>

namespace obscura::paper {

// The futures market's public data. Both markets have one price; the history of a day is the spot
// market's, on the contract's tick.

[[nodiscard]] std::string render_futures_exchange_info(Engine const& engine,
                                                       RateLimitSettings const& limits,
                                                       std::size_t max_open_orders,
                                                       base::Timestamp now);
[[nodiscard]] std::string render_futures_depth(Engine const& engine, SymbolId symbol,
                                               std::size_t limit, base::Timestamp now);
[[nodiscard]] std::string render_futures_prices(Engine const& engine,
                                                std::span<SymbolId const> symbols, Form form,
                                                base::Timestamp now);
[[nodiscard]] std::string render_futures_book_tickers(Engine const& engine,
                                                      std::span<SymbolId const> symbols, Form form,
                                                      base::Timestamp now);
[[nodiscard]] std::string render_futures_day_tickers(Engine const& engine,
                                                     std::span<SymbolId const> symbols, Form form,
                                                     base::Timestamp now);
/// GET /fapi/v1/premiumIndex.
[[nodiscard]] std::string render_mark_prices(Engine const& engine,
                                             std::span<SymbolId const> symbols, Form form,
                                             base::Timestamp now);
// Events of the public streams.
[[nodiscard]] std::string render_mark_price_event(Engine const& engine, SymbolId symbol,
                                                  base::Timestamp now);
[[nodiscard]] std::string render_futures_mini_ticker_event(Engine const& engine, SymbolId symbol,
                                                           base::Timestamp now);
[[nodiscard]] std::string render_futures_book_ticker_event(Engine const& engine, SymbolId symbol,
                                                           base::Timestamp now);

}  // namespace obscura::paper
