// From signals to copies: planning, what waits, what is refused, what another process accepted.
#include "engine_fixture.hpp"

namespace obscura::conductor {
namespace {

using model::Side;

struct EngineCopyTest : EngineTest {};

TEST_F(EngineCopyTest, ALeadersFillIsCopiedToEveryFollower) {
    std::vector<model::Subscription> followers;
    for (int i = 0; i < 5; ++i) followers.push_back(add_follower());
    start();
    auto const opened = leader(Side::buy);
    engine->wake();
    ASSERT_TRUE(run_until_over(opened));
    for (auto const& s : followers) {
        ASSERT_EQ(orders_of(s).size(), 1U);
        EXPECT_EQ(orders_of(s)[0].request.quantity.to_string(), "0.002");
        EXPECT_EQ(record.copy_of(opened.id, s.id), "filled");
        EXPECT_EQ(held(s), "0.001998");  // net of the fee
    }
    auto const closed = leader(Side::sell);
    engine->wake();
    ASSERT_TRUE(run_until_over(closed));
    for (auto const& s : followers) {
        ASSERT_EQ(orders_of(s).size(), 2U);
        EXPECT_EQ(orders_of(s)[1].request.quantity.to_string(), "0.00199");
        EXPECT_TRUE(orders_of(s)[1].request.reduce_only);
    }
    EXPECT_EQ(engine->health().open_legs, 0U);
    EXPECT_EQ(engine->health().queued_signals, 0U);
}

TEST_F(EngineCopyTest, SignedInBatchesAndNeverMoreInFlightThanAllowed) {
    config.sign_batch = 3;
    config.max_orders_in_flight = 4;
    for (int i = 0; i < 20; ++i) (void)add_follower();
    start();
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(venue.orders.size(), 20U);
    EXPECT_EQ(citadel.largest_batch, 3U);
}

TEST_F(EngineCopyTest, ACopyWaitsForTheOpenLegAndIsPlannedWhenItEnds) {
    auto const s = add_follower();
    start();
    venue.fates = {Fate::rest};
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until([&] { return venue.orders.size() == 1; }));
    auto const closed = leader(Side::sell);
    ASSERT_TRUE(run_until([&] { return record.copy_of(closed.id, s.id) == "waiting"; }));
    run_on(20ms);
    EXPECT_EQ(venue.orders.size(), 1U);  // what is held is not known yet
    EXPECT_EQ(record.copy_of(closed.id, s.id), "waiting");

    venue.fill_resting();
    ASSERT_TRUE(run_until_over(closed));
    EXPECT_TRUE(is_over(opened));
    ASSERT_EQ(venue.orders.size(), 2U);
    EXPECT_EQ(venue.orders[1].request.side, Side::sell);
    EXPECT_EQ(venue.orders[1].request.quantity.to_string(), "0.00199");
    EXPECT_EQ(held(s), "0.000008");
}

// One signal, two followers: one is filled while the other's copy waits. The record of the fill
// fails for as long as the signal is planned again and again: what was sent is not sent again.
TEST_F(EngineCopyTest, WhatIsSentButNotRecordedIsNotSentAgain) {
    auto const quick = add_follower();
    auto const slow = add_follower();
    (void)leave_leg(slow, Side::buy, clock.now() + 10s);
    venue.add_order(
        {.symbol = "BTCUSDT", .quantity = base::Quantity(1), .client_order_id = "of somebody else"},
        "somebody");
    config.legs.send_window = 20s;  // the armed leg stays fit to be sent
    start();
    record.on_step = [&](std::string_view step) {
        if (step == "record" && record.plans < 4) throw std::runtime_error("the record is away");
    };
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until([&] { return record.plans >= 4; }));
    ASSERT_TRUE(run_until([&] { return record.copy_of(opened.id, quick.id) == "filled"; }));
    run_on(20ms);
    EXPECT_EQ(orders_of(quick).size(), 1U);
    EXPECT_EQ(record.copy_of(opened.id, slow.id), "waiting");
}

// The commit took effect and its answer was lost: the legs are there, and nobody has sent them.
TEST_F(EngineCopyTest, LegsOfALostCommitAreSentOnce) {
    auto const s = add_follower();
    start();
    int lost = 2;
    record.on_step = [&](std::string_view step) {
        if (step == "plan.committed" && lost-- > 0) throw std::runtime_error("connection lost");
    };
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(record.plans, 3);
    EXPECT_EQ(orders_of(s).size(), 1U);
    EXPECT_EQ(record.copy_of(opened.id, s.id), "filled");
}

