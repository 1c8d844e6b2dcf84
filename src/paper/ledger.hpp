#pragma once

#include "paper/engine/state.hpp"

#include <optional>
#include <string>

namespace obscura::paper {

struct LedgerQuery {
    Market market = Market::spot;
    std::optional<AccountId> account;  ///< without it all
    OrderId after{};                   ///< orders with greater ids
    std::size_t limit = 0;
};

/// The venue's own record of what it accepted, as JSON: orders with their fills by ascending id,
/// and balances; of the futures market positions too. What "exactly once" is judged by.
[[nodiscard]] std::string render_ledger(State const& state, LedgerQuery const& query);

}  // namespace obscura::paper
