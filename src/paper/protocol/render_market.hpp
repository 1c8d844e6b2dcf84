#pragma once

#include "paper/engine/engine.hpp"

#include <span>
#include <string>

namespace obscura::paper {

// Public market data in the venue's JSON. `symbols` is rendered as one object or as a list.

enum class Form { object, list };

[[nodiscard]] std::string render_prices(Engine const& engine, std::span<SymbolId const> symbols,
                                        Form form);
[[nodiscard]] std::string render_book_tickers(Engine const& engine,
                                              std::span<SymbolId const> symbols, Form form);
[[nodiscard]] std::string render_day_tickers(Engine const& engine,
                                             std::span<SymbolId const> symbols, Form form,
                                             base::Timestamp now);
[[nodiscard]] std::string render_depth(Engine const& engine, SymbolId symbol, std::size_t limit);
[[nodiscard]] std::string render_trades(Engine const& engine, SymbolId symbol, std::size_t limit);
[[nodiscard]] std::string render_klines(Engine const& engine, SymbolId symbol,
                                        std::chrono::minutes interval, std::size_t limit);

class JsonText;

/// "key": [["price", "quantity"], ...]: one side of a book.

void add_levels(JsonText& json, std::string_view key, std::span<Level const> levels);

}  // namespace obscura::paper
