#include "model/rate_budget.hpp"

#include <gtest/gtest.h>

namespace obscura::model {
namespace {

using namespace std::chrono_literals;
using enum BudgetUse;

constexpr VenueLimits small{
    .weight_per_minute = 100, .orders_per_10s = 3, .reserved_for_exits_percent = 10};
constexpr BudgetTime minute_start{.venue = base::Timestamp(std::chrono::minutes(30'000'000)),
                                  .steady = base::Instant(1h)};

BudgetTime operator+(BudgetTime time, std::chrono::microseconds by) {
    return {.venue = time.venue + by, .steady = time.steady + by};
}

TEST(RateBudget, OpensLeaveAShareToExits) {
    RateBudget budget(small);
    auto const now = minute_start + 1s;
    EXPECT_EQ(budget.reserve("a", 90, 0, open, now), 0ms);
    EXPECT_EQ(budget.reserve("a", 1, 0, open, now), 59s);
    EXPECT_EQ(budget.reserve("a", 10, 0, exit_or_query, now), 0ms);
    EXPECT_EQ(budget.reserve("a", 1, 0, exit_or_query, now), 59s);
    EXPECT_EQ(budget.weight_used(), 100);
}

TEST(RateBudget, TheWindowBeginsAnew) {
    RateBudget budget(small);
    EXPECT_EQ(budget.reserve("a", 90, 0, open, minute_start + 59'999ms), 0ms);
    EXPECT_EQ(budget.reserve("a", 1, 0, open, minute_start + 59'999ms), 1ms);
    EXPECT_EQ(budget.reserve("a", 90, 0, open, minute_start + 60s), 0ms);
    EXPECT_EQ(budget.weight_used(), 90);
}

TEST(RateBudget, OrdersAreCountedForEachAccount) {
    RateBudget budget(small);
    auto const now = minute_start + 12s;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(budget.reserve("a", 1, 1, open, now), 0ms);
    EXPECT_EQ(budget.reserve("a", 1, 1, open, now), 8s);
    EXPECT_EQ(budget.reserve("a", 1, 1, exit_or_query, now), 8s);  // the venue knows no exits
    EXPECT_EQ(budget.reserve("b", 1, 1, open, now), 0ms);
    EXPECT_EQ(budget.reserve("a", 1, 0, exit_or_query, now), 0ms);  // a query is no order
    EXPECT_EQ(budget.reserve("a", 1, 1, open, minute_start + 20s), 0ms);
}

TEST(RateBudget, WhatIsNotGrantedIsNotCounted) {
    RateBudget budget(small);
    auto const now = minute_start;
    EXPECT_EQ(budget.reserve("a", 1, 4, open, now), 10s);
    EXPECT_EQ(budget.reserve("a", 91, 1, open, now), 60s);
    EXPECT_EQ(budget.weight_used(), 0);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(budget.reserve("a", 1, 1, open, now), 0ms);
}

TEST(RateBudget, APauseHoldsForEverybodyAndOnlyGrows) {
    RateBudget budget(small);
    budget.pause_until((minute_start + 5s).steady);
    budget.pause_until((minute_start + 2s).steady);
    EXPECT_EQ(budget.reserve("a", 1, 1, exit_or_query, minute_start + 1s), 4s);
    EXPECT_EQ(budget.reserve("b", 1, 0, open, minute_start + 4'999'500us), 1ms);  // rounded up
    EXPECT_EQ(budget.reserve("b", 1, 0, open, minute_start + 5s), 0ms);
}

TEST(RateBudget, AnAccountPausesAlone) {
    RateBudget budget(small);
    budget.pause_account("a", (minute_start + 70s).steady);
    budget.pause_account("a", (minute_start + 2s).steady);
    EXPECT_EQ(budget.reserve("a", 1, 1, exit_or_query, minute_start + 1s), 69s);
    EXPECT_EQ(budget.reserve("a", 1, 0, exit_or_query, minute_start + 1s), 0ms);  // no order
    EXPECT_EQ(budget.reserve("b", 1, 1, open, minute_start + 1s), 0ms);
    // Others' new minute does not end the pause.
    EXPECT_EQ(budget.reserve("b", 1, 1, open, minute_start + 61s), 0ms);
    EXPECT_EQ(budget.reserve("a", 1, 1, open, minute_start + 61s), 9s);
    EXPECT_EQ(budget.reserve("a", 1, 1, open, minute_start + 70s), 0ms);
}

// The venue's clock may be read anew, and jump; a pause is a span of time.
TEST(RateBudget, APauseDoesNotFollowAJumpOfTheClock) {
    for (auto const jump : {-3h, 3h}) {
        RateBudget budget(small);
        EXPECT_EQ(budget.reserve("a", 1, 0, open, minute_start), 0ms);
        budget.pause_until((minute_start + 5s).steady);
        auto later = minute_start + 1s;
        later.venue += jump;
        EXPECT_EQ(budget.reserve("a", 1, 0, open, later), 4s);
        later = later + 4s;
        EXPECT_EQ(budget.reserve("a", 1, 0, open, later), 0ms);
    }
}

TEST(RateBudget, WhatTheVenueCountsIsSpent) {
    RateBudget budget(small);
    auto const now = minute_start + 30s;
    EXPECT_EQ(budget.reserve("a", 20, 0, open, now), 0ms);
    budget.observe_weight(10, now.venue);  // ours are still under way
    EXPECT_EQ(budget.weight_used(), 20);
    budget.observe_weight(95, now.venue);  // and somebody else's
    EXPECT_EQ(budget.reserve("a", 1, 0, open, now), 30s);
    EXPECT_EQ(budget.reserve("a", 5, 0, exit_or_query, now), 0ms);
    EXPECT_EQ(budget.reserve("a", 1, 0, exit_or_query, now), 30s);
    EXPECT_EQ(budget.reserve("a", 90, 0, open, now + 30s), 0ms);
    budget.observe_weight(100, now.venue);  // of a minute that is over
    EXPECT_EQ(budget.weight_used(), 90);
    budget.observe_weight(50, (now + 90s).venue);
    EXPECT_EQ(budget.weight_used(), 50);
}

}  // namespace
}  // namespace obscura::model
