#pragma once

#include "base/error.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace obscura::base {

/// Where a result that does not fit 12 places goes. Always named at the call.
enum class Rounding {
    toward_zero,
    away_from_zero,
    floor,
    ceiling,
    half_even,
};

/// A result left the range of `Decimal` (about ±1.7e26). Inputs are bounded where they enter, so
/// this is a broken invariant, caught once per request or loop.
struct DecimalOverflow : std::overflow_error {
    using std::overflow_error::overflow_error;
};

/// 128-bit fixed point with 12 decimal places. Exact parse and print, no binary floating point.
class Decimal {
public:
    static constexpr int places = 12;
    static constexpr std::int64_t one_raw = 1'000'000'000'000;

    constexpr Decimal() = default;
    /// Whole numbers convert exactly.
    constexpr explicit Decimal(std::int64_t whole) : raw_(static_cast<__int128>(whole) * one_raw) {}
    [[nodiscard]] static constexpr Decimal from_raw(__int128 raw) {
        Decimal d;
        d.raw_ = raw;
        return d;
    }
    /// `units` x 10^-`scale`, scale 0..12: from_scaled(12345, 2) is 123.45.
    [[nodiscard]] static Decimal from_scaled(std::int64_t units, int scale);
    /// Plain or exponent notation as JSON writes numbers, leading '+' refused. Nullopt when it is
    /// not a number, does not fit, or has more than 12 significant places after the point.
    [[nodiscard]] static std::optional<Decimal> parse(std::string_view text);

    /// Shortest exact text: "0.1", "-3", "50000".
    [[nodiscard]] std::string to_string() const;
    /// Exactly `scale` places; digits beyond are cut towards zero.
    [[nodiscard]] std::string to_string(int scale) const;
    /// For plots and metrics only, never for money.
    [[nodiscard]] double to_double_lossy() const;

    [[nodiscard]] constexpr __int128 raw() const { return raw_; }
    [[nodiscard]] constexpr bool is_zero() const { return raw_ == 0; }
    [[nodiscard]] constexpr bool is_negative() const { return raw_ < 0; }
    [[nodiscard]] constexpr bool is_positive() const { return raw_ > 0; }
    [[nodiscard]] Decimal abs() const { return raw_ < 0 ? -*this : *this; }

    [[nodiscard]] Decimal operator-() const;
    [[nodiscard]] Decimal operator+(Decimal other) const;
    [[nodiscard]] Decimal operator-(Decimal other) const;
    Decimal& operator+=(Decimal other) { return *this = *this + other; }
    Decimal& operator-=(Decimal other) { return *this = *this - other; }

    friend constexpr auto operator<=>(Decimal const& a, Decimal const& b) {
        return a.raw_ <=> b.raw_;
    }
    friend constexpr bool operator==(Decimal const& a, Decimal const& b) {
        return a.raw_ == b.raw_;
    }

private:
    __int128 raw_ = 0;
};

/// Throw DecimalOverflow; `divide` throws std::domain_error for a zero divisor.
[[nodiscard]] Decimal multiply(Decimal a, Decimal b, Rounding rounding);
[[nodiscard]] Decimal divide(Decimal a, Decimal b, Rounding rounding);
/// The multiple of `step` (> 0) that `rounding` picks.
[[nodiscard]] Decimal to_step(Decimal value, Decimal step, Rounding rounding);

/// A decimal that is only what its tag says.
template <class Tag>
struct Amount {
    Decimal value{};

    constexpr Amount() = default;
    constexpr explicit Amount(Decimal v) : value(v) {}
    constexpr explicit Amount(std::int64_t whole) : value(whole) {}
    [[nodiscard]] static std::optional<Amount> parse(std::string_view text) {
        auto const d = Decimal::parse(text);
        if (!d) return std::nullopt;
        return Amount{*d};
    }
    [[nodiscard]] std::string to_string() const { return value.to_string(); }
    [[nodiscard]] bool is_zero() const { return value.is_zero(); }
    [[nodiscard]] bool is_positive() const { return value.is_positive(); }
    [[nodiscard]] bool is_negative() const { return value.is_negative(); }
    [[nodiscard]] Amount abs() const { return Amount{value.abs()}; }
    [[nodiscard]] Amount operator-() const { return Amount{-value}; }
    [[nodiscard]] Amount operator+(Amount o) const { return Amount{value + o.value}; }
    [[nodiscard]] Amount operator-(Amount o) const { return Amount{value - o.value}; }
    Amount& operator+=(Amount o) { return *this = *this + o; }
    Amount& operator-=(Amount o) { return *this = *this - o; }
    friend constexpr auto operator<=>(Amount const&, Amount const&) = default;
};

using Price = Amount<struct PriceTag>;        ///< quote units per base unit
using Quantity = Amount<struct QuantityTag>;  ///< base units
using Money = Amount<struct MoneyTag>;        ///< quote units

[[nodiscard]] Money notional(Price price, Quantity quantity, Rounding rounding);
[[nodiscard]] Quantity quantity_for(Money money, Price price, Rounding rounding);
[[nodiscard]] Price average_price(Money money, Quantity quantity, Rounding rounding);

template <class Tag>
[[nodiscard]] Amount<Tag> scale(Amount<Tag> amount, Decimal factor, Rounding rounding) {
    return Amount<Tag>{multiply(amount.value, factor, rounding)};
}
template <class Tag>
[[nodiscard]] Amount<Tag> to_step(Amount<Tag> amount, Amount<Tag> step, Rounding rounding) {
    return Amount<Tag>{to_step(amount.value, step.value, rounding)};
}
template <class Tag>
[[nodiscard]] Decimal ratio(Amount<Tag> part, Amount<Tag> whole, Rounding rounding) {
    return divide(part.value, whole.value, rounding);
}

}  // namespace obscura::base
