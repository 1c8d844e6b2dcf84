#include "base/decimal.hpp"

#include <algorithm>
#include <array>

namespace obscura::base {
namespace {

using Int = __int128;
using Unsigned = unsigned __int128;

constexpr Unsigned sign_bit = Unsigned{1} << 127;
constexpr auto one = static_cast<Unsigned>(Decimal::one_raw);

[[noreturn]] void overflow() { throw DecimalOverflow("decimal overflow"); }

Unsigned magnitude(Int v) {
    return v < 0 ? Unsigned{0} - static_cast<Unsigned>(v) : static_cast<Unsigned>(v);
}

bool fits(Unsigned value, bool negative) { return negative ? value <= sign_bit : value < sign_bit; }

Int with_sign(Unsigned value, bool negative) {
    return static_cast<Int>(negative ? Unsigned{0} - value : value);
}

struct Quotient {
    Unsigned value;
    Unsigned remainder;
};

/// Whether a truncated magnitude must grow by one. 0 <= remainder < divisor.
bool rounds_up(Quotient q, Unsigned divisor, bool negative, Rounding rounding) {
    if (q.remainder == 0) return false;
    switch (rounding) {
        case Rounding::toward_zero:
            return false;
        case Rounding::away_from_zero:
            return true;
        case Rounding::floor:
            return negative;
        case Rounding::ceiling:
            return !negative;
        case Rounding::half_even: {
            auto const rest = divisor - q.remainder;  // 2 * remainder could overflow
            return q.remainder > rest || (q.remainder == rest && (q.value & 1) != 0);
        }
    }
    return false;
}

Decimal rounded(Quotient q, Unsigned divisor, bool negative, Rounding rounding) {
    if (q.value > sign_bit) overflow();
    if (rounds_up(q, divisor, negative, rounding)) ++q.value;
    if (!fits(q.value, negative)) overflow();
    return Decimal::from_raw(with_sign(q.value, negative));
}

/// 256 bits.
struct Wide {
    Unsigned high;
    Unsigned low;
};

/// Schoolbook multiplication in 64-bit limbs.
Wide wide_product(Unsigned a, Unsigned b) {
    constexpr Unsigned mask = UINT64_MAX;
    Unsigned const low = (a & mask) * (b & mask);
    Unsigned const cross1 = (a >> 64) * (b & mask) + (low >> 64);
    Unsigned const cross2 = (a & mask) * (b >> 64) + (cross1 & mask);
    return {.high = (a >> 64) * (b >> 64) + (cross1 >> 64) + (cross2 >> 64),
            .low = (cross2 << 64) | (low & mask)};
}

/// Long division in base 2^64 by a divisor that fits one limb.
Quotient divide_by_limb(Wide n, std::uint64_t divisor) {
    if (n.high >= divisor) overflow();  // the quotient needs more than 128 bits
    Unsigned const upper = (n.high << 64) | (n.low >> 64);
    Unsigned const lower = ((upper % divisor) << 64) | (n.low & UINT64_MAX);
    return {.value = ((upper / divisor) << 64) | (lower / divisor), .remainder = lower % divisor};
}

/// Binary long division; divisor <= 2^127, so the shifted remainder fits. Only quotients of
/// amounts above 3.4e14 come here.
Quotient divide_wide(Wide n, Unsigned divisor) {
    if (n.high >= divisor) overflow();
    Quotient q{.value = 0, .remainder = n.high};
    for (int bit = 127; bit >= 0; --bit) {
        q.remainder = (q.remainder << 1) | ((n.low >> bit) & 1);
        q.value <<= 1;
        if (q.remainder >= divisor) {
            q.remainder -= divisor;
            q.value |= 1;
        }
    }
    return q;
}

constexpr auto powers_of_ten = [] {
    std::array<Unsigned, 39> powers{1};
    for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
    return powers;
}();

std::string digits_of(Unsigned value) {
    std::string out;
    do {
        out += static_cast<char>('0' + static_cast<int>(value % 10));
        value /= 10;
    } while (value != 0);
    std::ranges::reverse(out);
    return out;
}

std::string_view take_digits(std::string_view& text) {
    auto const end = std::min(text.find_first_not_of("0123456789"), text.size());
    auto const digits = text.substr(0, end);
    text.remove_prefix(end);
    return digits;
}

/// The parts of a JSON number.
struct Notation {
    bool negative = false;
    std::string_view whole;
    std::string_view fraction;
    std::int64_t exponent = 0;
};

bool read_exponent(std::string_view& text, std::int64_t& exponent) {
    if (text.empty() || (text[0] != 'e' && text[0] != 'E')) return true;
    text.remove_prefix(1);
    bool const negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    auto const digits = take_digits(text);
    if (digits.empty()) return false;
    // Beyond this no text that fits into memory has a value in range.
    constexpr std::int64_t enough = 1'000'000'000'000;
    for (char const c : digits) exponent = std::min(exponent * 10 + (c - '0'), enough);
    if (negative) exponent = -exponent;
    return true;
}

std::optional<Notation> read_notation(std::string_view text) {
    Notation n;
    n.negative = text.starts_with('-');
    if (n.negative) text.remove_prefix(1);
    n.whole = take_digits(text);
    if (n.whole.empty() || (n.whole.size() > 1 && n.whole[0] == '0')) return std::nullopt;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        n.fraction = take_digits(text);
        if (n.fraction.empty()) return std::nullopt;
    }
    if (!read_exponent(text, n.exponent) || !text.empty()) return std::nullopt;
    return n;
}

}  // namespace

