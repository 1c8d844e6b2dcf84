// The seeds of ./test, replay, shrinking, and the test of the tester: planted bugs are found.
#include "base/log.hpp"
#include "simulation/planted_bugs.hpp"
#include "simulation/shrink.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>

namespace obscura::simulation {
namespace {

bool is_full() {
    char const* const full = std::getenv("OBSCURA_TEST_FULL");
    return full != nullptr && *full != '\0';
}

struct SimulationTest : ::testing::Test {
    static void SetUpTestSuite() {
        // Above the highest level there is: what the product says of faults would hide the rest.
        base::log::start("simulated", static_cast<base::log::Level>(99),
                         base::log::Format::readable);
    }
};

TEST_F(SimulationTest, NoSeedLosesDoublesOrLeavesAnything) {
    std::uint64_t const seeds = is_full() ? 2'000 : 200;
    std::size_t orders = 0;
    std::size_t again = 0;
    std::int64_t takeovers = 0;
    std::size_t faults = 0;
    int bad = 0;
    std::set<std::string> steps;
    for (std::uint64_t seed = 1; seed <= seeds && bad < 5; ++seed) {
        Options const options{.seed = seed};
        auto const outcome = run(options);
        orders += outcome.orders;
        again += outcome.unknown;
        takeovers += outcome.epochs - 1;
        faults += outcome.faults;
        for (auto const& [name, n] : outcome.steps) steps.insert(name);
        if (outcome.is_good()) continue;
        ++bad;
        ADD_FAILURE() << report(options, shrink(options));
    }
    // A run in which nothing happens proves nothing.
    EXPECT_GT(orders, seeds * 10);
    EXPECT_GT(faults, seeds * 3);
    EXPECT_GT(again, seeds / 10);
    EXPECT_GT(takeovers, static_cast<std::int64_t>(seeds / 4));
    for (auto const* step :
         {"conductor.after_plan", "conductor.after_query", "conductor.after_rearm",
          "conductor.after_accept", "conductor.after_intake", "sentinel.after_commit"})
        EXPECT_TRUE(steps.contains(step)) << step;
    std::printf("   %zu orders, %zu sent again, %lld changes of owner, %zu faults\n", orders, again,
                static_cast<long long>(takeovers), faults);
}

TEST_F(SimulationTest, ASeedReplaysExactly) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        auto const first = run({.seed = seed, .keeps_log = true});
        auto const second = run({.seed = seed});
        ASSERT_EQ(first.log_hash, second.log_hash) << seed;
        ASSERT_EQ(first.log_lines, second.log_lines) << seed;
        ASSERT_GT(first.log_lines, 50U) << seed;
    }
    EXPECT_NE(run({.seed = 1}).log_hash, run({.seed = 2}).log_hash);
}

/// Without a fault it is known what happens: every open that was not refused is filled at once.
TEST_F(SimulationTest, WithoutFaultsNothingIsSentAgain) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        auto const outcome = run({.seed = seed, .schedule = Schedule{}});
        EXPECT_TRUE(outcome.is_good()) << seed;
        EXPECT_EQ(outcome.unknown, 0U) << seed;
        EXPECT_EQ(outcome.epochs, 1) << seed;
        EXPECT_GT(outcome.orders, 4U) << seed;
    }
}

TEST_F(SimulationTest, FaultsAreReadAsTheyArePrinted) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        auto const schedule = schedule_of(seed);
        EXPECT_EQ(schedule_from(to_text(schedule)), schedule) << to_text(schedule);
    }
    EXPECT_FALSE(schedule_from("order #3"));
    EXPECT_FALSE(schedule_from("order #x late"));
    EXPECT_FALSE(schedule_from("redis 3s vanish"));
}

TEST_F(SimulationTest, EveryKindOfFaultStrikesSomewhere) {
    std::set<std::pair<Where, What>> planned;
    for (std::uint64_t seed = 1; seed <= 2'000; ++seed)
        for (auto const& fault : schedule_of(seed)) planned.insert({fault.where, fault.what});
    EXPECT_GT(planned.size(), 75U);
}

TEST_F(SimulationTest, AFailingRunIsMadeSmall) {
    Options options{.bug = planted_bug("resend_after_unknown")};
    for (options.seed = 1; options.seed < 200; ++options.seed) {
        if (schedule_of(options.seed).size() < 5 || run(options).is_good()) continue;
        auto const shrunk = shrink(options);
        EXPECT_LE(shrunk.schedule.size(), 2U);
        ASSERT_FALSE(shrunk.outcome.is_good());
        auto const text = report(options, shrunk);
        EXPECT_NE(text.find("first bad step"), std::string::npos) << text;
        EXPECT_NE(text.find("VIOLATION"), std::string::npos) << text;
        options.schedule = shrunk.schedule;
        EXPECT_EQ(run(options).log_hash, shrunk.outcome.log_hash);
        return;
    }
    FAIL() << "no seed failed";
}

/// The test of the tester: each deliberate mistake is found, and soon.
struct PlantedBugTest : SimulationTest, ::testing::WithParamInterface<PlantedBug> {};

TEST_P(PlantedBugTest, IsFound) {
    constexpr std::uint64_t most_seeds = 400;
    Options options{.bug = &GetParam()};
    for (options.seed = 1; options.seed <= most_seeds; ++options.seed) {
        auto const outcome = run(options);
        if (outcome.is_good()) continue;
        std::printf(
            "   found by seed %llu: %s: %s\n", static_cast<unsigned long long>(options.seed),
            outcome.violations.front().kind.c_str(), outcome.violations.front().what.c_str());
        return;
    }
    FAIL() << "not found in " << most_seeds << " seeds: " << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(All, PlantedBugTest, ::testing::ValuesIn(planted_bugs()),
                         [](auto const& bug) { return std::string(bug.param.name); });

TEST_F(SimulationTest, TheReadmeListsEveryPlantedBug) {
    std::ifstream file(OBSCURA_TESTS_DIR "/simulation/README.md");
    std::string const text{std::istreambuf_iterator<char>(file), {}};
    for (auto const& bug : planted_bugs())
        EXPECT_NE(text.find("`" + std::string(bug.name) + "`"), std::string::npos) << bug.name;
    EXPECT_GE(planted_bugs().size(), 10U);
}

}  // namespace
}  // namespace obscura::simulation
