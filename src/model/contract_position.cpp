#include "model/contract_position.hpp"

#include <algorithm>

namespace obscura::model {
namespace {

using base::Decimal;
using base::Money;
using base::Quantity;
using base::Rounding;

/// The share of an amount that goes with a part of the position; all of it with the last.
Money part_of(Money amount, Quantity part, Quantity whole) {
    if (part == whole) return amount;
    auto const product = multiply(amount.value, part.value, Rounding::half_even);
    return Money{divide(product, whole.value, Rounding::half_even)};
}

Money close(ContractPosition& position, ContractFill const& fill, Quantity part) {
    auto const held = position.quantity.abs();
    auto const entry = part_of(position.entry_quote, part, held);
    auto const exit = notional(fill.price, part, Rounding::half_even);
    auto const won = position.quantity.is_positive() ? exit - entry : entry - exit;
    position.worst_loss -= part_of(position.worst_loss, part, held);
    position.entry_quote -= entry;
    position.quantity += signed_change(fill.side, part);
    return won;
}

void open(ContractPosition& position, ContractFill const& fill, Quantity part) {
    auto const size = notional(fill.price, part, Rounding::half_even);
    auto const fee = std::max(part_of(fill.fee, part, fill.quantity), Money{});
    auto const leverage = Decimal(std::clamp(fill.leverage, 1, max_leverage));
    position.worst_loss += Money{divide(size.value, leverage, Rounding::ceiling)} + fee;
    position.entry_quote += size;
    position.quantity += signed_change(fill.side, part);
}

}  // namespace

ContractOutcome after_fill(ContractPosition position, ContractFill const& fill) {
    ContractOutcome outcome{.position = position, .realised = -fill.fee};
    auto const against = signed_change(opposite(fill.side), position.quantity);
    auto const closing = std::clamp(fill.quantity, Quantity{}, std::max(against, Quantity{}));
    if (closing.is_positive()) {
        outcome.realised += close(outcome.position, fill, closing);
        outcome.closed = true;
    }
    if (auto const rest = fill.quantity - closing; rest.is_positive())
        open(outcome.position, fill, rest);
    return outcome;
}

}  // namespace obscura::model