Decimal Decimal::from_scaled(std::int64_t units, int scale) {
    if (scale < 0 || scale > places) throw std::invalid_argument("decimal scale must be 0 to 12");
    auto const factor = powers_of_ten[static_cast<std::size_t>(places - scale)];
    return from_raw(static_cast<Int>(units) * static_cast<Int>(factor));
}

std::optional<Decimal> Decimal::parse(std::string_view text) {
    auto const notation = read_notation(text);
    if (!notation) return std::nullopt;
    // Trailing zeros, wherever they stand, ask for no precision.
    auto whole = notation->whole;
    auto fraction = notation->fraction.substr(0, notation->fraction.find_last_not_of('0') + 1);
    auto zeros = static_cast<std::int64_t>(0);
    if (fraction.empty()) {
        auto const kept = whole.find_last_not_of('0') + 1;
        zeros = static_cast<std::int64_t>(whole.size() - kept);
        whole = whole.substr(0, kept);
        if (whole.empty()) return Decimal{};
    }
    auto const shift = places + notation->exponent + zeros - std::ssize(fraction);
    if (shift < 0) return std::nullopt;
    Unsigned value = 0;
    for (auto const part : {whole, fraction}) {
        for (char const c : part) {
            if (__builtin_mul_overflow(value, Unsigned{10}, &value) ||
                __builtin_add_overflow(value, static_cast<Unsigned>(c - '0'), &value)) {
                return std::nullopt;
            }
        }
    }
    if (shift >= std::ssize(powers_of_ten) ||
        __builtin_mul_overflow(value, powers_of_ten[static_cast<std::size_t>(shift)], &value) ||
        !fits(value, notation->negative)) {
        return std::nullopt;
    }
    return from_raw(with_sign(value, notation->negative));
}

std::string Decimal::to_string(int scale) const {
    if (scale < 0 || scale > places) throw std::invalid_argument("decimal scale must be 0 to 12");
    auto const scale_digits = static_cast<std::size_t>(scale);
    auto const units = magnitude(raw_) / powers_of_ten[static_cast<std::size_t>(places - scale)];
    auto out = digits_of(units);
    if (out.size() <= scale_digits) out.insert(0, scale_digits + 1 - out.size(), '0');
    if (scale > 0) out.insert(out.size() - scale_digits, 1, '.');
    if (raw_ < 0 && units != 0) out.insert(0, 1, '-');
    return out;
}

std::string Decimal::to_string() const {
    auto out = to_string(places);
    out.erase(out.find_last_not_of('0') + 1);
    if (out.ends_with('.')) out.pop_back();
    return out;
}

double Decimal::to_double_lossy() const {
    return static_cast<double>(raw_) / static_cast<double>(one_raw);
}

Decimal Decimal::operator-() const {
    Int out = 0;
    if (__builtin_sub_overflow(Int{0}, raw_, &out)) overflow();
    return from_raw(out);
}

Decimal Decimal::operator+(Decimal other) const {
    Int out = 0;
    if (__builtin_add_overflow(raw_, other.raw_, &out)) overflow();
    return from_raw(out);
}

Decimal Decimal::operator-(Decimal other) const {
    Int out = 0;
    if (__builtin_sub_overflow(raw_, other.raw_, &out)) overflow();
    return from_raw(out);
}

Decimal multiply(Decimal a, Decimal b, Rounding rounding) {
    bool const negative = a.is_negative() != b.is_negative();
    auto const ua = magnitude(a.raw());
    auto const ub = magnitude(b.raw());
    Unsigned product = 0;
    auto const q = __builtin_mul_overflow(ua, ub, &product)
                       ? divide_by_limb(wide_product(ua, ub), Decimal::one_raw)
                       : Quotient{.value = product / one, .remainder = product % one};
    return rounded(q, one, negative, rounding);
}

Decimal divide(Decimal a, Decimal b, Rounding rounding) {
    if (b.is_zero()) throw std::domain_error("decimal division by zero");
    bool const negative = a.is_negative() != b.is_negative();
    auto const ua = magnitude(a.raw());
    auto const ub = magnitude(b.raw());
    Unsigned scaled = 0;
    auto const q = __builtin_mul_overflow(ua, one, &scaled)
                       ? divide_wide(wide_product(ua, one), ub)
                       : Quotient{.value = scaled / ub, .remainder = scaled % ub};
    return rounded(q, ub, negative, rounding);
}

Decimal to_step(Decimal value, Decimal step, Rounding rounding) {
    if (!step.is_positive()) throw std::domain_error("decimal step must be positive");
    bool const negative = value.is_negative();
    auto const size = magnitude(value.raw());
    auto const width = magnitude(step.raw());
    Quotient const q{.value = size / width, .remainder = size % width};
    auto steps = q.value;
    if (rounds_up(q, width, negative, rounding)) ++steps;
    Unsigned out = 0;
    if (__builtin_mul_overflow(steps, width, &out) || !fits(out, negative)) overflow();
    return Decimal::from_raw(with_sign(out, negative));
}

Money notional(Price price, Quantity quantity, Rounding rounding) {
    return Money{multiply(price.value, quantity.value, rounding)};
}

Quantity quantity_for(Money money, Price price, Rounding rounding) {
    return Quantity{divide(money.value, price.value, rounding)};
}

Price average_price(Money money, Quantity quantity, Rounding rounding) {
    return Price{divide(money.value, quantity.value, rounding)};
}

}  // namespace obscura::base
