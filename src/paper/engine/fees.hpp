#pragma once

#include "base/decimal.hpp"

namespace obscura::paper {

/// The venue's share of `amount`, in whole units of its eight places.
[[nodiscard]] inline base::Decimal commission_on(base::Decimal amount, base::Decimal rate) {
    auto const exact = multiply(amount, rate, base::Rounding::toward_zero);
    static auto const unit = base::Decimal::from_scaled(1, 8);
    return to_step(exact, unit, base::Rounding::floor);
}

}  // namespace obscura::paper
