#pragma once

#include "base/clock.hpp"
#include "base/decimal.hpp"
#include "model/trade.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace obscura::model {

/// A position as the record has it, and what the venue says is left of it.
struct HeldElsewhere {
    Market market = Market::spot;
    PositionSide position_side = PositionSide::both;
    std::string symbol;
    std::string quote_asset;
    base::Quantity quantity{};    ///< the record's, signed
    base::Quantity left{};        ///< the venue's, signed; more, or of the other side, is not ours
    base::Money cost{};           ///< spot: what was paid for it; futures: what it may lose at most
    base::Money entry_quote{};    ///< futures
    base::Timestamp opened_at{};  ///< of our last order that added to it
    std::set<std::string> ours;   ///< trade ids that are booked
};

/// The trades that took away what is gone: a liquidation, or the owner by hand. `told` are trades
/// of the account in the symbol; the latest that reduced the position since we added to it count,
/// the last of them in part. What no trade explains is one of its own, named `unexplained`: coins
/// that were moved away are taken out at what they cost, and a contract is counted as lost. Empty
/// when nothing is gone. In the order in which they happened.
[[nodiscard]] std::vector<Trade> closed_elsewhere(HeldElsewhere const& held,
                                                  std::vector<Trade> told,
                                                  std::string const& unexplained,
                                                  base::Timestamp now);

}  // namespace obscura::model
