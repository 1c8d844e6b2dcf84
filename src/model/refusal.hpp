#pragma once

#include <string_view>

namespace obscura::model {

/// Why a copy is not made. The names are part of the interface: users read them.
enum class RefusalReason {
    signal_expired,        ///< an open that came too late
    subscription_paused,   ///< opens only
    environment_mismatch,  ///< a paper or testnet leader is never copied with real money
    instrument_unknown,
    instrument_not_supported,  ///< neither spot nor a linear perpetual
    instrument_not_trading,
    no_price,                      ///< nothing to size with
    cross_margin_refused,          ///< fixed_amount bounds a loss by its margin: isolated only
    position_mode_unknown,         ///< the account did not tell whether it is in hedge mode
    symbol_in_use,                 ///< the account holds the contract for another subscription
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

}  // namespace obscura::model
