#pragma once

#include "model/position_count.hpp"
#include "model/signal.hpp"

namespace obscura::model {

/// The signal that a leader's fill makes for one pool; `move` is what the fill did to the leader's
/// position, and what of it is to be followed is what the signal tells.
[[nodiscard]] Signal signal_from_trade(Trade const& trade, TenantId pool_tenant, PoolId pool,
                                       TraderId trader, PositionMove const& move, SignalId id,
                                       base::Timestamp accepted_at);

/// The leader's position after a tenant's signal, by its `leader_before`. One that may only reduce
/// ends at nothing however much it names: "close all" is often said with more than there is.
[[nodiscard]] base::Quantity leader_after(Signal const& signal);

/// "t:<connection>:<market>:<symbol>:<venue trade id>": the same fill is the same signal.
[[nodiscard]] std::string source_id_of(Trade const& trade);

}  // namespace obscura::model
