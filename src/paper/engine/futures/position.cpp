#include "paper/engine/futures/position.hpp"

#include "paper/engine/futures/brackets.hpp"

#include <algorithm>

namespace obscura::paper {
namespace {

using base::Rounding;

base::Money in_wire_places(base::Money amount, Rounding rounding) {
    static auto const unit = base::Money{base::Decimal::from_scaled(1, 8)};
    return to_step(amount, unit, rounding);
}

/// The part of `amount` that belongs to `part` of `whole`.
base::Money share(base::Money amount, base::Quantity part, base::Quantity whole) {
    if (part == whole) return amount;
    // Multiplied first: a quotient cut to twelve places, times the cost of a large position, is
    // wrong by more than the last place that is shown.
    auto const product = multiply(amount.value, part.value, Rounding::half_even);
    auto const exact = base::Money{divide(product, whole.value, Rounding::half_even)};
    return in_wire_places(exact, Rounding::half_even);
}

}  // namespace

base::Money margin_for(base::Money value, std::int64_t leverage) {
    auto const exact = divide(value.value, base::Decimal(leverage), Rounding::ceiling);
    return in_wire_places(base::Money{exact}, Rounding::ceiling);
}

base::Money signed_value(Position const& position, base::Price mark) {
    return notional(mark, position.quantity, Rounding::toward_zero);
}

base::Money unrealised(Position const& position, base::Price mark) {
    auto const value = signed_value(position, mark);
    return position.quantity.is_negative() ? value + position.cost : value - position.cost;
}

base::Quantity closable(Position const& position, Side side) {
    bool const against =
        side == Side::buy ? position.quantity.is_negative() : position.quantity.is_positive();
    return against ? position.quantity.abs() : base::Quantity{};
}

PositionOutcome after_fill(Position position, Side side, base::Price price, base::Quantity quantity,
                           SymbolTerms const& terms) {
    base::Money realised{};
    auto const held = position.quantity.abs();
    auto const closed = std::min(closable(position, side), quantity);
    if (closed.is_positive()) {
        auto const paid = share(position.cost, closed, held);
        auto const value = notional(price, closed, Rounding::toward_zero);
        realised = side == Side::sell ? value - paid : paid - value;
        position.cost -= paid;
        position.isolated -= share(position.isolated, closed, held);
    }
    auto const opened = quantity - closed;
    if (opened.is_positive()) {
        auto const value = notional(price, opened, Rounding::toward_zero);
        position.cost += value;
        if (terms.margin_mode == MarginMode::isolated) {
            position.isolated += margin_for(value, terms.leverage);
        }
    }
    position.quantity += side == Side::buy ? quantity : -quantity;
    position.realised += realised;
    return {position, realised};
}

base::Price liquidation_price(Position const& position, SymbolId symbol, base::Price mark,
                              base::Money margin) {
    if (position.quantity.is_zero()) return {};
    auto const& bracket = bracket_for(symbol, signed_value(position, mark).abs());
    bool const is_long = position.quantity.is_positive();
    // margin + (p * q - cost) = |q| * p * rate - cumulated, solved for p.
    auto const one = base::Decimal(1);
    auto const factor = is_long ? bracket.maintenance_rate - one : bracket.maintenance_rate + one;
    auto const slope = multiply(position.quantity.abs().value, factor, Rounding::half_even);
    if (slope.is_zero()) return {};
    auto const signed_cost = is_long ? -position.cost : position.cost;
    auto const level = margin + bracket.cumulated + signed_cost;
    auto const price = divide(level.value, slope, Rounding::half_even);
    if (!price.is_positive()) return {};
    return base::Price{to_step(price, base::Decimal::from_scaled(1, 8), Rounding::half_even)};
}

}  // namespace obscura::paper
