#include "citadel/call_limits.hpp"

#include <gtest/gtest.h>

#include <string>

namespace obscura::citadel {
namespace {

using namespace std::chrono_literals;
using enum CallKind;
using enum CallerName;

CallRates rates(std::int64_t of_caller, std::int64_t of_account) {
    CallRates out;
    out.of_caller.fill(of_caller);
    out.of_account.fill(of_account);
    return out;
}

struct CallLimitsTest : ::testing::Test {
    base::SeededRandom random{3};
    base::Instant now{1h};

    /// How many of `tries` pass.
    int passing(CallLimits& limits, CallKind kind, std::string const& account, int tries,
                CallerName caller = conductor) {
        int passed = 0;
        for (int i = 0; i < tries; ++i)
            if (!limits.take(caller, kind, account, 1, now)) ++passed;
        return passed;
    }
};

TEST_F(CallLimitsTest, TenSecondsWorthAtOnceAndThenTheRate) {
    CallLimits limits(rates(0, 2), random);
    EXPECT_EQ(passing(limits, opening, "a", 100), 20);
    auto const refused = limits.take(conductor, opening, "a", 1, now);
    ASSERT_TRUE(refused);
    EXPECT_TRUE(refused->is_accounts);
    EXPECT_EQ(refused->retry_after, 500ms);
    now += 499ms;
    EXPECT_EQ(passing(limits, opening, "a", 1), 0);
    now += 1ms;
    EXPECT_EQ(passing(limits, opening, "a", 5), 1);
    now += 3s;
    EXPECT_EQ(passing(limits, opening, "a", 100), 6);
    now += 1h;
    EXPECT_EQ(passing(limits, opening, "a", 100), 20) << "no more than that is saved up";
}

TEST_F(CallLimitsTest, AnExitHasARoomOfItsOwn) {
    CallLimits limits(rates(3, 2), random);
    EXPECT_EQ(passing(limits, opening, "a", 100), 20);
    EXPECT_EQ(passing(limits, look, "a", 100), 20);
    EXPECT_EQ(passing(limits, opening, "b", 100), 10);  // what is left to the caller
    EXPECT_EQ(passing(limits, exit, "a", 100), 20);
}

TEST_F(CallLimitsTest, AccountsAndCallersHoldUpNoOther) {
    CallLimits limits(rates(5, 2), random);
    EXPECT_EQ(passing(limits, look, "a", 100), 20);
    EXPECT_EQ(passing(limits, look, "b", 100), 20) << "what was refused did not count";
    EXPECT_EQ(passing(limits, look, "c", 100), 10);
    EXPECT_FALSE(limits.take(conductor, look, "d", 1, now)->is_accounts);
    EXPECT_EQ(passing(limits, look, "d", 100, sentinel), 20);
}

TEST_F(CallLimitsTest, ALargeOneIsPaidForByAPause) {
    CallLimits limits(rates(10, 0), random);
    EXPECT_FALSE(limits.take(admin, decrypt, "", 1'000, now));
    EXPECT_EQ(limits.take(admin, decrypt, "", 1, now)->retry_after, 90s + 100ms);
    now += 90s + 100ms;
    EXPECT_EQ(passing(limits, decrypt, "", 100, admin), 1);
}

TEST_F(CallLimitsTest, NobodyIsForgottenForThoseThatAreMadeUp) {
    CallLimits limits(rates(0, 2), random);
    EXPECT_EQ(passing(limits, opening, "victim", 20), 20);
    for (int i = 0; i < 300'000; ++i)
        (void)limits.take(conductor, opening, "made up " + std::to_string(i), 1, now);
    EXPECT_EQ(passing(limits, opening, "victim", 10), 0);
}

TEST_F(CallLimitsTest, HardlyAnybodySharesTwoPlaces) {
    CallLimits limits(rates(0, 2), random);
    for (int i = 0; i < 5'000; ++i) (void)passing(limits, opening, std::to_string(i), 20);
    int hindered = 0;
    for (int i = 5'000; i < 15'000; ++i)
        if (passing(limits, opening, std::to_string(i), 1) == 0) ++hindered;
    EXPECT_LT(hindered, 150);  // (5,000 / 65,536)^2 of them: 58
}

TEST_F(CallLimitsTest, WithoutAnAccountTheCallersCountHolds) {
    CallLimits limits(rates(5, 2), random);
    EXPECT_EQ(passing(limits, encrypt, "", 100), 50);
}

TEST_F(CallLimitsTest, SwitchedOffNothingIsRefused) {
    auto off = rates(1, 1);
    off.enabled = false;
    CallLimits limits(off, random);
    EXPECT_EQ(passing(limits, opening, "a", 1'000), 1'000);
}

// Ten thousand followers are copied at once, out again, and in once more.
TEST_F(CallLimitsTest, AFanOutPassesByDefault) {
    CallLimits limits({}, random);
    for (auto const kind : {opening, exit, opening})
        for (int i = 0; i < 10'000; ++i)
            ASSERT_FALSE(limits.take(conductor, kind, "follower " + std::to_string(i), 1, now));
}

}  // namespace
}  // namespace obscura::citadel
