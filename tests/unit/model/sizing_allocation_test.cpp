// The decision path allocates nothing: it runs once a follower, between a leader's fill and the
// orders.
#include "sizing_case.hpp"

#include <cstdlib>
#include <new>

namespace {

// Of this thread, so that the test's own framework may do as it likes elsewhere.
thread_local std::size_t allocations = 0;  // NOLINT: what the operator below counts

void* counted(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace obscura::model::test {
namespace {

std::size_t allocations_of(Case const& c) {
    auto const before = allocations;
    auto const decision = c.decide();
    auto const after = allocations;
    EXPECT_FALSE(told(decision).empty());
    return after - before;
}

TEST(SizingAllocation, TheCounterCounts) {
    auto const before = allocations;
    auto const* const one = new std::string(100, 'x');
    EXPECT_EQ(allocations - before, 2U);
    delete one;
}

TEST(SizingAllocation, AnOpenWithEveryLimitSet) {
    Case c;
    c.subscription.max_loss = usd("40");
    c.subscription.profit_target = usd("900");
    c.subscription.daily_loss_limit = usd("200");
    c.signal.expires_at = now + std::chrono::minutes(1);
    EXPECT_EQ(allocations_of(c), 0U);
}

TEST(SizingAllocation, AReduction) {
    Case c;
    EXPECT_EQ(allocations_of(c.reduce("0.002", "1", "0.5")), 0U);
}

TEST(SizingAllocation, ARefusal) {
    Case c;
    c.subscription.status = SubscriptionStatus::paused;
    EXPECT_EQ(allocations_of(c), 0U);
}

TEST(SizingAllocation, AFlipOfAPerpetual) {
    Case c;
    c.signal.market = Market::futures;
    c.signal.side = Side::sell;
    c.signal.leader_before = qty("1");
    c.signal.leader_after = qty("-1");
    c.portfolio.quantity = c.portfolio.target_quantity = qty("0.002");
    EXPECT_EQ(allocations_of(c), 0U);
}

}  // namespace
}  // namespace obscura::model::test
