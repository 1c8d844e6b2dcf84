// Perpetuals: shorts, flips, what an account must be set to before an open.
#include "engine_fixture.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace obscura::conductor {
namespace {

using model::Side;

struct EngineFuturesTest : EngineTest {
    /// The leader goes from one position to another.
    model::Signal moves(std::string_view before, std::string_view after) {
        auto s = signal(Side::buy);
        s.market = model::Market::futures;
        s.leader_before = base::Quantity::parse(before).value();
        s.leader_after = base::Quantity::parse(after).value();
        auto const change = s.leader_after - s.leader_before;
        s.side = change.is_negative() ? Side::sell : Side::buy;
        s.quantity = change.abs();
        s.leverage = 3;
        return s;
    }
    model::Signal leader_moves(std::string_view before, std::string_view after) {
        return record.add_signal(moves(before, after), true);
    }
    /// "sell 0.006", "close buy 0.006", "sell 0.006 short".
    std::vector<std::string> orders_told() const {
        std::vector<std::string> out;
        for (auto const& order : futures.orders) {
            auto const& request = order.request;
            auto text = std::string(request.reduce_only ? "close " : "") +
                        std::string(to_string(request.side)) + " " + request.quantity.to_string();
            if (request.position_side != model::PositionSide::both)
                text += " " + std::string(to_string(request.position_side));
            out.push_back(std::move(text));
        }
        return out;
    }
    using Orders = std::vector<std::string>;
};

TEST_F(EngineFuturesTest, AShortIsOpenedUnderItsMarginAndLeverage) {
    auto const s = add_follower();
    start();
    auto const opened = leader_moves("0", "-1");
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(record.copy_of(opened.id, s.id), "filled");
    EXPECT_EQ(orders_told(), (Orders{"sell 0.006"}));  // a tenth, times the leverage
    EXPECT_EQ(futures.settings, (Orders{"margin BTCUSDT isolated", "leverage BTCUSDT 3"}));
    EXPECT_EQ(held(s), "-0.006");
    EXPECT_TRUE(venue.orders.empty());  // the other market

    auto const closed = leader_moves("-1", "0");
    ASSERT_TRUE(run_until_over(closed));
    EXPECT_EQ(orders_told(), (Orders{"sell 0.006", "close buy 0.006"}));
    auto const again = leader_moves("0", "1");
    ASSERT_TRUE(run_until_over(again));
    EXPECT_EQ(orders_told().back(), "buy 0.006");
    EXPECT_EQ(futures.settings.size(), 2U);  // as it was set
    EXPECT_EQ(futures.mode_calls, 1);
}

TEST_F(EngineFuturesTest, AFlipIsTwoLegsOneAfterTheOther) {
    auto const s = add_follower();
    hold(s, "0.006");
    start();
    futures.fates = {Fate::rest};
    auto const flipped = leader_moves("1", "-1");
    ASSERT_TRUE(run_until([&] { return futures.orders.size() == 1; }));
    run_on(20ms);
    EXPECT_EQ(orders_told(), (Orders{"close sell 0.006"}));  // the second waits for its end
    EXPECT_EQ(record.copy_of(flipped.id, s.id), "waiting");
    futures.fill_resting();
    ASSERT_TRUE(run_until_over(flipped));
    EXPECT_EQ(orders_told(), (Orders{"close sell 0.006", "sell 0.006"}));
    EXPECT_EQ(record.copy_of(flipped.id, s.id), "filled");
    EXPECT_EQ(held(s), "-0.006");
    std::set<int> seqs;
    for (auto const& [id, leg] : record.legs) seqs.insert(leg.armed.leg.seq);
    EXPECT_EQ(seqs, (std::set<int>{0, 1}));
    EXPECT_EQ(record.copies.size(), 1U);
}

TEST_F(EngineFuturesTest, AFlipGoesOnAfterARestartBetweenItsLegs) {
    auto const s = add_follower();
    hold(s, "0.006");
    start();
    record.on_step = [&](std::string_view step) {
        if (step == "plan" && record.plans > 1) throw std::runtime_error("the record is away");
    };
    auto const flipped = leader_moves("1", "-1");
    ASSERT_TRUE(run_until([&] { return record.plans > 2; }));
    test::run(io, engine->stop());
    EXPECT_EQ(orders_told(), (Orders{"close sell 0.006"}));
    EXPECT_EQ(record.copy_of(flipped.id, s.id), "waiting");

    record.on_step = {};
    start();
    ASSERT_TRUE(run_until_over(flipped));
    EXPECT_EQ(orders_told(), (Orders{"close sell 0.006", "sell 0.006"}));
    EXPECT_EQ(held(s), "-0.006");
}

// Recovering a leg whose outcome was lost takes longer than an open waits for a silent venue, and a
// new process has asked nobody yet.
TEST_F(EngineFuturesTest, TheSecondLegAsksItsAccountHoweverOldTheSignalIs) {
    auto const s = add_follower();
    hold(s, "0.006");
    auto old = moves("1", "-1");
    old.accepted_at -= config.quote_patience;
    old = record.add_signal(old, true);
    start();
    ASSERT_TRUE(run_until_over(old));
    EXPECT_EQ(orders_told(), (Orders{"close sell 0.006", "sell 0.006"}));
    EXPECT_EQ(record.copy_of(old.id, s.id), "filled");
}

// What a close may do always, the open may not: it comes too late, and what was done stays done.
TEST_F(EngineFuturesTest, TheSecondLegIsBoundByWhatBindsOpens) {
    auto const s = add_follower();
    hold(s, "0.006");
    auto late = moves("1", "-1");
    late.accepted_at -= config.open_lifetime;
    late = record.add_signal(late, true);
    start();
    ASSERT_TRUE(run_until_over(late));
    EXPECT_EQ(orders_told(), (Orders{"close sell 0.006"}));
    EXPECT_EQ(record.copy_of(late.id, s.id), "filled signal_expired");
}

TEST_F(EngineFuturesTest, AFlipWhoseCloseIsRefusedOpensNothing) {
    auto const s = add_follower();
    hold(s, "0.006");
    start();
    futures.fates = {Fate::reject};
    auto const flipped = leader_moves("1", "-1");
    ASSERT_TRUE(run_until_over(flipped));
    run_on(20ms);
    EXPECT_TRUE(futures.orders.empty());
    EXPECT_EQ(record.copy_of(flipped.id, s.id), "rejected -2010: insufficient balance");
}

// Liquidated, or closed by its owner: the venue refuses the close, and the account is looked at.
TEST_F(EngineFuturesTest, APositionThatIsGoneIsWrittenOff) {
    auto const s = add_follower();
    hold(s, "0.006");
    start();
    auto const account = test::MemoryCopies::context_of(s);
    futures.holdings[{account, "BTCUSDT"}] = {};
    futures.failing_looks = 2;
    futures.failing_listings = 1;
    auto const closed = leader_moves("1", "0");
    ASSERT_TRUE(run_until_over(closed));
    EXPECT_EQ(record.copy_of(closed.id, s.id), "filled nothing_to_close");
    EXPECT_EQ(held(s), "0");
    EXPECT_TRUE(futures.orders.empty());
    EXPECT_EQ(record.legs.size(), 1U);
    auto const& leg = record.legs.begin()->second;
    EXPECT_EQ(leg.evidence, "-2022: ReduceOnly Order is rejected. (the account holds 0)");

    auto const opened = leader_moves("0", "1");  // nothing is in the way of the next
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(orders_told(), (Orders{"buy 0.006"}));
}

TEST_F(EngineFuturesTest, WhatIsLeftOfAPositionIsClosed) {
    auto const s = add_follower();
    hold(s, "-0.006");
    start();
    futures.holdings[{test::MemoryCopies::context_of(s), "BTCUSDT"}] =
        base::Quantity::parse("-0.002").value();
    auto const closed = leader_moves("-1", "0");
    ASSERT_TRUE(run_until_over(closed));
    EXPECT_EQ(orders_told(), (Orders{"close buy 0.002"}));
    EXPECT_EQ(record.copy_of(closed.id, s.id), "filled");
    EXPECT_EQ(held(s), "0");
}

TEST_F(EngineFuturesTest, OneLookIsNotBelieved) {
    auto const s = add_follower();
    hold(s, "0.006");
    start();
    auto const there = base::Quantity::parse("0.006").value();
    futures.holdings[{test::MemoryCopies::context_of(s), "BTCUSDT"}] = there;
    futures.fates = {Fate::lacks};
    futures.stale_holdings = {{}, there};
    auto const closed = leader_moves("1", "0");
    ASSERT_TRUE(run_until_over(closed));
    EXPECT_EQ(futures.looks, 2);
    EXPECT_EQ(record.copy_of(closed.id, s.id),
              "rejected -2022: ReduceOnly Order is rejected. (the account holds 0.006)");
    EXPECT_EQ(held(s), "0.006");
}

// A process that dies while it looks: the next is refused again, and looks.
TEST_F(EngineFuturesTest, ALookIsTakenUpAfterARestart) {
    auto const s = add_follower();
    hold(s, "0.006");
    start();
    futures.holdings[{test::MemoryCopies::context_of(s), "BTCUSDT"}] = {};
    futures.failing_looks = 1'000'000;
    auto const closed = leader_moves("1", "0");
    ASSERT_TRUE(run_until([&] { return futures.looks > 1; }));
    test::run(io, engine->stop());
    futures.failing_looks = 0;
    start();
    ASSERT_TRUE(run_until_over(closed));
    EXPECT_EQ(record.copy_of(closed.id, s.id), "filled nothing_to_close");
    EXPECT_EQ(held(s), "0");
}

TEST_F(EngineFuturesTest, AHedgedAccountsOrdersNameTheirPosition) {
    auto const s = add_follower();
    futures.mode = model::PositionMode::hedge;
    start();
    auto const opened = leader_moves("0", "-1");
    ASSERT_TRUE(run_until_over(opened));
    // While it holds something the account cannot change its mode: nobody asks again.
    futures.mode = model::PositionMode::one_way;
    auto const flipped = leader_moves("-1", "1");
    ASSERT_TRUE(run_until_over(flipped));
    EXPECT_EQ(orders_told(), (Orders{"sell 0.006 short", "buy 0.006 short", "buy 0.006 long"}));
    EXPECT_EQ(held(s), "0.006");
}

TEST_F(EngineFuturesTest, AnAccountThatDoesNotTellItsModeHoldsUpNoOther) {
    auto const mute = add_follower();
    auto const other = add_follower();
    futures.failing_modes = 1;
    start();
    auto const opened = leader_moves("0", "1");
    ASSERT_TRUE(run_until_over(opened));
    std::array const told{record.copy_of(opened.id, mute.id), record.copy_of(opened.id, other.id)};
    EXPECT_EQ(std::ranges::count(told, "refused position_mode_unknown"), 1);
    EXPECT_EQ(std::ranges::count(told, "filled"), 1);
}

TEST_F(EngineFuturesTest, ASettingThatIsRefusedEndsTheOpen) {
    auto const s = add_follower();
    futures.failing_settings = {base::Errc::invalid_argument};
    start();
    auto const opened = leader_moves("0", "1");
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(record.copy_of(opened.id, s.id), "rejected set_margin_mode: the venue's words");
    EXPECT_TRUE(futures.orders.empty());
    // The next time it is tried, and set whole, again.
    auto const again = leader_moves("0", "1");
    ASSERT_TRUE(run_until_over(again));
    EXPECT_EQ(futures.settings, (Orders{"margin BTCUSDT isolated", "leverage BTCUSDT 3"}));
    EXPECT_EQ(orders_told(), (Orders{"buy 0.006"}));
}

TEST_F(EngineFuturesTest, ASettingThatGotNoAnswerIsTriedAgain) {
    auto const s = add_follower();
    futures.failing_settings = {base::Errc::unavailable, base::Errc::upstream_timeout};
    start();
    auto const opened = leader_moves("0", "1");
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(record.copy_of(opened.id, s.id), "filled");
    EXPECT_EQ(orders_told(), (Orders{"buy 0.006"}));
}

TEST_F(EngineFuturesTest, AnExitNeedsNothingOfItsAccount) {
    auto const s = add_follower();
    hold(s, "-0.006");
    futures.failing_modes = 100;
    futures.failing_settings = {base::Errc::invalid_argument};
    start();
    auto const closed = leader_moves("-1", "0");
    ASSERT_TRUE(run_until_over(closed));
    EXPECT_EQ(orders_told(), (Orders{"close buy 0.006"}));
    EXPECT_EQ(held(s), "0");
    EXPECT_EQ(futures.mode_calls, 0);
}

}  // namespace
}  // namespace obscura::conductor
