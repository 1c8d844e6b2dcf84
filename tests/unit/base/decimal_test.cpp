#include "base/decimal.hpp"

#include <gtest/gtest.h>

#include <string>

namespace obscura::base {
namespace {

constexpr auto largest = "170141183460469231731687303.715884105727";
constexpr auto smallest = "-170141183460469231731687303.715884105728";

Decimal dec(std::string_view text) { return Decimal::parse(text).value(); }

TEST(DecimalParse, ReadsWhatJsonWrites) {
    struct Case {
        std::string_view text;
        std::string_view shortest;
    };
    for (auto const& [text, shortest] : {
             Case{"0", "0"},
             Case{"-0", "0"},
             Case{"-0.0", "0"},
             Case{"7", "7"},
             Case{"-0.10", "-0.1"},
             Case{"50000", "50000"},
             Case{"0.000000000001", "0.000000000001"},
             Case{"-123.456789012345", "-123.456789012345"},
             Case{"1e-8", "0.00000001"},
             Case{"5E3", "5000"},
             Case{"5e+3", "5000"},
             Case{"1.5e0", "1.5"},
             Case{"12.5e-11", "0.000000000125"},
             Case{"0.0000000000000001e10", "0.000001"},
             Case{"1.10000000000000000000000000000000000000000000000000", "1.1"},
             Case{"10000000000000000000000000000000000000000e-40", "1"},
             Case{"0e999", "0"},
             Case{"0.000e-99999999999999999999", "0"},
             Case{largest, largest},
             Case{smallest, smallest},
         }) {
        auto const value = Decimal::parse(text);
        ASSERT_TRUE(value) << text;
        EXPECT_EQ(value->to_string(), shortest) << text;
        EXPECT_EQ(dec(value->to_string()), *value) << text;
    }
}

TEST(DecimalParse, RefusesEverythingElse) {
    for (std::string_view const text : {"",
                                        "+1",
                                        ".5",
                                        "5.",
                                        " 1",
                                        "1 ",
                                        "-",
                                        "--1",
                                        "01",
                                        "-01",
                                        "00",
                                        "1e",
                                        "1e+",
                                        "1e-",
                                        "e5",
                                        "0x10",
                                        "NaN",
                                        "inf",
                                        "-inf",
                                        "1,5",
                                        "1_000",
                                        "1e1.5",
                                        "1.",
                                        "-.5",
                                        "1..2",
                                        "1e5 ",
                                        "\t1",
                                        "1\n",
                                        "١",
                                        "1e999",
                                        "1e27",
                                        "1e-13",
                                        "½",
                                        "1e--2",
                                        "0.0000000000001",
                                        "1.0000000000001",
                                        "99999999999999999999999999999999999999999999",
                                        "1e99999999999999999999999999",
                                        "1e-99999999999999999999999999",
                                        "170141183460469231731687303.715884105728",
                                        "-170141183460469231731687303.715884105729"}) {
        EXPECT_FALSE(Decimal::parse(text)) << text;
    }
    EXPECT_FALSE(Decimal::parse(std::string_view("1\0", 2)));
}

TEST(DecimalParse, LongTextIsReadInLinearTime) {
    auto const zeros = std::string(1'000'000, '0');
    EXPECT_EQ(dec("1." + zeros), Decimal(1));
    EXPECT_EQ(dec("0." + zeros + "1e1000001"), Decimal(1));
    EXPECT_EQ(dec("1" + zeros + "e-1000000"), Decimal(1));
    EXPECT_FALSE(Decimal::parse(std::string(1'000'000, '9')));
}

TEST(DecimalPrint, CutsToAScaleTowardsZero) {
    EXPECT_EQ(dec("1.239").to_string(2), "1.23");
    EXPECT_EQ(dec("-1.239").to_string(2), "-1.23");
    EXPECT_EQ(dec("5").to_string(4), "5.0000");
    EXPECT_EQ(dec("0.5").to_string(0), "0");
    EXPECT_EQ(dec("-0.001").to_string(2), "0.00");
    EXPECT_EQ(dec("0.05").to_string(12), "0.050000000000");
    EXPECT_EQ(dec(smallest).to_string(1), "-170141183460469231731687303.7");
    EXPECT_THROW((void)dec("1").to_string(13), std::invalid_argument);
    EXPECT_THROW((void)dec("1").to_string(-1), std::invalid_argument);
}

TEST(Decimal, ScalesUnits) {
    EXPECT_EQ(Decimal::from_scaled(12345, 2), dec("123.45"));
    EXPECT_EQ(Decimal::from_scaled(-1, 12), dec("-0.000000000001"));
    EXPECT_EQ(Decimal::from_scaled(INT64_MIN, 0), dec("-9223372036854775808"));
    EXPECT_THROW((void)Decimal::from_scaled(1, 13), std::invalid_argument);
    EXPECT_THROW((void)Decimal::from_scaled(1, -1), std::invalid_argument);
}

TEST(Decimal, AddsAndSubtractsExactlyOrThrows) {
    EXPECT_EQ(dec("0.1") + dec("0.2"), dec("0.3"));
    EXPECT_EQ(dec("0.1") - dec("0.2"), dec("-0.1"));
    EXPECT_EQ(-dec("5"), dec("-5"));
    EXPECT_EQ(dec("-5").abs(), dec("5"));
    auto const unit = Decimal::from_raw(1);
    EXPECT_EQ(dec(largest) + dec(smallest), -unit);
    EXPECT_THROW((void)(dec(largest) + unit), DecimalOverflow);
    EXPECT_THROW((void)(dec(smallest) - unit), DecimalOverflow);
    EXPECT_THROW((void)-dec(smallest), DecimalOverflow);
    EXPECT_THROW((void)dec(smallest).abs(), DecimalOverflow);
}

TEST(Decimal, Orders) {
    EXPECT_LT(dec("-2"), dec("-1.999999999999"));
    EXPECT_GT(dec("0.1"), dec("0.099999999999"));
    EXPECT_EQ(dec("1.0"), Decimal(1));
    EXPECT_TRUE(dec("-0").is_zero());
    EXPECT_FALSE(dec("-0").is_negative());
}

TEST(Decimal, BecomesADoubleForPlots) {
    EXPECT_DOUBLE_EQ(dec("-1234.5").to_double_lossy(), -1234.5);
    EXPECT_NEAR(dec(largest).to_double_lossy(), 1.70141183460469e26, 1e12);
}

TEST(Amounts, MeetInNamedOperations) {
    auto const price = Price::parse("50000.5").value();
    auto const quantity = Quantity::parse("0.002").value();
    EXPECT_EQ(notional(price, quantity, Rounding::toward_zero), Money::parse("100.001"));
    EXPECT_EQ(quantity_for(Money(100), price, Rounding::floor).to_string(), "0.00199998");
    EXPECT_EQ(average_price(Money(100), Quantity(3), Rounding::half_even).to_string(),
              "33.333333333333");
    EXPECT_EQ(ratio(Money(1), Money(8), Rounding::toward_zero), dec("0.125"));
    EXPECT_EQ(scale(Money(10), dec("0.35"), Rounding::toward_zero), Money::parse("3.5"));
    EXPECT_EQ(to_step(Quantity::parse("0.12345").value(), Quantity::parse("0.001").value(),
                      Rounding::toward_zero),
              Quantity::parse("0.123"));
    EXPECT_FALSE(Price::parse("abc"));
    EXPECT_LT(Money(-1), Money(1));
}

}  // namespace
}  // namespace obscura::base
