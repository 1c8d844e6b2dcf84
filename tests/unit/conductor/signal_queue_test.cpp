#include "conductor/signal_queue.hpp"

#include "base/random.hpp"

#include <gtest/gtest.h>

namespace obscura::conductor {
namespace {

using model::Priority;
using model::Side;

struct Maker {
    base::SeededRandom random{3};
    model::PoolId pool_a = model::PoolId::make({}, random);
    model::PoolId pool_b = model::PoolId::make({}, random);
    model::PoolId pool_c = model::PoolId::make({}, random);
    std::int64_t last = 0;

    model::Signal make(model::PoolId pool, std::string symbol, Side side = Side::buy,
                       Priority priority = Priority::normal) {
        model::Signal s;
        s.id = model::SignalId::make({}, random);
        s.pool = pool;
        s.symbol = std::move(symbol);
        s.side = side;
        s.priority = priority;
        s.sequence = ++last;
        return s;
    }
};

/// The sequences in the order in which one planner would take them.
std::vector<std::int64_t> drain(SignalQueue& queue,
                                SignalQueue::Which which = SignalQueue::Which::all) {
    std::vector<std::int64_t> out;
    while (auto signal = queue.pop(which)) {
        out.push_back(signal->sequence);
        queue.done(signal->pool);
    }
    return out;
}
using Order = std::vector<std::int64_t>;

TEST(SignalQueueTest, GoesByPriorityThenByArrival) {
    Maker m;
    SignalQueue queue;
    queue.push(m.make(m.pool_a, "A", Side::buy, Priority::low));       // 1
    queue.push(m.make(m.pool_a, "B", Side::buy, Priority::normal));    // 2
    queue.push(m.make(m.pool_b, "A", Side::buy, Priority::normal));    // 3
    queue.push(m.make(m.pool_b, "B", Side::buy, Priority::critical));  // 4
    queue.push(m.make(m.pool_c, "A", Side::buy, Priority::high));      // 5
    EXPECT_EQ(queue.size(), 5U);
    EXPECT_EQ(drain(queue), (Order{4, 5, 2, 3, 1}));
    EXPECT_TRUE(queue.empty());
}

TEST(SignalQueueTest, ReductionsComeFirst) {
    Maker m;
    SignalQueue queue;
    queue.push(m.make(m.pool_a, "A", Side::buy, Priority::critical));  // 1
    queue.push(m.make(m.pool_b, "A", Side::sell, Priority::low));      // 2
    queue.push(m.make(m.pool_c, "A", Side::sell, Priority::high));     // 3
    EXPECT_EQ(drain(queue), (Order{2, 3, 1}));
}

TEST(SignalQueueTest, WithinAPoolAndSymbolTheOrderHolds) {
    Maker m;
    SignalQueue queue;
    queue.push(m.make(m.pool_a, "A", Side::buy, Priority::low));       // 1
    queue.push(m.make(m.pool_a, "A", Side::buy, Priority::critical));  // 2: stands behind 1
    queue.push(m.make(m.pool_b, "A", Side::buy, Priority::normal));    // 3
    EXPECT_EQ(drain(queue), (Order{3, 1, 2}));
}

TEST(SignalQueueTest, AReductionTakesAlongWhatStandsBeforeIt) {
    Maker m;
    SignalQueue queue;
    queue.push(m.make(m.pool_a, "A", Side::buy, Priority::low));       // 1
    queue.push(m.make(m.pool_b, "A", Side::buy, Priority::critical));  // 2
    queue.push(m.make(m.pool_a, "A", Side::sell));                     // 3: behind 1
    queue.push(m.make(m.pool_a, "A", Side::buy, Priority::low));       // 4: after the reduction
    EXPECT_EQ(drain(queue), (Order{1, 3, 2, 4}));
}

TEST(SignalQueueTest, OnlyReductionsWhenAsked) {
    Maker m;
    SignalQueue queue;
    using Which = SignalQueue::Which;
    queue.push(m.make(m.pool_a, "A"));              // 1
    queue.push(m.make(m.pool_b, "A"));              // 2
    queue.push(m.make(m.pool_b, "A", Side::sell));  // 3
    EXPECT_EQ(drain(queue, Which::reductions), (Order{2, 3}));
    EXPECT_EQ(queue.pop(Which::reductions), std::nullopt);
    EXPECT_EQ(drain(queue), (Order{1}));
}

TEST(SignalQueueTest, ABusyPoolIsLeftAlone) {
    Maker m;
    SignalQueue queue;
    queue.push(m.make(m.pool_a, "A"));  // 1
    queue.push(m.make(m.pool_a, "B"));  // 2
    queue.push(m.make(m.pool_b, "A"));  // 3
    EXPECT_EQ(queue.pop()->sequence, 1);
    EXPECT_EQ(queue.pop()->sequence, 3);
    EXPECT_FALSE(queue.pop());
    queue.done(m.pool_a);
    EXPECT_EQ(queue.pop()->sequence, 2);
    EXPECT_FALSE(queue.pop());
    EXPECT_TRUE(queue.empty());
}

TEST(SignalQueueTest, ASecondWakeUpChangesNothing) {
    Maker m;
    SignalQueue queue;
    auto const signal = m.make(m.pool_a, "A", Side::sell);
    EXPECT_TRUE(queue.push(signal));
    EXPECT_FALSE(queue.push(signal));
    EXPECT_EQ(queue.size(), 1U);
    EXPECT_EQ(drain(queue), (Order{1}));
    EXPECT_TRUE(queue.push(signal));  // once taken it may come again
}

TEST(SignalQueueTest, WhatIsReadBackLateTakesItsPlace) {
    Maker m;
    SignalQueue queue;
    auto const first = m.make(m.pool_a, "A");
    auto const second = m.make(m.pool_a, "A", Side::sell);
    auto const third = m.make(m.pool_a, "A");
    for (auto const& signal : {third, first, second}) queue.push(signal);
    EXPECT_EQ(drain(queue), (Order{1, 2, 3}));
}

// Against the plain rules, for random arrivals, takers and releases.
TEST(SignalQueueTest, LosesNothingAndKeepsLines) {
    Maker m;
    base::SeededRandom random(11);
    SignalQueue queue;
    std::map<std::pair<model::PoolId, std::string>, std::int64_t> last;
    std::set<model::PoolId> busy;
    std::vector<model::PoolId> const pools{m.pool_a, m.pool_b, m.pool_c};
    int pushed = 0;
    int popped = 0;
    for (int i = 0; i < 20'000; ++i) {
        auto const what = random.below(3);
        if (what == 0 && pushed < 6'000) {
            auto const side = random.below(4) == 0 ? Side::sell : Side::buy;
            auto const priority = random.below(2) == 0 ? Priority::low : Priority::high;
            auto const symbol = random.below(2) == 0 ? "A" : "B";
            ++pushed;
            EXPECT_TRUE(queue.push(m.make(pools[random.below(3)], symbol, side, priority)));
        } else if (what == 1) {
            auto const signal = queue.pop();
            if (!signal) continue;
            ++popped;
            EXPECT_TRUE(busy.insert(signal->pool).second) << "two planners in one pool";
            auto& before = last[{signal->pool, signal->symbol}];
            EXPECT_GT(signal->sequence, before);
            before = signal->sequence;
        } else if (!busy.empty()) {
            queue.done(*busy.begin());
            busy.erase(busy.begin());
        }
    }
    for (auto const& pool : busy) queue.done(pool);
    EXPECT_EQ(popped + static_cast<int>(drain(queue).size()), pushed);
    EXPECT_GT(popped, 1'000);
}

}  // namespace
}  // namespace obscura::conductor
