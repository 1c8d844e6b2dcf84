// multiply, divide and to_step against arithmetic done long-hand on digits.
#include "base/decimal.hpp"
#include "long_hand.hpp"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace obscura::base {
namespace {

namespace lh = test::long_hand;

constexpr std::array modes{Rounding::toward_zero, Rounding::away_from_zero, Rounding::floor,
                           Rounding::ceiling, Rounding::half_even};
std::string const one = "1000000000000";

Decimal dec(std::string_view text) { return Decimal::parse(text).value(); }

/// |raw| as digits, by way of the text form.
std::string digits_of(Decimal value) {
    auto text = value.to_string(Decimal::places);
    std::erase_if(text, [](char c) { return c == '.' || c == '-'; });
    return lh::trimmed(text);
}

/// numerator / denominator rounded to an integer, as signed digits.
std::string rounded(std::string const& numerator, std::string const& denominator, bool negative,
                    Rounding rounding) {
    auto [quotient, rest] = lh::divide(numerator, denominator);
    auto const twice = lh::add(rest, rest);
    bool const tie = twice == denominator;
    bool const odd = (quotient.back() - '0') % 2 == 1;
    bool up = false;
    if (rest != "0") {
        if (rounding == Rounding::away_from_zero) up = true;
        if (rounding == Rounding::floor) up = negative;
        if (rounding == Rounding::ceiling) up = !negative;
        if (rounding == Rounding::half_even) up = tie ? odd : lh::less(denominator, twice);
    }
    if (up) quotient = lh::add(quotient, "1");
    return (negative && quotient != "0" ? "-" : "") + quotient;
}

bool in_range(std::string const& signed_digits) {
    bool const negative = signed_digits.starts_with('-');
    auto const digits = signed_digits.substr(negative ? 1 : 0);
    return !lh::less(negative ? "170141183460469231731687303715884105728"
                              : "170141183460469231731687303715884105727",
                     digits);
}

/// The result's raw digits with their sign, or nullopt for an overflow.
template <class Operation>
std::optional<std::string> result_of(Operation operation) {
    try {
        Decimal const value = operation();
        return (value.is_negative() ? "-" : "") + digits_of(value);
    } catch (DecimalOverflow const&) {
        return std::nullopt;
    }
}

std::optional<std::string> expected(std::string const& digits) {
    if (!in_range(digits)) return std::nullopt;
    return digits;
}

void check(Decimal a, Decimal b) {
    for (auto const mode : modes) {
        auto const where = a.to_string() + " and " + b.to_string() + ", mode " +
                           std::to_string(static_cast<int>(mode));
        bool const negative = a.is_negative() != b.is_negative();
        auto const x = digits_of(a);
        auto const y = digits_of(b);
        EXPECT_EQ(result_of([&] { return multiply(a, b, mode); }),
                  expected(rounded(lh::multiply(x, y), one, negative, mode)))
            << where;
        if (b.is_zero()) continue;
        EXPECT_EQ(result_of([&] { return divide(a, b, mode); }),
                  expected(rounded(lh::multiply(x, one), y, negative, mode)))
            << where;
        if (b.is_negative()) continue;
        auto steps = rounded(x, y, a.is_negative(), mode);
        bool const below = steps.starts_with('-');
        auto const stepped = (below ? "-" : "") + lh::multiply(steps.substr(below ? 1 : 0), y);
        EXPECT_EQ(result_of([&] { return to_step(a, b, mode); }), expected(stepped)) << where;
    }
}

TEST(LongHand, IsRightItself) {
    EXPECT_EQ(lh::multiply("123456789", "987654321"), "121932631112635269");
    EXPECT_EQ(lh::multiply("340282366920938463463374607431768211455", "99"),
              "33687954325172907882874086135745052934045");
    EXPECT_EQ(lh::divide("1000", "7"), (std::pair<std::string, std::string>("142", "6")));
    EXPECT_EQ(lh::subtract("1000", "1"), "999");
    EXPECT_EQ(lh::add("999", "1"), "1000");
}

TEST(DecimalArithmetic, MatchesLongHandAtTheEdges) {
    std::vector<Decimal> values;
    for (auto const* const text : {"0",
                                   "0.000000000001",
                                   "0.000000000002",
                                   "0.000000000003",
                                   "0.5",
                                   "0.999999999999",
                                   "1",
                                   "1.000000000001",
                                   "1.5",
                                   "2",
                                   "3",
                                   "7",
                                   "10",
                                   "0.1",
                                   "1000000",
                                   "0.000001",
                                   "18446744.073709551615",
                                   "18446744.073709551616",
                                   "13043817.825332782212",
                                   "13043817.825332782213",
                                   "340282366920938.463463374607",
                                   "340282366920938.463463374608",
                                   "85070591730234615865843651.857942052864",
                                   "170141183460469231731687303.715884105727"}) {
        values.push_back(dec(text));
        values.push_back(-dec(text));
    }
    values.push_back(dec("-170141183460469231731687303.715884105728"));
    for (auto const a : values) {
        for (auto const b : values) check(a, b);
    }
}

TEST(DecimalArithmetic, MatchesLongHandOnAnyWidth) {
    std::mt19937_64 engine(20261122);
    auto const next = [&engine] {
        auto const wide = static_cast<unsigned __int128>(engine()) << 64 | engine();
        auto const value = static_cast<__int128>(wide >> (1 + engine() % 127));
        return Decimal::from_raw(engine() % 2 == 0 ? value : -value);
    };
    for (int i = 0; i < 500; ++i) check(next(), next());
}

struct Tie {
    std::string_view value;
    std::array<std::string_view, 5> results;  ///< in the order of `modes`
};

TEST(DecimalArithmetic, RoundsTiesByName) {
    // Half of the last place, times an odd number of last places.
    for (auto const& [value, results] :
         {Tie{"0.000000000001", {"0", "0.000000000001", "0", "0.000000000001", "0"}},
          Tie{"0.000000000003",
              {"0.000000000001", "0.000000000002", "0.000000000001", "0.000000000002",
               "0.000000000002"}},
          Tie{"-0.000000000001", {"0", "-0.000000000001", "-0.000000000001", "0", "0"}},
          Tie{"-0.000000000003",
              {"-0.000000000001", "-0.000000000002", "-0.000000000002", "-0.000000000001",
               "-0.000000000002"}},
          Tie{"-0.000000000005",
              {"-0.000000000002", "-0.000000000003", "-0.000000000003", "-0.000000000002",
               "-0.000000000002"}}}) {
        for (std::size_t i = 0; i < modes.size(); ++i) {
            EXPECT_EQ(multiply(dec(value), dec("0.5"), modes[i]), dec(results[i])) << value << i;
            EXPECT_EQ(divide(dec(value), dec("2"), modes[i]), dec(results[i])) << value << i;
        }
    }
}

TEST(DecimalArithmetic, StepsByName) {
    auto const step = dec("0.25");
    for (auto const& [value, results] : {Tie{"1.375", {"1.25", "1.5", "1.25", "1.5", "1.5"}},
                                         Tie{"1.125", {"1", "1.25", "1", "1.25", "1"}},
                                         Tie{"-1.125", {"-1", "-1.25", "-1.25", "-1", "-1"}},
                                         Tie{"-1.3", {"-1.25", "-1.5", "-1.5", "-1.25", "-1.25"}},
                                         Tie{"1.5", {"1.5", "1.5", "1.5", "1.5", "1.5"}}}) {
        for (std::size_t i = 0; i < modes.size(); ++i) {
            EXPECT_EQ(to_step(dec(value), step, modes[i]), dec(results[i])) << value << i;
        }
    }
}

TEST(DecimalArithmetic, RefusesZeroDivisorsAndSteps) {
    EXPECT_THROW((void)divide(Decimal(1), Decimal(0), Rounding::floor), std::domain_error);
    EXPECT_THROW((void)to_step(Decimal(1), Decimal(0), Rounding::floor), std::domain_error);
    EXPECT_THROW((void)to_step(Decimal(1), Decimal(-1), Rounding::floor), std::domain_error);
}

}  // namespace
}  // namespace obscura::base
