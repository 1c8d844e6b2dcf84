#include "base/clock.hpp"

#include <gtest/gtest.h>

namespace obscura::base {
namespace {

TEST(Rfc3339, PrintsMillisecondsInUtc) {
    EXPECT_EQ(to_rfc3339(from_unix_ms(0)), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(to_rfc3339(from_unix_us(1795383000123999)), "2026-11-22T21:30:00.123Z");
    EXPECT_EQ(to_rfc3339(from_unix_us(-1)), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(to_rfc3339(from_unix_ms(951782400000)), "2000-02-29T00:00:00.000Z");
    EXPECT_EQ(to_rfc3339(from_unix_ms(INT64_MAX)), "9999-12-31T23:59:59.999Z");
    EXPECT_EQ(to_rfc3339(from_unix_ms(INT64_MIN)), "0000-01-01T00:00:00.000Z");
}

TEST(Rfc3339, ReadsEveryAllowedForm) {
    struct Case {
        std::string_view text;
        std::int64_t us;
    };
    for (auto const& [text, us] : {
             Case{"2026-11-22T21:30:00Z", 1795383000000000},
             Case{"2026-11-22t21:30:00.1z", 1795383000100000},
             Case{"2026-11-22T21:30:00.123456789Z", 1795383000123456},
             Case{"2026-11-23T03:00:00+05:30", 1795383000000000},
             Case{"2026-11-22T13:30:00.000001-08:00", 1795383000000001},
             Case{"1969-12-31T23:59:59.5Z", -500000},
             Case{"2024-02-29T00:00:00Z", 1709164800000000},
             Case{"2016-12-31T23:59:60Z", 1483228800000000},
             Case{"2017-01-01T00:59:60+01:00", 1483228800000000},
         }) {
        auto const time = parse_rfc3339(text);
        ASSERT_TRUE(time) << text;
        EXPECT_EQ(to_unix_us(*time), us) << text;
    }
}

TEST(Rfc3339, RefusesEverythingElse) {
    for (std::string_view const text : {"",
                                        "2026-11-22",
                                        "2026-11-22T21:30:00",
                                        "2026-11-22 21:30:00Z",
                                        "2026-11-22T21:30Z",
                                        "2026-13-01T00:00:00Z",
                                        "2026-00-01T00:00:00Z",
                                        "2026-02-29T00:00:00Z",
                                        "2026-11-31T00:00:00Z",
                                        "2026-11-22T24:00:00Z",
                                        "2026-11-22T21:60:00Z",
                                        "2026-11-22T21:30:60Z",
                                        "2026-11-22T21:30:61Z",
                                        "2026-11-22T21:30:00.Z",
                                        "2026-11-22T21:30:00.1234567890Z",
                                        "2026-11-22T21:30:00+0530",
                                        "2026-11-22T21:30:00+24:00",
                                        "2026-11-22T21:30:00+05:60",
                                        "2026-11-22T21:30:00Z ",
                                        " 2026-11-22T21:30:00Z",
                                        "26-11-22T21:30:00Z",
                                        "+2026-11-22T21:30:00Z",
                                        "2026-1-22T21:30:00Z",
                                        "1795383000"}) {
        EXPECT_FALSE(parse_rfc3339(text)) << text;
    }
}

TEST(UnixTime, RoundsDownAndSaturates) {
    EXPECT_EQ(to_unix_ms(from_unix_us(1999)), 1);
    EXPECT_EQ(to_unix_ms(from_unix_us(-1)), -1);
    EXPECT_EQ(to_unix_us(from_unix_ms(7)), 7000);
    EXPECT_GT(from_unix_ms(INT64_MAX), from_unix_ms(0));
    EXPECT_LT(from_unix_ms(INT64_MIN), from_unix_ms(0));
}

TEST(ManualClock, MovesOnlyWhenTold) {
    ManualClock clock(from_unix_ms(1000));
    auto const start = clock.steady();
    clock.advance(std::chrono::seconds(5));
    clock.step_wall(std::chrono::seconds(-3));
    EXPECT_EQ(to_unix_ms(clock.now()), 3000);
    EXPECT_EQ(clock.steady() - start, std::chrono::seconds(5));
}

TEST(SystemClock, IsInThisCenturyAndNeverGoesBack) {
    SystemClock const clock;
    EXPECT_GT(clock.now(), parse_rfc3339("2025-01-01T00:00:00Z"));
    auto const before = clock.steady();
    EXPECT_GE(clock.steady(), before);
}

}  // namespace
}  // namespace obscura::base
