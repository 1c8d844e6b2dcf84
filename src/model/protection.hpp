#pragma once

#include "model/instrument.hpp"
#include "model/signal.hpp"
#include "model/venue_operation.hpp"

#include <vector>

namespace obscura::model {

/// A waiting order that closes a position at a price: a leg of its own, placed once the entry has
/// filled. It closes the whole position, whatever has become of it.
struct ProtectionPlan {
    TriggerKind trigger = TriggerKind::stop_loss;
    Side side = Side::sell;
    base::Price trigger_price{};
    PositionSide position_side = PositionSide::both;
};

/// The stop and the target that a signal wants for a position that was entered at `entry_price` on
/// average by orders of `entry_side`, measured from that price. On the venue's grid: a stop is
/// rounded towards the entry, so that it never allows more than was asked for; a target away from
/// it. What is off the scale (a short's target of 100 %) is left out. `position_side` as the entry
/// had it. No bound of ours rests on these: a stop may slip, and does not hold while a venue halts.
[[nodiscard]] std::vector<ProtectionPlan> protections(Signal const& signal, Side entry_side,
                                                      base::Price entry_price,
                                                      PositionSide position_side,
                                                      Instrument const& instrument);

}  // namespace obscura::model
