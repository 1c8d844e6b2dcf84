// One conductor acts; a start is a recovery.
#include "engine_fixture.hpp"

namespace obscura::conductor {
namespace {

using model::Side;

struct EngineLeaseTest : EngineTest {
    /// After being fenced: whatever comes, nothing is sent.
    void expect_nothing_more_is_sent() {
        auto const before = venue.arrived.size();
        auto const late = record.add_signal(signal(Side::buy), true);
        engine->wake();
        engine->dispatch(late);
        run_on(60ms);
        EXPECT_EQ(venue.arrived.size(), before);
        EXPECT_EQ(fenced, 1);
        EXPECT_FALSE(engine->health().is_leader);
    }
};

TEST_F(EngineLeaseTest, FencedWhenTheLeaseIsGone) {
    (void)add_follower();
    start();
    record.take_over();
    ASSERT_TRUE(run_until([&] { return fenced > 0; }));
    expect_nothing_more_is_sent();
}

TEST_F(EngineLeaseTest, FencedWithLegsOnTheDesk) {
    (void)add_follower();
    config.legs.send_window = 20s;  // the leg stays fit to be sent
    citadel.is_down = true;
    start();
    (void)leader(Side::buy);
    ASSERT_TRUE(run_until([&] { return citadel.calls > 1; }));
    record.take_over();
    ASSERT_TRUE(run_until([&] { return fenced > 0; }));
    citadel.is_down = false;
    expect_nothing_more_is_sent();
}

TEST_F(EngineLeaseTest, FencedByAPlan) {
    (void)add_follower();
    config.lease_ttl = 60s;
    start();
    record.take_over();
    (void)leader(Side::buy);
    ASSERT_TRUE(run_until([&] { return fenced > 0; }));
    EXPECT_TRUE(venue.arrived.empty());
    expect_nothing_more_is_sent();
}

TEST_F(EngineLeaseTest, FencedByARecord) {
    for (int i = 0; i < 8; ++i) (void)add_follower();
    config.lease_ttl = 60s;
    config.max_orders_in_flight = config.sign_batch = 1;
    config.record_patience = 0ms;
    start();
    record.on_step = [&](std::string_view step) {
        if (step == "record") record.take_over();
    };
    (void)leader(Side::buy);
    ASSERT_TRUE(run_until([&] { return fenced > 0; }));
    EXPECT_LT(venue.arrived.size(), 8U);  // the others are armed, and stay so
    expect_nothing_more_is_sent();
}

TEST_F(EngineLeaseTest, FencedByARearm) {
    (void)add_follower();
    config.lease_ttl = 60s;
    start();
    venue.fates = {Fate::busy};
    record.on_step = [&](std::string_view step) {
        if (step == "rearm") record.take_over();
    };
    (void)leader(Side::buy);
    ASSERT_TRUE(run_until([&] { return fenced > 0; }));
    EXPECT_EQ(venue.arrived.size(), 1U);
    expect_nothing_more_is_sent();
}

TEST_F(EngineLeaseTest, ARecordThatIsAwayForAWhileIsNoFence) {
    auto const s = add_follower();
    config.lease_ttl = 20ms;
    start();
    int failures = 3;
    record.on_step = [&](std::string_view step) {
        if (step == "renew" && failures-- > 0) throw std::runtime_error("away");
    };
    ASSERT_TRUE(run_until([&] { return failures < 0; }));
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(orders_of(s).size(), 1U);
    EXPECT_EQ(fenced, 0);
}

TEST_F(EngineLeaseTest, WaitsWhileAnotherLeads) {
    record.owner = "another";
    record.epoch = 5;
    auto const s = add_follower();
    auto const opened = leader(Side::buy);
    engine.emplace(io.get_executor(), config, ports(), clock, random, metrics,
                   [this] { ++fenced; });
    engine->start();
    run_on(30ms);
    EXPECT_FALSE(engine->health().is_leader);
    EXPECT_EQ(record.status_of(opened.id), "queued");
    record.owner.clear();
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(record.epoch, 6);
    EXPECT_EQ(orders_of(s).size(), 1U);
}

TEST_F(EngineLeaseTest, StoppingGivesTheLeaseBack) {
    start();
    EXPECT_FALSE(record.owner.empty());
    test::run(io, engine->stop());
    EXPECT_TRUE(record.owner.empty());
}

// What an owner before armed may be at the venue: it is asked for, and never simply sent.
TEST_F(EngineLeaseTest, ALegThatReachedTheVenueIsFound) {
    auto const s = add_follower();
    auto const leg = leave_leg(s, Side::buy, clock.now() + 10s);
    venue.add_order(
        {.symbol = "BTCUSDT", .quantity = leg.quantity, .client_order_id = leg.client_order_id},
        test::MemoryCopies::context_of(s));
    start();
    ASSERT_TRUE(run_until([&] { return record.copy_of(leg.signal, s.id) == "filled"; }));
    EXPECT_TRUE(venue.arrived.empty());
    EXPECT_EQ(held(s), "0.001998");
}

TEST_F(EngineLeaseTest, ALegThatDidNotIsSentOnceItCannotArriveAnyMore) {
    auto const s = add_follower();
    auto const expiry = clock.now() + 100ms;
    auto const leg = leave_leg(s, Side::buy, expiry);
    start();
    ASSERT_TRUE(run_until([&] { return record.copy_of(leg.signal, s.id) == "filled"; }));
    EXPECT_EQ(orders_of(s).size(), 1U);
    ASSERT_EQ(venue.arrived.size(), 1U);
    EXPECT_GT(venue.arrived[0], expiry + config.legs.clock_error);
    EXPECT_EQ(venue.orders[0].request.client_order_id, leg.client_order_id);
}

TEST_F(EngineLeaseTest, SignalsThatWereNotPlannedAreTakenUp) {
    auto const s = add_follower();
    auto const opened = record.add_signal(signal(Side::buy), false);
    start();
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(orders_of(s).size(), 1U);
}

TEST_F(EngineLeaseTest, CopiesThatWaitedAreTakenUp) {
    auto const s = add_follower();
    auto const leg = leave_leg(s, Side::buy, clock.now() + 10s);
    auto const closed = record.add_signal(signal(Side::sell), false);
    record.signals.back().status = "processing";
    record.copies.push_back(
        {model::CopyId::make(clock.now(), random), closed.id, s.id, "waiting", ""});
    venue.add_order(
        {.symbol = "BTCUSDT", .quantity = leg.quantity, .client_order_id = leg.client_order_id},
        test::MemoryCopies::context_of(s));
    start();
    ASSERT_TRUE(run_until_over(closed));
    EXPECT_EQ(record.copy_of(closed.id, s.id), "filled");
    EXPECT_EQ(orders_of(s).size(), 2U);
}

}  // namespace
}  // namespace obscura::conductor
