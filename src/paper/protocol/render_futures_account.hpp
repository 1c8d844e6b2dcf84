#pragma once

#include "paper/engine/futures/engine.hpp"

#include <optional>
#include <span>
#include <string>

namespace obscura::paper {

// What an account has on the futures market, in the venue's JSON.

enum class AccountVersion { v2, v3 };

[[nodiscard]] std::string render_futures_account(FuturesEngine const& market,
                                                 FuturesAccount const& account,
                                                 AccountVersion version);
[[nodiscard]] std::string render_futures_balance(FuturesEngine const& market,
                                                 FuturesAccount const& account);
/// v2 shows all symbols, v3 those with a position or open orders.
[[nodiscard]] std::string render_position_risk(FuturesEngine const& market,
                                               FuturesAccount const& account,
                                               std::optional<SymbolId> symbol,
                                               AccountVersion version);
/// One object for a symbol, a list for all.
[[nodiscard]] std::string render_brackets(FuturesEngine const& market,
                                          std::optional<SymbolId> symbol);
[[nodiscard]] std::string render_symbol_config(FuturesEngine const& market,
                                               FuturesAccount const& account,
                                               std::optional<SymbolId> symbol);
[[nodiscard]] std::string render_income(std::span<Income const> entries,
                                        Catalogue const& catalogue);

}  // namespace obscura::paper
