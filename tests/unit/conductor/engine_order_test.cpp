// One order a leg, whatever the venue and citadel do.
#include "engine_fixture.hpp"

namespace obscura::conductor {
namespace {

using model::Side;

struct EngineOrderTest : EngineTest {};

TEST_F(EngineOrderTest, ALostAnswerIsFoundByAsking) {
    auto const s = add_follower();
    start();
    venue.fates = {Fate::lose_answer};
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(venue.orders.size(), 1U);
    EXPECT_EQ(venue.arrived.size(), 1U);
    EXPECT_GE(venue.queries, 1);
    EXPECT_TRUE(record.rearms.empty());
    EXPECT_EQ(held(s), "0.001998");  // the fills were asked for
    EXPECT_EQ(record.copy_of(opened.id, s.id), "filled");
}

TEST_F(EngineOrderTest, ALostRequestIsArmedAgainOnlyWhenItCannotArriveAnyMore) {
    auto const s = add_follower();
    start();
    venue.fates = {Fate::lose_request};
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(venue.orders.size(), 1U);
    EXPECT_EQ(venue.arrived.size(), 2U);
    ASSERT_GE(record.rearms.size(), 1U);
    EXPECT_GT(record.rearms[0].at, record.rearms[0].last_expiry + config.legs.clock_error);
    EXPECT_EQ(record.copy_of(opened.id, s.id), "filled");
}

// Another process accepted it, or the answer to its intake got lost: nobody told the engine.
TEST_F(EngineOrderTest, WhatNobodyToldOfComesFirstInItsLine) {
    auto const s = add_follower();
    start();
    auto const untold = record.add_signal(signal(Side::buy), false);
    auto const closed = leader(Side::sell);
    ASSERT_TRUE(run_until_over(closed));
    EXPECT_TRUE(is_over(untold));
    ASSERT_EQ(venue.orders.size(), 2U);
    EXPECT_EQ(venue.orders[0].request.side, Side::buy);
    EXPECT_EQ(venue.orders[1].request.side, Side::sell);
    EXPECT_EQ(record.copy_of(closed.id, s.id), "filled");
}

// The venue knows no such order when it is asked first, and has it a moment later.
TEST_F(EngineOrderTest, BytesThatArriveLateMakeNoSecondOrder) {
    for (int i = 0; i < 4; ++i) (void)add_follower();
    start();
    venue.fates = {Fate::delay, Fate::delay, Fate::fill, Fate::delay};
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    run_on(config.legs.send_window);
    for (auto const& s : record.followers) {
        EXPECT_EQ(orders_of(s).size(), 1U);
        EXPECT_EQ(record.copy_of(opened.id, s.id), "filled");
    }
}

TEST_F(EngineOrderTest, ThrottlingStopsEverybody) {
    for (int i = 0; i < 3; ++i) (void)add_follower();
    config.max_orders_in_flight = config.sign_batch = 1;  // one after the other
    start();
    venue.fates = {Fate::throttle};
    venue.throttle_for = 120ms;
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(venue.orders.size(), 3U);
    ASSERT_EQ(venue.arrived.size(), 4U);
    EXPECT_GE(venue.arrived[1] - venue.arrived[0], 120ms);
}

TEST_F(EngineOrderTest, AThrottledQuestionStopsEverybody) {
    (void)add_follower();
    start();
    venue.fates = {Fate::lose_answer};
    venue.throttled_queries = 1;
    venue.throttle_for = 150ms;
    (void)leader(Side::buy);
    ASSERT_TRUE(run_until([&] { return venue.throttled_queries == 0; }));
    auto const since = clock.steady();
    run_on(2ms);  // the answer is under way
    auto const other = add_follower();
    (void)leader(Side::buy);
    ASSERT_TRUE(run_until([&] { return !orders_of(other).empty(); }));
    EXPECT_GE(clock.steady() - since, 150ms);
}

TEST_F(EngineOrderTest, AThrottledListOfFillsStopsEverybody) {
    (void)add_follower();
    start();
    venue.fates = {Fate::fill_untold};
    venue.throttled_listings = 1;
    venue.throttle_for = 1s;  // told in seconds
    (void)leader(Side::buy);
    ASSERT_TRUE(run_until([&] { return venue.throttled_listings == 0; }));
    auto const since = clock.steady();
    run_on(2ms);
    auto const other = add_follower();
    (void)leader(Side::buy);
    ASSERT_TRUE(run_until([&] { return !orders_of(other).empty(); }));
    EXPECT_GE(clock.steady() - since, 990ms);
}

TEST_F(EngineOrderTest, TooManyOrdersOfOneAccountStopThatAccountOnly) {
    for (int i = 0; i < 3; ++i) (void)add_follower();
    config.max_orders_in_flight = config.sign_batch = 1;  // one after the other
    start();
    venue.fates = {Fate::too_many};
    venue.throttle_for = 10min;
    (void)leader(Side::buy);
    ASSERT_TRUE(run_until([&] { return venue.orders.size() == 2; }));
    EXPECT_EQ(venue.arrived.size(), 3U);
}

// Others use this address too, and a process before this one did.
TEST_F(EngineOrderTest, TheVenuesCountOfTheWeightIsHeeded) {
    (void)add_follower();
    config.limits.weight_per_minute = 1'000;
    auto const minute = [&] { return base::to_unix_ms(clock.now()) / 60'000; };
    auto const before = minute();
    venue.weight = {.weight = 1'000, .at = clock.steady()};
    start();
    (void)leader(Side::buy);
    ASSERT_TRUE(run_until([&] { return !record.legs.empty(); }));
    run_on(50ms);
    EXPECT_TRUE(venue.arrived.empty() || minute() != before);
}

TEST_F(EngineOrderTest, ARejectionIsRecordedWithItsEvidence) {
    auto const s = add_follower();
    start();
    venue.fates = {Fate::reject};
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(record.copy_of(opened.id, s.id), "rejected -2010: insufficient balance");
    EXPECT_TRUE(venue.orders.empty());
    EXPECT_EQ(venue.arrived.size(), 1U);
}

TEST_F(EngineOrderTest, ARejectionForNowIsTriedAgainUpToALimit) {
    auto const s = add_follower();
    config.legs.max_attempts_open = 3;
    start();
    venue.fates = {Fate::busy, Fate::busy, Fate::busy, Fate::busy};
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(record.copy_of(opened.id, s.id), "rejected attempts used up, last: -1008: busy");
    EXPECT_EQ(venue.arrived.size(), 3U);

    hold(s, "0.002");
    venue.fates = {Fate::busy};
    auto const closed = leader(Side::sell);
    ASSERT_TRUE(run_until_over(closed));
    EXPECT_EQ(record.copy_of(closed.id, s.id), "filled");
}

TEST_F(EngineOrderTest, WhatDidNotLeaveIsSentAgain) {
    auto const s = add_follower();
    start();
    venue.fates = {Fate::not_sent, Fate::not_sent};
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(orders_of(s).size(), 1U);
}

TEST_F(EngineOrderTest, CitadelMayComeBack) {
    auto const opener = add_follower();
    auto const holder = add_follower();
    hold(holder, "0.002");
    // That nothing is signed uses up none of them.
    config.legs.max_attempts_open = config.legs.max_attempts_exit = 1;
    citadel.is_down = true;
    start();
    auto const closed = leader(Side::sell);
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until([&] { return record.renewals >= 4; }));
    EXPECT_EQ(record.copy_of(opened.id, opener.id), "open");
    EXPECT_TRUE(venue.arrived.empty());
    EXPECT_TRUE(record.rearms.empty());
    citadel.is_down = false;
    ASSERT_TRUE(run_until([&] { return is_over(opened) && is_over(closed); }));
    EXPECT_EQ(orders_of(opener).size(), 1U);
    EXPECT_EQ(record.copy_of(closed.id, holder.id), "filled");
}

TEST_F(EngineOrderTest, AnOpenThatCannotBeSentEndsWithItsTime) {
    auto const s = add_follower();
    config.open_lifetime = 400ms;
    citadel.is_down = true;
    start();
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_GE(record.renewals, 1);
    EXPECT_TRUE(record.copy_of(opened.id, s.id).starts_with("rejected given up"));
}

TEST_F(EngineOrderTest, ACredentialThatCitadelCannotUseEndsTheCopy) {
    auto const bad = add_follower();
    auto const good = add_follower();
    citadel.bad_contexts.insert(test::MemoryCopies::context_of(bad));
    start();
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(record.copy_of(opened.id, bad.id), "rejected citadel: bad_credential: not ours");
    EXPECT_EQ(record.copy_of(opened.id, good.id), "filled");
}

// An exit that waited while master keys were rotated holds a ciphertext that no longer opens.
TEST_F(EngineOrderTest, AnExitOutlivesTheKeyThatSealedItsCredential) {
    auto const s = add_follower();
    start();
    ASSERT_TRUE(run_until_over(leader(Side::buy)));
    citadel.bad_contexts.insert(test::MemoryCopies::context_of(s));
    citadel.bad_reason = "key_version_retired";
    auto const closed = leader(Side::sell);
    ASSERT_TRUE(run_until([&] { return is_over(closed) || record.renewals >= 2; }));
    ASSERT_FALSE(is_over(closed)) << record.copy_of(closed.id, s.id);
    citadel.bad_contexts.clear();
    ASSERT_TRUE(run_until_over(closed));
    EXPECT_EQ(record.copy_of(closed.id, s.id), "filled");
}

// citadel's rates hold a copy up; they neither lose it nor end it before its time.
TEST_F(EngineOrderTest, ACopyThatIsRefusedForTheirNumberIsTriedAgain) {
    auto const limited = add_follower();
    auto const other = add_follower();
    citadel.bad_contexts.insert(test::MemoryCopies::context_of(limited));
    citadel.bad_reason = "rate_limited";
    citadel.bad_code = base::Errc::unavailable;  // as a caller reads 429
    config.legs.max_attempts_open = 1;
    start();
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until([&] { return record.renewals >= 2; }));
    EXPECT_EQ(record.copy_of(opened.id, other.id), "filled");
    EXPECT_EQ(record.copy_of(opened.id, limited.id), "open");
    citadel.bad_contexts.clear();
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(record.copy_of(opened.id, limited.id), "filled");
    EXPECT_EQ(orders_of(limited).size(), 1U);
}

TEST_F(EngineOrderTest, FillsThatWereNotToldAreAskedFor) {
    auto const s = add_follower();
    start();
    venue.fates = {Fate::fill_untold};
    venue.failing_listings = 2;
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(held(s), "0.001998");
    EXPECT_EQ(venue.listings, 3);
    EXPECT_EQ(venue.orders.size(), 1U);
}

TEST_F(EngineOrderTest, TheRestOfAnExitIsSoldByFurtherOrders) {
    auto const s = add_follower();
    hold(s, "0.002");
    start();
    venue.fates = {Fate::cut, Fate::expire, Fate::cut};
    auto sale = signal(Side::sell);
    sale.leader_after = base::Quantity::parse("0.2").value();  // a fifth stays
    sale = record.add_signal(sale, true);
    ASSERT_TRUE(run_until_over(sale));
    std::vector<std::string> sold;
    for (auto const& order : orders_of(s)) sold.push_back(order.request.quantity.to_string());
    EXPECT_EQ(sold, (std::vector<std::string>{"0.0016", "0.0008", "0.0008", "0.0004"}));
    EXPECT_EQ(held(s), "0.0004");
    EXPECT_EQ(record.copy_of(sale.id, s.id), "filled");
    EXPECT_EQ(record.copies.size(), 1U);
}

// Coins that their owner sold or moved: what is left is sold.
TEST_F(EngineOrderTest, CoinsThatAreGoneAreWrittenOff) {
    auto const s = add_follower();
    hold(s, "0.002");
    start();
    venue.holdings[{test::MemoryCopies::context_of(s), "BTCUSDT"}] =
        base::Quantity::parse("0.0015").value();
    auto const sale = leader(Side::sell);
    ASSERT_TRUE(run_until_over(sale));
    ASSERT_EQ(orders_of(s).size(), 1U);
    EXPECT_EQ(orders_of(s)[0].request.quantity.to_string(), "0.0015");
    EXPECT_EQ(held(s), "0");
    EXPECT_EQ(record.copy_of(sale.id, s.id), "filled");
}

TEST_F(EngineOrderTest, ARestIsSoldAfterARestart) {
    auto const s = add_follower();
    hold(s, "0.002");
    start();
    venue.fates = {Fate::cut};
    record.on_step = [&](std::string_view step) {
        if (step == "plan" && record.plans > 1) throw std::runtime_error("the record is away");
    };
    auto const sale = leader(Side::sell);
    ASSERT_TRUE(run_until([&] { return record.plans > 2; }));
    test::run(io, engine->stop());
    EXPECT_EQ(record.copy_of(sale.id, s.id), "waiting");
    record.on_step = {};
    start();
    ASSERT_TRUE(run_until_over(sale));
    EXPECT_EQ(held(s), "0");
    EXPECT_EQ(orders_of(s).size(), 2U);
}

TEST_F(EngineOrderTest, NoLegIsLostToAFailureOfTheAdapter) {
    auto const s = add_follower();
    start();
    venue.fates = {Fate::blow_up};
    venue.throwing_queries = 2;
    venue.failing_queries = 2;
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(venue.queries, 5);
    EXPECT_EQ(orders_of(s).size(), 1U);
    EXPECT_EQ(record.copy_of(opened.id, s.id), "filled");
}

TEST_F(EngineOrderTest, WhatWasLearnedIsRecordedUntilItHolds) {
    auto const s = add_follower();
    start();
    int failures = 2;
    int lost = 1;
    record.on_step = [&](std::string_view step) {
        if (step == "record" && failures-- > 0) throw std::runtime_error("away");
        if (step == "record.committed" && lost-- > 0) throw std::runtime_error("answer lost");
    };
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    ASSERT_TRUE(run_until([&] { return lost < 0 && record.records >= 4; }));
    EXPECT_EQ(orders_of(s).size(), 1U);
    EXPECT_EQ(held(s), "0.001998");  // recorded twice, counted once
}

TEST_F(EngineOrderTest, ARearmThatFailsIsTriedAgain) {
    auto const s = add_follower();
    start();
    venue.fates = {Fate::busy};
    int failures = 2;
    int lost = 1;
    record.on_step = [&](std::string_view step) {
        if (step == "rearm" && failures-- > 0) throw std::runtime_error("away");
        if (step == "rearm.committed" && lost-- > 0) throw std::runtime_error("answer lost");
    };
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(orders_of(s).size(), 1U);
    EXPECT_EQ(record.rearms.size(), 1U);
    EXPECT_EQ(record.rearms[0].attempt, 2);
}

// An order that rests is asked about again and again, and written down when there is news only.
TEST_F(EngineOrderTest, ARestingOrderIsNotWrittenDownAtEveryQuestion) {
    (void)add_follower();
    start();
    venue.fates = {Fate::rest};
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until([&] { return venue.queries >= 5; }));
    EXPECT_EQ(record.legs.begin()->second.records, 1);
    EXPECT_EQ(record.legs.begin()->second.armed.leg.state, model::LegState::working);
    venue.fill_resting();
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(record.legs.begin()->second.records, 2);
}

}  // namespace
}  // namespace obscura::conductor
