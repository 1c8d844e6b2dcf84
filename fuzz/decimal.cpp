// Decimals: what is read prints to itself, and what is computed is what long hand computes.
#include "base/decimal.hpp"
#include "base/json.hpp"
#include "fuzz/target.hpp"
#include "unit/base/long_hand.hpp"

#include <array>
#include <optional>
#include <string>

namespace obscura::fuzz {
namespace {

namespace long_hand = test::long_hand;
using base::Decimal;
using base::Rounding;

constexpr std::array roundings{Rounding::toward_zero, Rounding::away_from_zero, Rounding::floor,
                               Rounding::ceiling, Rounding::half_even};
constexpr std::string_view one = "1000000000000";

/// The magnitude in units of the last place.
std::string units_of(Decimal value) {
    auto text = value.to_string(Decimal::places);
    std::erase(text, '-');
    std::erase(text, '.');
    return long_hand::trimmed(text);
}

/// nullopt where the result is out of range.
template <class Compute>
std::optional<Decimal> computed(Compute const& compute) {
    try {
        return compute();
    } catch (base::DecimalOverflow const&) {
        return std::nullopt;
    }
}

void must_print(Decimal value) {
    auto const text = value.to_string();
    must(Decimal::parse(text) == value, "a decimal prints to what is read as itself");
    auto const json = base::parse_json(text);
    must(json && json->to_decimal() == value, "a decimal prints as a JSON number");
    for (int places = 0; places <= Decimal::places; ++places) {
        auto const cut = Decimal::parse(value.to_string(places));
        must(cut.has_value(), "a decimal prints with any number of places");
        auto const rest = value.is_negative() ? *cut - value : value - *cut;
        must(!rest.is_negative() && rest < Decimal::from_scaled(1, places), "places are cut off");
    }
}

/// Whether `result` is dividend / divisor rounded, all magnitudes in units of the last place.
bool is_quotient(std::string const& dividend, std::string const& divisor, bool negative,
                 Rounding rounding, std::string const& result) {
    auto const [quotient, rest] = long_hand::divide(dividend, divisor);
    auto const twice = long_hand::add(rest, rest);
    bool const odd = (quotient.back() - '0') % 2 == 1;
    bool up = false;
    switch (rounding) {
        case Rounding::toward_zero:
            break;
        case Rounding::away_from_zero:
            up = rest != "0";
            break;
        case Rounding::floor:
            up = negative && rest != "0";
            break;
        case Rounding::ceiling:
            up = !negative && rest != "0";
            break;
        case Rounding::half_even:
            up = long_hand::less(divisor, twice) || (twice == divisor && odd);
            break;
    }
    return result == (up ? long_hand::add(quotient, "1") : quotient);
}

void must_compute(Decimal a, Decimal b, Rounding rounding) {
    bool const negative = a.is_negative() != b.is_negative();
    if (auto const sum = computed([&] { return a + b; })) {
        must(b + a == *sum, "a sum has no order");
        auto const back = computed([&] { return *sum - b; });
        must(back == a, "what was added can be taken away");
    }
    if (auto const product = computed([&] { return multiply(a, b, rounding); })) {
        must(multiply(b, a, rounding) == *product, "a product has no order");
        must(is_quotient(long_hand::multiply(units_of(a), units_of(b)), std::string(one), negative,
                         rounding, units_of(*product)),
             "a product is exact but for its rounding");
    }
    if (b.is_zero()) return;
    if (auto const quotient = computed([&] { return divide(a, b, rounding); }))
        must(is_quotient(long_hand::multiply(units_of(a), std::string(one)), units_of(b), negative,
                         rounding, units_of(*quotient)),
             "a quotient is exact but for its rounding");
    if (!b.is_positive()) return;
    if (auto const stepped = computed([&] { return to_step(a, b, rounding); })) {
        must(long_hand::divide(units_of(*stepped), units_of(b)).second == "0", "a step is a step");
        auto const away = computed([&] { return *stepped < a ? a - *stepped : *stepped - a; });
        must(away && *away < b, "a step is the next one");
    }
}

}  // namespace

/// A byte for the rounding and two numbers, a line each.
void try_input(std::string_view input) {
    auto [choice, rest] = choice_and_rest(input);
    auto const rounding = roundings[choice % roundings.size()];
    auto const a = Decimal::parse(take_line(rest));
    auto const b = Decimal::parse(take_line(rest));
    if (a) must_print(*a);
    if (b) must_print(*b);
    if (a && b) must_compute(*a, *b, rounding);
}

}  // namespace obscura::fuzz
