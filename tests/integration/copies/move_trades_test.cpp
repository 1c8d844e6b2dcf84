#include "copies_fixture.hpp"

#include "model/intake.hpp"

#include <algorithm>

namespace obscura::store::test {
namespace {

using MoveTradesTest = CopiesTest;

/// "before -> after" of each.
std::string moves_of(std::vector<model::Signal> const& signals) {
    std::string out;
    for (auto const& s : signals)
        out += (out.empty() ? "" : ", ") + s.leader_before.to_string() + " -> " +
               s.leader_after.to_string();
    return out;
}

TEST_F(MoveTradesTest, AnOutboxRowBecomesASignal) {
    put_in_outbox(fill(1, Side::buy, "0.5"));
    auto const moved = move();
    EXPECT_EQ(moved.moved, 1U);
    ASSERT_EQ(moved.signals.size(), 1U);
    EXPECT_EQ(sql("SELECT count(*) FROM outbox"), "0");
    EXPECT_EQ(sql("SELECT source_id FROM inbox"), model::source_id_of(fill(1, Side::buy, "0.5")));
    EXPECT_EQ(status_of(moved.signals[0]), "completed") << "nobody follows the pool";
    EXPECT_EQ(move().moved, 0U);
}

TEST_F(MoveTradesTest, SignalsAreOverAtOnceWhereNobodyFollows) {
    auto const followed = add_pool();
    join(followed, trader);
    auto const subscription = subscribe(followed);
    auto moved_of = [&](int id) {
        put_in_outbox(fill(id, Side::buy, "1"));
        auto const moved = move();
        std::string out;
        for (auto const& s : moved.signals)
            out += (s.pool == pool ? "alone " : "followed ") + status_of(s) +
                   (moved.idle_pools.contains(s.pool) ? "; " : " to plan; ");
        return out;
    };
    EXPECT_EQ(moved_of(1), "alone completed; followed queued to plan; ");
    EXPECT_EQ(sql("SELECT count(*) FROM signals WHERE status = 'completed' AND completed_at = "
                  "accepted_at AND planned_at = accepted_at"),
              "1");
    // Whoever is leaving is told of reductions.
    sql("UPDATE subscriptions SET status = 'closing' WHERE id = '" + subscription.to_string() +
        "'");
    EXPECT_EQ(moved_of(2), "alone completed; followed queued to plan; ");
    sql("UPDATE subscriptions SET status = 'closed', closed_at = now() WHERE id = '" +
        subscription.to_string() + "'");
    EXPECT_EQ(moved_of(3), "alone completed; followed completed; ");
    EXPECT_EQ(run(io, signals.unfinished(10)).size(), 2U);
}

// Every column, with twelve places, comes back as it was.
TEST_F(MoveTradesTest, ASignalIsReadBackWhole) {
    (void)subscribe(pool);
    auto trade = fill(1, Side::buy, "123456.000000000001", "0.000000000002", "BTC");
    trade.price = price("97800.123456789012");
    auto const made = signal_of(trade);
    EXPECT_EQ(made.leader_after.to_string(), "123455.999999999999");
    auto const read = run(io, signals.unfinished(10)).at(0);
    EXPECT_EQ(read.id, made.id);
    EXPECT_EQ(read.tenant, made.tenant);
    EXPECT_EQ(read.pool, pool);
    EXPECT_EQ(read.sequence, made.sequence);
    EXPECT_GT(read.sequence, 0);
    EXPECT_EQ(read.source, made.source);
    EXPECT_EQ(read.source_id, made.source_id);
    EXPECT_EQ(read.leader_ref, trader.to_string());
    EXPECT_EQ(read.symbol, made.symbol);
    EXPECT_EQ(read.side, made.side);
    EXPECT_EQ(read.quantity, trade.quantity);
    EXPECT_EQ(read.price, trade.price);
    EXPECT_EQ(read.order_type, made.order_type);
    EXPECT_EQ(read.venue, made.venue);
    EXPECT_EQ(read.market, made.market);
    EXPECT_EQ(read.environment, made.environment);
    EXPECT_EQ(read.reduce_only, made.reduce_only);
    EXPECT_EQ(read.priority, made.priority);
    EXPECT_EQ(read.leader_before, made.leader_before);
    EXPECT_EQ(read.leader_after, made.leader_after);
    EXPECT_EQ(read.expires_at, std::nullopt);
    EXPECT_EQ(read.leader_executed_at, trade.executed_at);
    EXPECT_EQ(read.ingested_at, trade.received_at);
    EXPECT_EQ(read.accepted_at, clock.now());
}

TEST_F(MoveTradesTest, TheLeadersPositionIsCountedThroughABatchAndOn) {
    put_in_outbox(fill(1, Side::buy, "1", "0.001", "BTC"));
    put_in_outbox(fill(2, Side::buy, "1", "50", "USDT"));
    put_in_outbox(fill(3, Side::sell, "0.5"));
    EXPECT_EQ(moves_of(move().signals), "0 -> 0.999, 0.999 -> 1.999, 1.999 -> 1.499");
    put_in_outbox(fill(4, Side::sell, "3"));
    put_in_outbox(fill(5, Side::buy, "2"));
    EXPECT_EQ(moves_of(move().signals), "1.499 -> 0, 0 -> 2");
    EXPECT_EQ(sql("SELECT trim_scale(quantity) FROM leader_positions"), "2");
}

// A sale that comes before its purchase: the position was too high for ever once.
TEST_F(MoveTradesTest, ASaleThatComesBeforeItsPurchaseLeavesNothing) {
    put_in_outbox(fill(2, Side::sell, "1"));
    EXPECT_EQ(moves_of(move().signals), "0 -> 0");
    put_in_outbox(fill(1, Side::buy, "1"));
    EXPECT_EQ(moves_of(move().signals), "0 -> 0");
    put_in_outbox(fill(3, Side::buy, "2"));
    EXPECT_EQ(moves_of(move().signals), "0 -> 2");
}

TEST_F(MoveTradesTest, OfALateFillOnlyTheReductionIsFollowed) {
    put_in_outbox(fill(1, Side::buy, "2"));
    put_in_outbox(fill(4, Side::buy, "1"));
    EXPECT_EQ(moves_of(move().signals), "0 -> 2, 2 -> 3");
    put_in_outbox(fill(3, Side::sell, "1"));
    put_in_outbox(fill(2, Side::buy, "5"));
    put_in_outbox(fill(5, Side::sell, "7"));
    // The late purchase is counted (3 -> 8) and not followed; the late sale and the new one are.
    EXPECT_EQ(moves_of(move().signals), "3 -> 3, 8 -> 7, 7 -> 0");
}

TEST_F(MoveTradesTest, FillsThatComeTogetherAreCountedAsTheyHappened) {
    put_in_outbox(fill(10, Side::sell, "1"));
    put_in_outbox(fill(9, Side::buy, "1"));
    EXPECT_EQ(moves_of(move().signals), "0 -> 1, 1 -> 0");
}

/// Binance's ids are numbers, and many fills have one time.
TEST_F(MoveTradesTest, FillsOfOneTimeAreOrderedByNumber) {
    auto at_once = [&](int id, Side side) {
        auto trade = fill(id, side, "1");
        trade.executed_at = obscura::test::sample_time;
        return trade;
    };
    put_in_outbox(at_once(10, Side::sell));
    EXPECT_EQ(moves_of(move().signals), "0 -> 0");
    put_in_outbox(at_once(9, Side::buy));
    EXPECT_EQ(moves_of(move().signals), "0 -> 0");
    put_in_outbox(at_once(11, Side::buy));
    EXPECT_EQ(moves_of(move().signals), "0 -> 1");
}

// Every order of arrival, one batch each or in twos: the position is always the same, and always
// what the pure count says.
TEST_F(MoveTradesTest, ThePositionDoesNotDependOnTheOrderOfArrival) {
    std::vector<model::Trade> const history{
        fill(1, Side::sell, "2"), fill(2, Side::buy, "3", "0.003", "BTC"), fill(3, Side::sell, "1"),
        fill(4, Side::sell, "9"), fill(5, Side::buy, "1", "4", "USDT")};
    std::vector<int> order{0, 1, 2, 3, 4};
    int round = 0;
    do {
        sql("TRUNCATE trades, outbox, inbox, signals, leader_positions CASCADE");
        model::PositionCount count(model::PositionKind::never_short, {});
        for (std::size_t i = 0; i < order.size(); ++i) {
            auto const& trade = history[static_cast<std::size_t>(order[i])];
            put_in_outbox(trade);
            (void)count.add(model::counted(trade));
            if (round % 2 == 1 && i % 2 == 0) continue;
            (void)move();
            ASSERT_EQ(sql("SELECT trim_scale(quantity) FROM leader_positions"),
                      count.quantity().to_string());
        }
        (void)move();
        ASSERT_EQ(sql("SELECT trim_scale(quantity) FROM leader_positions"), "1");
        ++round;
    } while (std::ranges::next_permutation(order).found);
    EXPECT_EQ(round, 120);
}

// Trades that sentinel has recorded and conductor has not taken yet count for nothing.
TEST_F(MoveTradesTest, WhatIsNotMovedYetIsNotCounted) {
    for (int i = 1; i <= 4; ++i) put_in_outbox(fill(i, Side::buy, "1"));
    EXPECT_EQ(moves_of(move(1).signals), "0 -> 1");
    EXPECT_EQ(moves_of(move(2).signals), "1 -> 2, 2 -> 3");
    EXPECT_EQ(moves_of(move().signals), "3 -> 4");
}

TEST_F(MoveTradesTest, ALeaderWhoWasInBeforeThePoolIsIn) {
    put_in_outbox(fill(1, Side::buy, "3"));
    (void)move();
    auto const second = add_pool();
    join(second, trader);
    put_in_outbox(fill(2, Side::sell, "1"));
    EXPECT_EQ(moves_of(move().signals), "3 -> 2, 3 -> 2");
}

TEST_F(MoveTradesTest, SymbolsAndLeadersAreCountedApart) {
    auto other_symbol = fill(1, Side::buy, "7");
    other_symbol.symbol = "ETHUSDT";
    auto other_leader = fill(1, Side::buy, "5");
    other_leader.connection = add_connection("lead");
    (void)add_trader(other_leader.connection, pool);
    put_in_outbox(fill(2, Side::buy, "1"));
    put_in_outbox(other_symbol);
    put_in_outbox(other_leader);
    put_in_outbox(fill(3, Side::buy, "1"));
    EXPECT_EQ(moves_of(move().signals), "0 -> 1, 0 -> 7, 0 -> 5, 1 -> 2");
}

TEST_F(MoveTradesTest, RedeliveryMakesNothing) {
    auto const trade = fill(1, Side::buy, "1");
    (void)signal_of(trade);
    put_in_outbox(trade);
    auto const again = move();
    EXPECT_EQ(again.moved, 1U);
    EXPECT_TRUE(again.signals.empty());
    EXPECT_EQ(sql("SELECT count(*) FROM signals"), "1");
    EXPECT_EQ(sql("SELECT trim_scale(quantity) FROM leader_positions"), "1");

    // Twice in one batch, under two names in the outbox.
    auto const twin = fill(2, Side::buy, "1");
    put_in_outbox(twin);
    sql("INSERT INTO outbox (tenant_id, topic, source_id, payload) SELECT tenant_id, topic, "
        "'twin', payload FROM outbox");
    auto const both = move();
    EXPECT_EQ(both.moved, 2U);
    EXPECT_EQ(both.signals.size(), 1U);
}

TEST_F(MoveTradesTest, EveryPoolOfALeaderGetsItsSignal) {
    auto const second = add_pool();
    join(second, trader);
    put_in_outbox(fill(1, Side::buy, "1"));
    put_in_outbox(fill(2, Side::buy, "1"));
    auto const moved = move();
    EXPECT_EQ(moved.moved, 2U);
    EXPECT_EQ(moved.signals.size(), 4U);
    EXPECT_EQ(sql("SELECT count(DISTINCT (pool_id, source_id)) FROM signals"), "4");
    EXPECT_EQ(sql("SELECT string_agg(DISTINCT trim_scale(quantity)::text, ',') "
                  "FROM leader_positions"),
              "2");
}

TEST_F(MoveTradesTest, TwoTradersOfOneAccountMakeOneSignalAPool) {
    (void)add_trader(lead, pool);
    EXPECT_EQ(signal_of(fill(1, Side::buy, "1")).pool, pool);
    EXPECT_EQ(sql("SELECT count(*) FROM signals"), "1");
}

TEST_F(MoveTradesTest, WhatNoPoolWantsIsMovedAllTheSame) {
    auto stranger = fill(1, Side::buy, "1");
    stranger.connection = add_connection("lead");
    put_in_outbox(stranger);
    sql("UPDATE pools SET status = 'archived'");
    put_in_outbox(fill(2, Side::buy, "1"));
    auto const moved = move();
    EXPECT_EQ(moved.moved, 2U);
    EXPECT_TRUE(moved.signals.empty());
    EXPECT_EQ(sql("SELECT count(*) FROM outbox"), "0");
}

TEST_F(MoveTradesTest, APausedPoolFollowsExitsAndCounts) {
    (void)signal_of(fill(1, Side::buy, "1"));
    sql("UPDATE pools SET status = 'paused'");
    put_in_outbox(fill(2, Side::buy, "1"));
    put_in_outbox(fill(3, Side::sell, "0.5"));
    EXPECT_EQ(moves_of(move().signals), "2 -> 1.5");
    sql("UPDATE pools SET status = 'active'");
    put_in_outbox(fill(4, Side::buy, "1"));
    EXPECT_EQ(moves_of(move().signals), "1.5 -> 2.5");
}

TEST_F(MoveTradesTest, ARowThatCannotBeReadHoldsUpNoOther) {
    sql("INSERT INTO outbox (tenant_id, topic, source_id, payload) VALUES ('" + tenant.to_string() +
        "', 'trade', 'odd', '{\"not\": \"a trade\"}')");
    put_in_outbox(fill(1, Side::buy, "0.5"));
    EXPECT_EQ(move().signals.size(), 1U);
    EXPECT_EQ(sql("SELECT topic FROM outbox"), "unreadable trade");
    EXPECT_EQ(move().moved, 0U);
}

TEST_F(MoveTradesTest, TakesNoMoreThanAsked) {
    for (int i = 1; i <= 5; ++i) put_in_outbox(fill(i, Side::buy, "1"));
    EXPECT_EQ(moves_of(move(2).signals), "0 -> 1, 1 -> 2");
    EXPECT_EQ(moves_of(move(2).signals), "2 -> 3, 3 -> 4");
    EXPECT_EQ(move(2).moved, 1U);
}

TEST_F(MoveTradesTest, UnfinishedAndForgottenAreTold) {
    (void)subscribe(pool);
    auto const first = signal_of(fill(1, Side::buy, "1"));
    clock.advance(10s);
    auto const second = signal_of(fill(2, Side::buy, "1"));
    auto const third = signal_of(fill(3, Side::buy, "1"));
    sql("UPDATE signals SET status = 'processing' WHERE id = '" + first.id.value.to_string() + "'");
    sql("UPDATE signals SET status = 'completed' WHERE id = '" + third.id.value.to_string() + "'");
    auto ids = [](std::vector<model::Signal> const& all) {
        std::vector<model::SignalId> out;
        for (auto const& s : all) out.push_back(s.id);
        return out;
    };
    EXPECT_EQ(ids(run(io, signals.unfinished(10))), (std::vector{first.id, second.id}));
    EXPECT_EQ(ids(run(io, signals.unfinished(1))), (std::vector{first.id}));
    EXPECT_TRUE(run(io, signals.forgotten(second.accepted_at, 10)).empty());
    clock.step_wall(-30s);  // another process has the right time
    EXPECT_EQ(run(io, signals.forgotten(clock.now() - 1s, 10)).size(), 1U);
    clock.step_wall(30s);
    EXPECT_EQ(ids(run(io, signals.forgotten(second.accepted_at + 1us, 10))),
              (std::vector{second.id}));
}

}  // namespace
}  // namespace obscura::store::test
