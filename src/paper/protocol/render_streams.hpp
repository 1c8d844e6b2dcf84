#pragma once

#include "paper/engine/engine.hpp"

#include <string>

namespace obscura::paper {

// Events of the public streams.

[[nodiscard]] std::string render_trade_event(PublicTrade const& trade, Catalogue const& catalogue);
[[nodiscard]] std::string render_mini_ticker_event(Engine const& engine, SymbolId symbol,
                                                   base::Timestamp now);
[[nodiscard]] std::string render_ticker_event(Engine const& engine, SymbolId symbol,
                                              base::Timestamp now);
[[nodiscard]] std::string render_book_ticker_event(Engine const& engine, SymbolId symbol);
/// What changed since `before`: levels that are gone have quantity 0.
[[nodiscard]] std::string render_depth_event(Engine const& engine, SymbolId symbol,
                                             Book const& before, base::Timestamp now);

}  // namespace obscura::paper
