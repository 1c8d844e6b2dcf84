// The engine's record: what the simulation uses keeps the promises of the one in production, call
// by call, and tells the same of the same random calls.
#include "engine_walk.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace obscura::test {
namespace {

using namespace std::chrono_literals;

template <class T>
ports::Task<void> keep(ports::Task<T> task, std::optional<T>& out) {
    out.emplace(co_await std::move(task));
}

struct EngineContract : ::testing::TestWithParam<EngineWorldMaker> {
    template <class T>
    T await(ports::Task<T> task) {
        std::optional<T> out;
        world->run(keep(std::move(task), out));
        return std::move(*out);
    }
    std::optional<ports::Epoch> acquire(std::string owner, std::chrono::milliseconds ttl) {
        return await(world->leases().acquire("conductor", std::move(owner), ttl));
    }
    std::unique_ptr<EngineWorld> world = GetParam().make();
};

TEST_P(EngineContract, TheLeaseHasOneOwnerAndAnEpochThatOnlyRises) {
    EXPECT_EQ(acquire("a", 1h), 1);
    EXPECT_EQ(acquire("b", 1h), std::nullopt);
    EXPECT_EQ(acquire("a", 1h), 2);  // a restarted process
    EXPECT_FALSE(await(world->leases().renew("conductor", 1, 1h)));
    EXPECT_TRUE(await(world->leases().renew("conductor", 2, 1h)));
    world->run(world->leases().release("conductor", 1));  // of an owner of the past
    EXPECT_EQ(acquire("b", 1h), std::nullopt);
    world->run(world->leases().release("conductor", 2));
    EXPECT_EQ(acquire("b", 0ms), 3);
    EXPECT_EQ(acquire("a", 1h), 4);  // it had expired
}

TEST_P(EngineContract, AWriteUnderAnEpochOfThePastIsRefused) {
    (void)acquire("a", 1h);
    auto const epoch = acquire("a", 1h).value();
    EXPECT_THROW(world->run(world->copies().rearm(epoch - 1, {})), ports::Fenced);
    std::vector<ports::LegRecord> const one(1);
    EXPECT_THROW((void)await(world->copies().record(epoch - 1, one, world->now())), ports::Fenced);
    model::Signal const signal;
    EXPECT_THROW(
        (void)await(world->copies().plan(epoch - 1, signal, ports::CopyStore::Try::first, {})),
        ports::Fenced);
}

INSTANTIATE_TEST_SUITE_P(Every, EngineContract,
                         ::testing::Values(EngineWorldMaker{"simulated", simulated_engine_world},
                                           EngineWorldMaker{"postgresql", postgres_engine_world}),
                         [](auto const& maker) { return maker.param.name; });

bool is_full() {
    char const* const full = std::getenv("OBSCURA_TEST_FULL");
    return full != nullptr && *full != '\0';
}

/// Both are walked through the same calls.
struct EngineWalkTest : ::testing::TestWithParam<std::uint64_t> {};

TEST_P(EngineWalkTest, TheSimulatedRecordTellsWhatPostgresqlTells) {
    auto const simulated = simulated_engine_world();
    auto const real = postgres_engine_world();
    EngineWalk left(*simulated, GetParam());
    EngineWalk right(*real, GetParam());
    for (int i = 0; i < (is_full() ? 1'500 : 600); ++i) {
        auto const told = left.step();
        ASSERT_EQ(told, right.step()) << "at step " << i;
    }
    EXPECT_EQ(left.dump(), right.dump());
    EXPECT_NE(left.dump().find("filled"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Seeds, EngineWalkTest, ::testing::Range<std::uint64_t>(1, 9));

}  // namespace
}  // namespace obscura::test
