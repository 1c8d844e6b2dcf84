#include "app/chaos_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <set>

namespace obscura::app {
namespace {

constexpr auto pairs = std::size(chaos_victims);

TEST(ChaosPlan, FollowsFromItsSeed) {
    auto const a = plan_chaos(42, {});
    auto const b = plan_chaos(42, {});
    ASSERT_TRUE(a && b);
    EXPECT_EQ(a->name(), b->name());
    EXPECT_EQ(a->nth, b->nth);
    EXPECT_EQ(a->fault(), b->fault());
}

TEST(ChaosPlan, MeetsEveryPairOnceInAsManySeeds) {
    auto const all = pairs * chaos_steps().size();
    std::set<std::string> names;
    for (std::uint64_t seed = 0; seed < all; ++seed) names.insert(plan_chaos(seed, {})->name());
    EXPECT_EQ(names.size(), all);
}

TEST(ChaosPlan, MeetsEveryVictimSoon) {
    std::set<std::string> victims;
    for (std::uint64_t seed = 1; seed <= pairs; ++seed)
        victims.insert(plan_chaos(seed, {})->victim);
    EXPECT_EQ(victims.size(), pairs);
}

TEST(ChaosPlan, StepsThatNeedAFaultHaveIt) {
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        auto const plan = plan_chaos(seed, {}).value();
        if (plan.step.needs == ChaosStep::Needs::nothing) continue;
        EXPECT_FALSE(plan.venue_faults.empty()) << plan.name();
    }
}

TEST(ChaosPlan, AFilterNamesVictimStepPairOrVenueFault) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        EXPECT_EQ(plan_chaos(seed, {.fault = "redis", .guard_off = {}})->victim, "redis");
        EXPECT_EQ(plan_chaos(seed, {.fault = "conductor.after_plan", .guard_off = {}})->step.name,
                  "conductor.after_plan");
        EXPECT_EQ(
            plan_chaos(seed, {.fault = "conductor.after_plan x paper", .guard_off = {}})->name(),
            "conductor.after_plan x paper");
        auto const muted = plan_chaos(seed, {.fault = "mute_socket", .guard_off = {}}).value();
        EXPECT_TRUE(std::ranges::any_of(
            muted.venue_faults, [](auto const& fault) { return fault.kind == "mute_socket"; }));
    }
    EXPECT_FALSE(plan_chaos(1, {.fault = "nothing like it", .guard_off = {}}));
}

TEST(ChaosPlan, CancelsRaceFillsInManySeedsAndInAllWhenAskedFor) {
    int some = 0;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        some += plan_chaos(seed, {})->cancels ? 1 : 0;
        auto const asked = plan_chaos(seed, {.fault = "cancel_fill", .guard_off = {}}).value();
        EXPECT_TRUE(asked.cancels);
        EXPECT_TRUE(asked.fault().contains("cancel_fill")) << asked.fault();
    }
    EXPECT_GT(some, 10);
    EXPECT_LT(some, 40);
}

TEST(ChaosPlan, AGuardThatIsOffMeetsWhatItGuardsAgainst) {
    for (auto const guard : chaos_guards())
        EXPECT_TRUE(plan_chaos(1, {.fault = {}, .guard_off = std::string(guard)})) << guard;
    auto const late = plan_chaos(1, {.fault = {}, .guard_off = "request_expiry"}).value();
    EXPECT_EQ(late.name(), "conductor.before_write x takeover");
    EXPECT_GT(late.meanwhile, std::chrono::seconds(6));  // the window and the clock error
    auto const unknown = plan_chaos(1, {.fault = {}, .guard_off = "unknown_outcome"}).value();
    EXPECT_TRUE(std::ranges::any_of(
        unknown.venue_faults, [](auto const& fault) { return fault.kind == "drop_after_accept"; }));
}

}  // namespace
}  // namespace obscura::app
