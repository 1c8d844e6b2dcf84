#include "paper/engine/rate_limits.hpp"
#include "base/clock.hpp"

#include <gtest/gtest.h>

namespace obscura::paper {
namespace {

using Kind = RateLimits::WeightVerdict::Kind;
using namespace std::chrono_literals;

/// The start of a whole minute, ten seconds and nearly a day before midnight.
base::Timestamp const start = base::from_unix_ms(1'699'999'980'000);

TEST(PaperRateLimits, WeightIsCountedPerAddressAndMinute) {
    base::ManualClock clock(start + 15s);
    RateLimits limits({.weight_per_minute = 100});
    EXPECT_EQ(limits.charge("a", 60, clock.now()).used, 60U);
    EXPECT_EQ(limits.charge("a", 40, clock.now()).kind, Kind::ok);
    auto const over = limits.charge("a", 1, clock.now());
    EXPECT_EQ(over.kind, Kind::limited);
    EXPECT_EQ(over.used, 101U);
    EXPECT_EQ(over.retry_after, 45s);
    EXPECT_EQ(limits.charge("b", 100, clock.now()).kind, Kind::ok);
    clock.advance(45s);
    auto const fresh = limits.charge("a", 1, clock.now());
    EXPECT_EQ(fresh.kind, Kind::ok);
    EXPECT_EQ(fresh.used, 1U);
}

TEST(PaperRateLimits, WhoGoesOnIsBannedAndTheNextBanIsLonger) {
    base::ManualClock clock(start);
    RateLimits limits({.weight_per_minute = 10, .refusals_before_ban = 3, .first_ban = 120s});
    auto const abuse = [&] {
        auto verdict = limits.charge("a", 11, clock.now());
        for (int i = 0; i < 3; ++i) {
            EXPECT_EQ(verdict.kind, Kind::limited);
            verdict = limits.charge("a", 1, clock.now());
        }
        return verdict;
    };
    auto const first = abuse();
    EXPECT_EQ(first.kind, Kind::banned);
    EXPECT_EQ(first.retry_after, 120s);
    EXPECT_EQ(first.banned_until, clock.now() + 120s);
    clock.advance(119s);
    EXPECT_EQ(limits.charge("a", 1, clock.now()).kind, Kind::banned);
    clock.advance(61s);  // a new minute, the ban over
    EXPECT_EQ(limits.charge("a", 1, clock.now()).kind, Kind::ok);
    clock.advance(60s);
    EXPECT_EQ(abuse().retry_after, 240s);
}

TEST(PaperRateLimits, OrdersAreCountedPerAccountInTenSecondsAndADay) {
    base::ManualClock clock(start);
    RateLimits limits({.orders_per_10s = 2, .orders_per_day = 3});
    AccountId const a(1);
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(limits.check_order(a, clock.now()));
        limits.count_order(a, clock.now());
    }
    auto const refused = limits.check_order(a, clock.now());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, -1015);
    EXPECT_EQ(refused.error().http_status, 429U);
    EXPECT_TRUE(limits.check_order(AccountId(2), clock.now()));
    clock.advance(10s);
    ASSERT_TRUE(limits.check_order(a, clock.now()));
    auto const counts = limits.count_order(a, clock.now());
    EXPECT_EQ(counts.in_10s, 1U);
    EXPECT_EQ(counts.in_day, 3U);
    clock.advance(10s);
    EXPECT_FALSE(limits.check_order(a, clock.now()));
    clock.advance(24h);
    EXPECT_TRUE(limits.check_order(a, clock.now()));
}

TEST(PaperRateLimits, MinutesCountWhereTheyAreLimited) {
    base::ManualClock clock(start);
    RateLimits limits({.orders_per_minute = 2});
    AccountId const account(1);
    for (int i = 0; i < 2; ++i) {
        EXPECT_TRUE(limits.check_order(account, clock.now()));
        EXPECT_EQ(limits.count_order(account, clock.now()).in_minute, i + 1U);
        clock.advance(15s);
    }
    auto const refused = limits.check_order(account, clock.now());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, -1015);
    clock.advance(30s);
    EXPECT_TRUE(limits.check_order(account, clock.now()));
}

}  // namespace
}  // namespace obscura::paper
