#pragma once

#include "base/clock.hpp"
#include "model/instrument.hpp"
#include "model/refusal.hpp"
#include "model/signal.hpp"
#include "model/subscription.hpp"

#include <optional>
#include <string_view>
#include <variant>

namespace obscura::model {

/// One order to place.
struct OrderPlan {
    Side side = Side::buy;
    OrderType type = OrderType::market;
    base::Quantity quantity{};
    std::optional<base::Price> limit_price;
    bool reduce_only = false;
    std::optional<std::string_view> limit_bound;  ///< the setting that cut the size
    /// What the order names as its position: of an account in hedge mode the long or the short one.
    PositionSide position_side = PositionSide::both;
    int leverage = 1;        ///< opens of contracts: what the symbol is set to before
    base::Money reserved{};  ///< opens: the most that may be lost by it, fees included
    /// The copy is not over with this order: once it has ended, what is then held is decided on
    /// anew. A flip closes first, and opens the other side when the close is done; what is more
    /// than the venue takes in one order is closed in several.
    bool continues = false;
};

/// A copy or a refusal; `target_after` is what the position aims at either way, so that a reduction
/// too small to trade is made up for by the next. Signed: a short position is negative.
struct Decision {
    std::variant<OrderPlan, RefusalReason> outcome;
    base::Quantity target_after{};
};

struct MarketView {
    Instrument const* instrument = nullptr;  ///< nullptr: the venue does not know the symbol
    std::optional<base::Price> price;        ///< leader's, limit or last price, in this order
    base::Decimal taker_fee;                 ///< as a fraction: 0.001
};

/// What one subscription does about one signal. Pure: everything it knows is in the arguments.
///
/// Every order has the side of the signal: what the leader's move closes is closed first, and what
/// it opens is opened once nothing of the other direction is held (see OrderPlan::continues).
///
/// Opens (`fixed_amount`): total / 10 per position, cut by what is left of the investment (fees
/// count) and by what may still be lost. The worst loss of a spot position is all of it plus the
/// fees; of a perpetual, long or short, its isolated margin plus the fees, so that there the tenth
/// is the margin and the notional is leverage times it. Caps only reduce; a size cut below the
/// venue's minimum is refused, never rounded up. After `opens_until` nothing is opened.
///
/// Reductions: the position follows the leader's, after/before, and is closed whole when what the
/// leader has left cannot be traded or is in the other direction. No cap, age or limit stops them.
/// When an order of the signal came short, the rest is measured from the target that it had.
[[nodiscard]] Decision decide(Subscription const& subscription, Portfolio const& portfolio,
                              Signal const& signal, MarketView const& market, base::Timestamp now,
                              base::Timestamp opens_until = base::Timestamp::max());

}  // namespace obscura::model
