// Orders live by their venue's clock: whatever our own does, one order a leg, and in time.
#include "engine_fixture.hpp"

namespace obscura::conductor {
namespace {

using model::Side;

struct EngineClockTest : EngineTest, ::testing::WithParamInterface<std::chrono::hours> {
    [[nodiscard]] base::Timestamp there() const { return venue_clock.now(); }
    /// That the second sending came after the first one's expiry, and one order was made.
    void expect_one_order_after_the_first_expired(model::Subscription const& s) {
        EXPECT_EQ(orders_of(s).size(), 1U);
        ASSERT_EQ(venue.arrived.size(), 2U);
        ASSERT_EQ(record.rearms.size(), 1U);
        EXPECT_GT(venue.arrived[1], record.rearms[0].last_expiry + config.legs.clock_error);
        EXPECT_LT(record.rearms[0].last_expiry - venue.arrived[0], 10s);
    }
};

TEST_P(EngineClockTest, AWrongClockSendsAndSells) {
    auto const s = add_follower();
    clock.step_wall(GetParam());
    start();
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(record.copy_of(opened.id, s.id), "filled");
    EXPECT_EQ(venue.arrived.size(), 1U);
    auto const closed = leader(Side::sell);
    ASSERT_TRUE(run_until_over(closed));
    EXPECT_EQ(record.copy_of(closed.id, s.id), "filled");
}

TEST_P(EngineClockTest, AJumpProvesNoAbsence) {
    auto const s = add_follower();
    start();
    venue.fates = {Fate::delay};
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until([&] { return venue.arrived.size() == 1; }));
    clock.step_wall(GetParam());
    ASSERT_TRUE(run_until_over(opened));
    run_on(config.legs.send_window);
    EXPECT_EQ(orders_of(s).size(), 1U);
    EXPECT_EQ(venue.arrived.size(), 1U);
    EXPECT_EQ(record.copy_of(opened.id, s.id), "filled");
}

TEST_P(EngineClockTest, AJumpHoldsNothingUp) {
    auto const s = add_follower();
    start();
    venue.fates = {Fate::lose_request};
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until([&] { return venue.arrived.size() == 1; }));
    clock.step_wall(GetParam());
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(record.copy_of(opened.id, s.id), "filled");
    expect_one_order_after_the_first_expired(s);
}

// A conductor on a machine that was restarted, with another wall clock and a steady one from 0.
TEST_P(EngineClockTest, ARestartWithAnotherClockProvesNoAbsence) {
    auto const s = add_follower();
    hold(s, "0.002");
    auto const expiry = there() + 150ms;
    auto const leg = leave_leg(s, Side::sell, expiry);
    clock.step_wall(GetParam());
    clock.restart_steady();
    start();
    ASSERT_TRUE(run_until([&] { return record.copy_of(leg.signal, s.id) == "filled"; }));
    EXPECT_EQ(orders_of(s).size(), 1U);
    ASSERT_EQ(venue.arrived.size(), 1U);
    EXPECT_GT(venue.arrived[0], expiry + config.legs.clock_error);
}

TEST_P(EngineClockTest, AnOpenLivesAsLongAsItMay) {
    auto const s = add_follower();
    config.open_lifetime = 600ms;
    start();
    ASSERT_TRUE(run_until([&] { return venue.time_calls > 0; }));
    citadel.is_down = true;
    auto const since = clock.steady();
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until([&] { return citadel.calls > 0; }));
    clock.step_wall(GetParam());
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_GE(clock.steady() - since, 400ms);
    EXPECT_TRUE(record.copy_of(opened.id, s.id).starts_with("rejected given up"));
}

INSTANTIATE_TEST_SUITE_P(BothWays, EngineClockTest, ::testing::Values(-3h, 3h),
                         [](auto const& i) { return i.param > 0h ? "forwards" : "backwards"; });

struct EngineVenueTimeTest : EngineTest {};

TEST_F(EngineVenueTimeTest, NothingIsSentWhileTheVenueTellsNoTime) {
    auto const s = add_follower();
    venue.is_timeless = true;
    start();
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until([&] { return !record.legs.empty(); }));
    run_on(100ms);
    EXPECT_TRUE(venue.arrived.empty());
    EXPECT_EQ(citadel.calls, 0);
    venue.is_timeless = false;
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(orders_of(s).size(), 1U);
    EXPECT_TRUE(record.rearms.empty());  // no attempt was used up
}

TEST_F(EngineVenueTimeTest, NothingIsAbsentWhileTheVenueTellsNoTime) {
    auto const s = add_follower();
    auto const leg = leave_leg(s, Side::buy, clock.now() - 1h);
    venue.is_timeless = true;
    start();
    ASSERT_TRUE(run_until([&] { return venue.queries >= 3; }));
    EXPECT_TRUE(record.rearms.empty());
    venue.is_timeless = false;
    ASSERT_TRUE(run_until([&] { return record.copy_of(leg.signal, s.id) == "filled"; }));
    EXPECT_EQ(orders_of(s).size(), 1U);
}

// The venue's clock is set back: what it told before is void, and it is read again at once.
TEST_F(EngineVenueTimeTest, AnUntimelyRequestHasTheClockReadAgain) {
    auto const s = add_follower();
    start();
    ASSERT_TRUE(run_until([&] { return venue.time_calls > 0; }));
    run_on(150ms);
    auto const before = venue.time_calls;
    venue.fates = {Fate::untimely};
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    ASSERT_TRUE(run_until([&] { return venue.time_calls > before; }, 5s));
    EXPECT_EQ(orders_of(s).size(), 1U);
}

}  // namespace
}  // namespace obscura::conductor
