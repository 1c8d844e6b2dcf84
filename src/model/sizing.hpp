#pragma once

#include "base/clock.hpp"
#include "model/instrument.hpp"
#include "model/signal.hpp"
#include "model/subscription.hpp"

#include <optional>
#include <string_view>
#include <variant>

namespace obscura::model {

/// Why a copy is not made. The names are part of the interface: users read them.
enum class RefusalReason {
    signal_expired,        ///< an open that came too late
    subscription_paused,   ///< opens only
    environment_mismatch,  ///< a paper or testnet leader is never copied with real money
    instrument_unknown,
    instrument_not_trading,
    no_price,                      ///< nothing to size with
    position_already_open,         ///< fixed_amount holds one position a symbol
    leader_position_already_open,  ///< the leader was in before this follower: never chased
    fill_out_of_order,  ///< the leader's fill came after later ones were counted: not chased
    nothing_to_close,
    below_min_notional,  ///< the residue is carried to the next reduction
    dust_remains,        ///< less than the venue can trade
    max_loss_reached,
    profit_target_reached,
    daily_loss_limit_reached,
    investment_exhausted,
};
[[nodiscard]] std::string_view to_string(RefusalReason reason);

/// One order to place.
struct OrderPlan {
    Side side = Side::buy;
    OrderType type = OrderType::market;
    base::Quantity quantity{};
    std::optional<base::Price> limit_price;
    bool reduce_only = false;
    std::optional<std::string_view> limit_bound;  ///< the setting that cut the size
};

/// A copy or a refusal; `target_after` is what the position aims at either way, so that a reduction
/// too small to trade is made up for by the next.
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
/// Opens (`fixed_amount`): total / 10 per position, cut by what is left of the investment (fees
/// count) and by what may still be lost. On spot the worst loss of a position is all of it plus the
/// fees. Caps only reduce; a size cut below the venue's minimum is refused, never rounded up.
///
/// Reductions: the position follows the leader's, after/before, and is sold whole when what the
/// leader has left cannot be traded. No cap, age or limit stops them.
[[nodiscard]] Decision decide(Subscription const& subscription, Portfolio const& portfolio,
                              Signal const& signal, MarketView const& market, base::Timestamp now);

}  // namespace obscura::model
