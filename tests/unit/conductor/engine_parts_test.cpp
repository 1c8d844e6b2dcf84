// A signal with many followers: planned in parts, its outcomes recorded when its orders are out.
#include "engine_fixture.hpp"

#include <algorithm>

namespace obscura::conductor {
namespace {

using model::Side;

struct EnginePartsTest : EngineTest {
    EnginePartsTest() {
        record.part_size = 3;  // 1, 3, 3, 3
        for (int i = 0; i < 10; ++i) followers.push_back(add_follower());
    }
    void expect_one_order_each() {
        for (auto const& s : followers) EXPECT_EQ(orders_of(s).size(), 1U);
        EXPECT_EQ(venue.orders.size(), followers.size());
    }
    std::vector<model::Subscription> followers;
};

TEST_F(EnginePartsTest, EveryPartIsPlannedAndSent) {
    start();
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    expect_one_order_each();
    EXPECT_EQ(record.plans, 4);
}

TEST_F(EnginePartsTest, OrdersOfAPartGoOutWhileTheNextIsPlanned) {
    start();
    std::vector<std::size_t> arrived;  // when a part is asked for
    record.on_step = [&](std::string_view step) {
        if (step == "plan") arrived.push_back(venue.arrived.size());
        // The database takes its time; the orders do not wait for it.
        auto const sent = arrived.size() < 2 ? 0 : 3 * arrived.size() - 5;
        if (step == "plan" && venue.arrived.size() < sent) throw std::runtime_error("not yet");
    };
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    expect_one_order_each();
}

TEST_F(EnginePartsTest, APartWhoseCommitIsNotKnownIsSentOnce) {
    for (int lost = 1; lost <= 4; ++lost) {
        followers.clear();
        record.followers.clear();
        for (int i = 0; i < 10; ++i) followers.push_back(add_follower());
        if (!engine) start();
        int committed = 0;
        record.on_step = [&](std::string_view step) {
            if (step == "plan.committed" && ++committed == lost)
                throw std::runtime_error("the answer got lost");
        };
        auto const before = venue.orders.size();
        auto const opened = leader(Side::buy);
        ASSERT_TRUE(run_until_over(opened)) << lost;
        for (auto const& s : followers) EXPECT_EQ(orders_of(s).size(), 1U) << lost;
        EXPECT_EQ(venue.orders.size(), before + 10) << lost;
    }
}

TEST_F(EnginePartsTest, OutcomesWaitUntilAllIsPlanned) {
    config.record_patience = 20s;
    start();
    std::vector<std::string> steps;
    record.on_step = [&](std::string_view step) { steps.emplace_back(step); };
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    auto const first_record = std::ranges::find(steps, "record");
    EXPECT_EQ(std::count(steps.begin(), first_record, "plan.committed"), 4);
    EXPECT_EQ(std::ranges::count(steps, "record"), 1);
}

TEST_F(EnginePartsTest, AnOutcomeIsRecordedThoughAnotherOrderHangs) {
    config.record_patience = 20ms;
    config.legs.send_window = 2s;
    start();
    venue.fates = {Fate::delay};
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until([&] { return record.records > 0; }));
    EXPECT_LT(venue.orders.size(), followers.size());
    ASSERT_TRUE(run_until_over(opened));
    expect_one_order_each();
}

}  // namespace
}  // namespace obscura::conductor
