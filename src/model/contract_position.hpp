#pragma once

#include "base/decimal.hpp"
#include "model/types.hpp"

namespace obscura::model {

/// What a subscription holds of a linear contract, and what that ties up. All amounts are in the
/// quote asset, which is the margin asset.
struct ContractPosition {
    base::Quantity quantity{};  ///< signed: short ones are negative
    base::Money entry_quote{};  ///< what is held, at its entry prices; never negative
    /// The most that may still be lost by it: its isolated margin, and once more the fee of its
    /// entry for the way out.
    base::Money worst_loss{};

    friend bool operator==(ContractPosition const&, ContractPosition const&) = default;
};

/// One fill of our own order.
struct ContractFill {
    Side side = Side::buy;
    base::Price price{};
    base::Quantity quantity{};  ///< > 0
    base::Money fee{};          ///< in the quote asset; a rebate is negative
    int leverage = 1;           ///< of what it opens
};

struct ContractOutcome {
    ContractPosition position;
    base::Money realised{};  ///< won (or lost) by this fill, its fee included
    bool closed = false;     ///< some of the position before was closed
};

/// What a fill makes of a position. A fill through nothing closes all of it and opens the rest on
/// the other side. A position that is closed in any parts ends with nothing in any of its amounts,
/// and what is realised adds up to what came in less what went out.
[[nodiscard]] ContractOutcome after_fill(ContractPosition position, ContractFill const& fill);

}  // namespace obscura::model
