#pragma once

#include "model/signal.hpp"
#include "model/trade.hpp"

namespace obscura::model {

/// The leader's position after `quantity` more on `side`. On spot it never goes below zero: what a
/// leader sells beyond it was bought before we watched.
[[nodiscard]] base::Quantity position_after(base::Quantity before, Side side,
                                            base::Quantity quantity);

/// What a trade adds to or takes from the leader's position: Binance takes the fee of a purchase
/// out of the base asset unless it is paid in another.
[[nodiscard]] base::Quantity net_quantity(Trade const& trade);

/// The signal that a leader's fill makes for one pool.
[[nodiscard]] Signal signal_from_trade(Trade const& trade, TenantId pool_tenant, PoolId pool,
                                       TraderId trader, base::Quantity leader_before, SignalId id,
                                       base::Timestamp accepted_at);

/// "t:<connection>:<market>:<symbol>:<venue trade id>": the same fill is the same signal.
[[nodiscard]] std::string source_id_of(Trade const& trade);

}  // namespace obscura::model
