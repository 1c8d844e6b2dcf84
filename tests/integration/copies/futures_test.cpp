// Perpetuals: shorts, flips, what is a symbol's own in each market.
#include "copies_fixture.hpp"

#include "model/position_count.hpp"

#include <algorithm>

namespace obscura::store::test {
namespace {

using model::LegState;
using model::PositionSide;

class FuturesTest : public CopiesTest {
protected:
    /// One leg for every candidate, as `change` has it.
    std::vector<ports::PlannedCopy> plan_legs(
        model::Signal const& signal, std::string const& quantity,
        std::function<void(ports::PlannedCopy&)> const& change = [](ports::PlannedCopy&) {}) {
        return plan(signal,
                    [&](std::vector<ports::PlanCandidate> const& candidates) {
                        std::vector<ports::PlannedCopy> out;
                        for (auto const& c : candidates) {
                            seen.push_back(c);
                            auto copy = arm(c, signal, quantity);
                            copy.leg->leverage = 5;
                            if (!copy.leg->reduce_only)
                                copy.target_after =
                                    model::signed_change(signal.side, qty(quantity));
                            change(copy);
                            out.push_back(c.has_open_leg ? wait(copy) : copy);
                        }
                        return out;
                    })
            .planned;
    }
    model::Leg only_leg(std::vector<ports::PlannedCopy> const& planned) {
        return planned.at(0).leg.value();
    }
    /// Opens a position of the one follower.
    void open(Side side, std::string const& quantity) {
        auto const signal = signal_of(contract_fill(++leader_fills, side, "1"));
        (void)record({ended(only_leg(plan_legs(signal, quantity)), LegState::filled,
                            {venue_fill("50000", quantity, "0.25", "USDT")})});
    }
    std::string copies_told() {
        return sql(
            "SELECT string_agg(status || coalesce(' ' || reason, ''), ', ' ORDER BY id) FROM "
            "copies");
    }
    int leader_fills = 0;
};

TEST_F(FuturesTest, AShortIsHeldAndWonBack) {
    (void)subscribe(pool);
    open(Side::sell, "0.01");
    // 500 at five times: 100 of margin, and the fee once more for the way out.
    EXPECT_EQ(position(), "-0.01 -0.01 100.25 -0.25");
    EXPECT_EQ(sql("SELECT concat_ws(' ', market, position_side, leverage, trim_scale(entry_quote)) "
                  "FROM positions"),
              "futures both 5 500");
    auto const closed = signal_of(contract_fill(++leader_fills, Side::buy, "1", "1"));
    EXPECT_TRUE(closed.is_reducing());
    auto const leg = only_leg(plan_legs(closed, "0.004"));
    EXPECT_EQ(seen.back().portfolio.quantity.to_string(), "-0.01");
    EXPECT_EQ(seen.back().portfolio.open_cost.to_string(), "100.25");
    (void)record({ended(leg, LegState::filled, {venue_fill("45000", "0.004", "0.1", "USDT")})});
    EXPECT_EQ(position(), "-0.006 0 60.15 19.65");  // 200 sold, 180 paid, and the fees
    EXPECT_EQ(sql("SELECT trim_scale(realised_pnl) FROM subscription_days"), "19.65");
    EXPECT_EQ(sql("SELECT trim_scale(fees_quote) FROM positions"), "0.35");
}

// A liquidation is no order of ours: its loss is the follower's all the same, and nothing is left
// in the way of the next open or of an end that he asked for.
TEST_F(FuturesTest, WhatWasLostElsewhereIsBooked) {
    auto const follower = subscribe(pool);
    open(Side::sell, "0.01");
    auto const closed = signal_of(contract_fill(++leader_fills, Side::buy, "1", "1"));
    auto leg = only_leg(plan_legs(closed, "0.01"));
    sql("UPDATE subscriptions SET status = 'closing' WHERE id = '" + follower.to_string() + "'");
    leg.continues = true;
    auto refused = ended(leg, LegState::rejected, {}, "-2022");
    auto trade = contract_fill(0, Side::buy, "0.01");
    trade.venue_trade_id = "900";
    trade.price = price("58000");
    trade.fee = dec("2.9");
    trade.fee_asset = "USDT";
    trade.executed_at = clock.now();
    auto before = trade;
    before.venue_trade_id = "5";
    before.executed_at = clock.now() - 1h;
    refused.gone = ports::Gone{.left = {}, .trades = {before, trade}};
    EXPECT_EQ(record({refused}), (std::vector{closed.id}));
    EXPECT_EQ(position(), "0 0 0 -83.15");  // 80 lost, 2.9 for it, 0.25 for the way in
    EXPECT_EQ(
        sql("SELECT string_agg(venue_trade_id || ' ' || is_foreign, ', ' ORDER BY executed_at) "
            "FROM leg_fills WHERE is_foreign"),
        "900 true");
    EXPECT_EQ(sql("SELECT trim_scale(executed_quantity) FROM copy_legs WHERE id = '" +
                  leg.id.to_string() + "'"),
              "0");
    (void)record({refused});  // told again
    EXPECT_EQ(position(), "0 0 0 -83.15");
    EXPECT_EQ(sql("SELECT status FROM subscriptions"), "closing");  // its copy waits
    (void)plan_legs(closed, "0.01",
                    [](ports::PlannedCopy& c) { c = refuse(c, "nothing_to_close"); });
    EXPECT_EQ(copies_told(), "filled, filled nothing_to_close");
    EXPECT_EQ(status_of(closed), "completed");
    EXPECT_EQ(sql("SELECT status FROM subscriptions"), "closed");
}

// The record was repeated after the position had been opened again.
TEST_F(FuturesTest, WhatIsGoneIsGoneOnce) {
    (void)subscribe(pool);
    open(Side::sell, "0.01");
    auto const closed = signal_of(contract_fill(++leader_fills, Side::buy, "1", "1"));
    auto refused = ended(only_leg(plan_legs(closed, "0.01")), LegState::rejected, {}, "-2022");
    refused.gone = ports::Gone{};
    (void)record({refused});
    EXPECT_EQ(position(), "0 0 0 -100.5");  // what no trade explains is lost
    open(Side::sell, "0.01");
    auto const held = position();
    (void)record({refused});
    EXPECT_EQ(position(), held);
}

TEST_F(FuturesTest, AFlipIsOneCopyWithTwoLegs) {
    (void)subscribe(pool);
    open(Side::buy, "0.01");
    auto const flipped = signal_of(contract_fill(++leader_fills, Side::sell, "2"));
    EXPECT_EQ(flipped.leader_after.to_string(), "-1");
    auto const close = only_leg(
        plan_legs(flipped, "0.01", [](ports::PlannedCopy& copy) { copy.leg->continues = true; }));
    EXPECT_EQ(copies_told(), "filled, waiting");
    (void)plan_legs(flipped, "0.01");
    EXPECT_TRUE(seen.back().has_open_leg);

    auto const closing =
        ended(close, LegState::filled, {venue_fill("50000", "0.01", "0.25", "USDT")});
    EXPECT_EQ(record({closing}), (std::vector{flipped.id}));
    EXPECT_EQ(copies_told(), "filled, waiting");
    EXPECT_EQ(status_of(flipped), "processing");
    EXPECT_EQ(run(io, signals.unfinished(10)).size(), 1U);  // what a restart takes up
    EXPECT_EQ(position(), "0 0 0 -0.5");

    auto const open_again = only_leg(plan_legs(flipped, "0.01", [](ports::PlannedCopy& copy) {
        copy.leg->reduce_only = false;
        copy.target_after = qty("-0.01");
    }));
    EXPECT_EQ(seen.back().legs_before, 1);
    EXPECT_FALSE(seen.back().has_open_leg);
    EXPECT_EQ(open_again.copy, close.copy);
    EXPECT_EQ(copies_told(), "filled, open");
    (void)record({closing});  // told again
    EXPECT_EQ(copies_told(), "filled, open");
    auto const opening =
        ended(open_again, LegState::filled, {venue_fill("50000", "0.01", "0.25", "USDT")});
    auto const signed_receipts = [&] {
        return sql("SELECT count(signature) FROM receipts WHERE copy_id = '" +
                   close.copy.value.to_string() + "'");
    };
    sql("INSERT INTO held_keys (key_id, purpose, algorithm, public_key, sealed_key) "
        "VALUES ('key_' || repeat('a', 32), 'receipt', 'ed25519', repeat('a', 64), 'nil:v1:AAAA')");
    sql("UPDATE receipts SET signature = decode(repeat('aa', 64), 'hex'), key_id = 'key_' || "
        "repeat('a', 32)");
    (void)record({closing});
    EXPECT_EQ(signed_receipts(), "1") << "nothing new";
    (void)record({opening});
    EXPECT_EQ(signed_receipts(), "0") << "it says more than was signed";
    (void)record({opening, closing});
    EXPECT_EQ(copies_told(), "filled, filled");
    EXPECT_EQ(status_of(flipped), "completed");
    EXPECT_EQ(position(), "-0.01 -0.01 100.25 -0.75");
    EXPECT_EQ(
        sql("SELECT string_agg(seq::text, ' ' ORDER BY seq) FROM copy_legs WHERE copy_id = '" +
            close.copy.value.to_string() + "'"),
        "0 1");
    EXPECT_EQ(
        sql("SELECT concat_ws(' ', body->>'client_order_id' = '" + close.client_order_id +
            "', body->'further_legs'->'1'->>'client_order_id' = '" + open_again.client_order_id +
            "') FROM receipts WHERE copy_id = '" + close.copy.value.to_string() + "'"),
        "t t");
}

TEST_F(FuturesTest, AFlipThatIsRefusedItsSecondLegIsFilled) {
    (void)subscribe(pool);
    open(Side::buy, "0.01");
    auto const flipped = signal_of(contract_fill(++leader_fills, Side::sell, "2"));
    auto const close = only_leg(
        plan_legs(flipped, "0.01", [](ports::PlannedCopy& c) { c.leg->continues = true; }));
    (void)record({ended(close, LegState::filled, {venue_fill("50000", "0.01", "0.25", "USDT")})});
    (void)plan_legs(flipped, "0.01",
                    [](ports::PlannedCopy& c) { c = refuse(c, "investment_exhausted"); });
    EXPECT_EQ(copies_told(), "filled, filled investment_exhausted");
    EXPECT_EQ(status_of(flipped), "completed");
}

TEST_F(FuturesTest, AFlipWhoseCloseFailedIsOver) {
    (void)subscribe(pool);
    open(Side::buy, "0.01");
    auto const flipped = signal_of(contract_fill(++leader_fills, Side::sell, "2"));
    auto close = only_leg(
        plan_legs(flipped, "0.01", [](ports::PlannedCopy& c) { c.leg->continues = true; }));
    close.continues = false;
    EXPECT_TRUE(record({ended(close, LegState::alarmed, {}, "no")}).empty());
    EXPECT_EQ(copies_told(), "filled, alarmed no");
    EXPECT_EQ(status_of(flipped), "failed");
}

TEST_F(FuturesTest, AnOpenThatGotLessIsWhatReductionsAreMeasuredFrom) {
    (void)subscribe(pool);
    auto const signal = signal_of(contract_fill(++leader_fills, Side::sell, "1"));
    (void)record({ended(only_leg(plan_legs(signal, "0.01")), LegState::filled,
                        {venue_fill("50000", "0.004", "0", "USDT")})});
    EXPECT_EQ(position().substr(0, 13), "-0.004 -0.004");
}

TEST_F(FuturesTest, ALegAndASignalAreReadBackWhole) {
    (void)subscribe(pool);
    auto const made =
        accept(model::signal_request_from_json(
                   base::parse_json(R"({"symbol": "BTCUSDT", "side": "sell", "quantity": "1",
                "platform": "futures", "leverage": 7, "margin_mode": "isolated",
                "stop_loss_pct": "2.5", "take_profit_pct": "10"})")
                       .value(),
                   {.futures = true, .protections = true})
                   .value(),
               caller());
    auto const signal = run(io, signals.unfinished(1)).at(0);
    EXPECT_EQ(signal.market, model::Market::futures);
    EXPECT_EQ(signal.leverage, 7);
    EXPECT_EQ(signal.margin_mode, model::MarginMode::isolated);
    EXPECT_EQ(signal.stop_loss_pct, dec("2.5"));
    EXPECT_EQ(signal.take_profit_pct, dec("10"));
    EXPECT_EQ(signal.leader_after.to_string(), "-1");
    EXPECT_EQ(made->signal.leader_after, signal.leader_after);
    auto const leg = only_leg(plan_legs(signal, "0.01", [](ports::PlannedCopy& copy) {
        copy.leg->position_side = PositionSide::short_side;
        copy.leg->leverage = 7;
        copy.leg->continues = true;
    }));
    auto const read = run(io, copies.unresolved(epoch + 1)).at(0).leg;
    EXPECT_EQ(read.market, model::Market::futures);
    EXPECT_EQ(read.position_side, PositionSide::short_side);
    EXPECT_EQ(read.leverage, 7);
    EXPECT_EQ(read.margin_mode, model::MarginMode::isolated);
    EXPECT_TRUE(read.continues);
    EXPECT_EQ(read.seq, 0);
    EXPECT_EQ(plan(signal, "0.01").unsent.at(0).leg.continues, true);
    EXPECT_EQ(leg.id, read.id);
}

// "Close all" is said with more than there is, and again when there is nothing left.
TEST_F(FuturesTest, ASignalThatMayOnlyReduceEndsAtNothing) {
    std::string told;
    for (auto const* what :
         {R"("buy", "quantity": "1000")", R"("sell", "quantity": "9000", "reduce_only": true)",
          R"("sell", "quantity": "1", "reduce_only": true)", R"("sell", "quantity": "5")",
          R"("sell", "quantity": "1", "reduce_only": true)",
          R"("buy", "quantity": "9", "reduce_only": true)"}) {
        auto const body =
            std::string(R"({"symbol": "BTCUSDT", "platform": "futures", "side": )") + what + "}";
        auto const read = model::signal_request_from_json(base::parse_json(body).value(),
                                                          {.futures = true, .protections = true});
        auto const s = accept(read.value(), caller()).value().signal;
        told += s.leader_before.to_string() + " -> " + s.leader_after.to_string() + "; ";
    }
    EXPECT_EQ(told, "0 -> 1000; 1000 -> 0; 0 -> 0; 0 -> -5; -5 -> -5; -5 -> 0; ");
}

// One account, two pools: a contract's leverage, margin and position are the account's.
TEST_F(FuturesTest, ASymbolThatAnotherSubscriptionHoldsIsInUse) {
    auto const account = add_connection("follow");
    auto const second = add_pool();
    join(second, trader);
    (void)subscribe(pool, "1000", account);
    (void)subscribe(second, "1000", account);
    put_in_outbox(contract_fill(1, Side::sell, "1"));
    auto const made = move().signals;
    ASSERT_EQ(made.size(), 2U);
    auto const leg = only_leg(plan_legs(made[0], "0.01"));
    EXPECT_FALSE(seen.back().portfolio.is_symbol_in_use);
    (void)plan_legs(made[1], "0.01", [](ports::PlannedCopy& c) { c = refuse(c, "symbol_in_use"); });
    EXPECT_TRUE(seen.back().portfolio.is_symbol_in_use);  // by an order under way
    (void)record({ended(leg, LegState::filled, {venue_fill("50000", "0.01", "0", "USDT")})});
    put_in_outbox(contract_fill(2, Side::buy, "1", "1"));
    auto const closed = move().signals;
    auto const of_second = std::ranges::find(closed, second, &model::Signal::pool);
    (void)plan_legs(*of_second, "0.01",
                    [](ports::PlannedCopy& c) { c = refuse(c, "nothing_to_close"); });
    EXPECT_TRUE(seen.back().portfolio.is_symbol_in_use);  // held
    auto const of_first = std::ranges::find(closed, pool, &model::Signal::pool);
    auto const close = only_leg(plan_legs(*of_first, "0.01"));
    EXPECT_FALSE(seen.back().portfolio.is_symbol_in_use);  // its own
    (void)record({ended(close, LegState::filled, {venue_fill("50000", "0.01", "0", "USDT")})});
    put_in_outbox(contract_fill(3, Side::buy, "1"));
    auto const again = move().signals;
    (void)plan_legs(*std::ranges::find(again, second, &model::Signal::pool), "0.01");
    EXPECT_FALSE(seen.back().portfolio.is_symbol_in_use);  // held no more
}

TEST_F(FuturesTest, TheMarketsOfASymbolAreApart) {
    (void)subscribe(pool);
    auto const spot = signal_of(fill(1, Side::buy, "1"));
    auto const leg = *plan(spot, "0.002").planned.at(0).leg;
    auto const futures = signal_of(contract_fill(1, Side::sell, "1"));
    auto const other = only_leg(plan_legs(futures, "0.01"));  // does not wait
    EXPECT_FALSE(seen.back().has_open_leg);
    // Both venues number their fills from one.
    auto const bought = venue_fill("50000", "0.002", "0", "BNB");
    auto sold = venue_fill("50000", "0.01", "0", "USDT");
    sold.venue_trade_id = bought.venue_trade_id;
    (void)record({ended(leg, LegState::filled, {bought}), ended(other, LegState::filled, {sold})});
    EXPECT_EQ(sql("SELECT string_agg(market || ' ' || trim_scale(quantity), ', ' ORDER BY market) "
                  "FROM positions"),
              "futures -0.01, spot 0.002");
    EXPECT_EQ(sql("SELECT string_agg(market || ' ' || trim_scale(quantity), ', ' ORDER BY market) "
                  "FROM leader_positions"),
              "futures -1, spot 1");
}

TEST_F(FuturesTest, AHedgedLeaderHasTwoPositionsOfASymbol) {
    auto of = [&](int id, Side side, PositionSide which) {
        auto trade = contract_fill(id, side, "1");
        trade.position_side = which;
        return trade;
    };
    put_in_outbox(of(1, Side::buy, PositionSide::long_side));
    put_in_outbox(of(2, Side::sell, PositionSide::short_side));
    put_in_outbox(of(3, Side::sell, PositionSide::long_side));
    put_in_outbox(of(4, Side::sell, PositionSide::long_side));  // opened before we watched
    std::string told;
    for (auto const& s : move().signals)
        told += s.leader_before.to_string() + " -> " + s.leader_after.to_string() + " " +
                std::string(to_string(s.position_side)) + "; ";
    EXPECT_EQ(told, "0 -> 1 long; 0 -> -1 short; 1 -> 0 long; 0 -> 0 long; ");
}

// Every order of arrival; what closes what was opened before we watched counts for nothing.
TEST_F(FuturesTest, ThePositionDoesNotDependOnTheOrderOfArrival) {
    std::vector<model::Trade> const history{
        contract_fill(1, Side::sell, "2", "5"), contract_fill(2, Side::buy, "3"),
        contract_fill(3, Side::sell, "1", "-1"), contract_fill(4, Side::sell, "5", "2"),
        contract_fill(5, Side::buy, "9", "1")};
    std::vector<int> order{0, 1, 2, 3, 4};
    do {
        sql("TRUNCATE trades, outbox, inbox, signals, leader_positions CASCADE");
        model::PositionCount count(model::PositionKind::either, {});
        for (auto const i : order) {
            auto const& trade = history[static_cast<std::size_t>(i)];
            put_in_outbox(trade);
            (void)count.add(model::counted(trade));
            (void)move();
            ASSERT_EQ(sql("SELECT trim_scale(quantity) FROM leader_positions"),
                      count.quantity().to_string());
        }
        ASSERT_EQ(count.quantity().to_string(), "6");
    } while (std::ranges::next_permutation(order).found);
}

TEST_F(FuturesTest, AContractHeldKeepsASubscriptionOpen) {
    auto const follower = subscribe(pool);
    open(Side::sell, "0.01");
    sql("UPDATE subscriptions SET status = 'closing'");
    auto const part = signal_of(contract_fill(++leader_fills, Side::buy, "0.5", "1"));
    (void)record({ended(only_leg(plan_legs(part, "0.009")), LegState::filled,
                        {venue_fill("50000", "0.009", "0", "USDT")})});
    EXPECT_EQ(sql("SELECT status FROM subscriptions"), "closing");
    auto const rest = signal_of(contract_fill(++leader_fills, Side::buy, "0.5", "1"));
    (void)record({ended(only_leg(plan_legs(rest, "0.001")), LegState::filled,
                        {venue_fill("50000", "0.001", "0", "USDT")})});
    EXPECT_EQ(position(follower).substr(0, 6), "0 0 0 ");
    EXPECT_EQ(sql("SELECT status FROM subscriptions"), "closed");
}

}  // namespace
}  // namespace obscura::store::test
