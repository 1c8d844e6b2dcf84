#include "model/protection.hpp"

namespace obscura::model {
namespace {

using base::Decimal;
using base::Price;
using base::Rounding;

/// `entry` moved by so many percent up or down, rounded as said; nothing when that is no price.
std::optional<Price> moved(Price entry, Decimal percent, bool up, Instrument const& instrument,
                           Rounding rounding) {
    auto const share = divide(percent, Decimal(100), Rounding::half_even);
    auto const by = scale(entry, share, Rounding::half_even);
    auto const price = to_step(up ? entry + by : entry - by, instrument.tick, rounding);
    if (!price.is_positive() || price == entry) return std::nullopt;
    return price;
}

}  // namespace

std::vector<ProtectionPlan> protections(Signal const& signal, Side entry_side, Price entry_price,
                                        PositionSide position_side, Instrument const& instrument) {
    std::vector<ProtectionPlan> plans;
    if (!entry_price.is_positive() || !instrument.tick.is_positive()) return plans;
    bool const is_long = entry_side == Side::buy;
    auto const add = [&](TriggerKind trigger, std::optional<Decimal> const& percent, bool up) {
        if (!percent || !percent->is_positive()) return;
        // Both roundings go the way that the position gains: up for a long, down for a short.
        auto const rounding = is_long ? Rounding::ceiling : Rounding::floor;
        auto const price = moved(entry_price, *percent, up, instrument, rounding);
        if (!price) return;
        plans.push_back({.trigger = trigger,
                         .side = opposite(entry_side),
                         .trigger_price = *price,
                         .position_side = position_side});
    };
    add(TriggerKind::stop_loss, signal.stop_loss_pct, !is_long);
    add(TriggerKind::take_profit, signal.take_profit_pct, is_long);
    return plans;
}

}  // namespace obscura::model