TEST_F(EngineCopyTest, APlanThatFailsIsTriedAgain) {
    auto const s = add_follower();
    start();
    int failures = 2;
    record.on_step = [&](std::string_view step) {
        if (step == "plan" && failures-- > 0) throw std::runtime_error("deadlock");
    };
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(orders_of(s).size(), 1U);
}

TEST_F(EngineCopyTest, RefusalsEndTheSignal) {
    auto const s = add_follower();
    start();
    auto const closed = leader(Side::sell);
    ASSERT_TRUE(run_until_over(closed));
    EXPECT_EQ(record.copy_of(closed.id, s.id), "refused nothing_to_close");

    auto late = signal(Side::buy);
    late.accepted_at -= config.open_lifetime;
    late = record.add_signal(late, true);
    ASSERT_TRUE(run_until_over(late));
    EXPECT_EQ(record.copy_of(late.id, s.id), "refused signal_expired");
    EXPECT_TRUE(venue.orders.empty());
}

TEST_F(EngineCopyTest, AnExitWaitsForAVenueThatIsSilent) {
    auto const s = add_follower();
    hold(s, "0.002");
    venue.is_silent = true;
    start();
    auto const closed = leader(Side::sell);
    ASSERT_TRUE(run_until([&] { return record.plans >= 2; }));
    EXPECT_EQ(record.copy_of(closed.id, s.id), "");
    venue.is_silent = false;
    ASSERT_TRUE(run_until_over(closed));
    EXPECT_EQ(record.copy_of(closed.id, s.id), "filled");
    EXPECT_EQ(venue.orders.size(), 1U);
}

TEST_F(EngineCopyTest, AnOpenWaitsForAVenueThatIsSilentForAWhile) {
    auto const s = add_follower();
    venue.is_silent = true;
    start();
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until([&] { return record.plans >= 2; }));
    EXPECT_EQ(record.copy_of(opened.id, s.id), "");
    venue.is_silent = false;
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(record.copy_of(opened.id, s.id), "filled");
}

TEST_F(EngineCopyTest, ExitsPassADeskThatIsFull) {
    auto const opener = add_follower();
    auto const holder = add_follower();
    hold(holder, "0.002");
    config.max_legs_tracked = 1;
    citadel.bad_contexts.clear();
    start();
    venue.fates = {Fate::rest};
    auto const opened = leader(Side::buy);  // the holder is in already
    ASSERT_TRUE(run_until([&] { return engine->health().open_legs == 1; }));

    auto other = signal(Side::buy);
    other.symbol = "ETHUSDT";
    other = record.add_signal(other, true);
    ASSERT_TRUE(run_until([&] { return engine->health().queued_signals == 1; }));
    auto const closed = leader(Side::sell);
    ASSERT_TRUE(run_until([&] { return record.copy_of(closed.id, holder.id) == "filled"; }));
    EXPECT_EQ(record.status_of(other.id), "queued");
    EXPECT_FALSE(is_over(opened));
    EXPECT_EQ(record.copy_of(closed.id, opener.id), "waiting");
}

TEST_F(EngineCopyTest, SignalsThatAnotherProcessAcceptedAreFound) {
    config.sweep = 10ms;
    auto const s = add_follower();
    start();
    auto forgotten = signal(Side::buy);
    forgotten = record.add_signal(forgotten, false);
    ASSERT_TRUE(run_until_over(forgotten));
    EXPECT_EQ(orders_of(s).size(), 1U);
}

TEST_F(EngineCopyTest, WhatIsDispatchedTwiceIsCopiedOnce) {
    auto const s = add_follower();
    start();
    auto const accepted = record.add_signal(signal(Side::buy), false);
    engine->dispatch(accepted);
    engine->dispatch(accepted);
    ASSERT_TRUE(run_until_over(accepted));
    engine->dispatch(accepted);
    ASSERT_TRUE(run_until([&] { return engine->health().queued_signals == 0; }));
    run_on(20ms);
    EXPECT_EQ(orders_of(s).size(), 1U);
}

}  // namespace
}  // namespace obscura::conductor
