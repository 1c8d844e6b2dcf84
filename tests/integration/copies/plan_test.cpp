#include "copies_fixture.hpp"

#include "ports/key_vault.hpp"

namespace obscura::store::test {
namespace {

using PlanTest = CopiesTest;

TEST_F(PlanTest, OneCopyAndOneLegForEachSubscription) {
    auto const a = subscribe(pool);
    (void)subscribe(pool);
    (void)subscribe(add_pool());  // another pool's
    auto const signal = signal_of(fill(1, Side::buy, "1"));
    auto const planned = plan(signal, "0.002");
    EXPECT_EQ(planned.planned.size(), 2U);
    EXPECT_TRUE(planned.unsent.empty());
    EXPECT_EQ(copies_told(), "open, open");
    EXPECT_EQ(status_of(signal), "processing");
    EXPECT_EQ(sql("SELECT string_agg(DISTINCT state, ',') FROM copy_legs"), "armed");
    EXPECT_EQ(position(a), "0 0.002 0 0");  // the target is known before the fill
}

TEST_F(PlanTest, NothingIsPlannedBeforeWhatStandsBeforeIt) {
    (void)subscribe(pool);
    auto const first = signal_of(fill(1, Side::buy, "1"));
    auto const second = signal_of(fill(2, Side::buy, "1"));
    auto other = fill(3, Side::buy, "1");
    other.symbol = "ETHUSDT";
    auto const elsewhere = signal_of(other);
    auto const held_up = plan(second, "0.002");
    EXPECT_TRUE(held_up.planned.empty());
    ASSERT_EQ(held_up.earlier.size(), 1U);
    EXPECT_EQ(held_up.earlier[0].id, first.id);
    EXPECT_EQ(held_up.earlier[0].sequence, first.sequence);
    EXPECT_EQ(held_up.earlier[0].symbol, "BTCUSDT");
    EXPECT_EQ(status_of(second), "queued");
    EXPECT_EQ(plan(elsewhere, "0.002").planned.size(), 1U);  // a line of its own
    EXPECT_EQ(plan(held_up.earlier[0], "0.002").planned.size(), 1U);
    auto const now = plan(second, "0.002");
    EXPECT_TRUE(now.earlier.empty());
    EXPECT_EQ(now.planned.size(), 1U);
}

TEST_F(PlanTest, ACandidateIsReadWhole) {
    auto const id = subscribe(pool, "1000.000000000001");
    sql("UPDATE subscriptions SET max_loss_usd = 200.5, profit_target_usd = 300.25, "
        "daily_loss_limit_usd = 20.000000000003");
    sql("INSERT INTO positions (subscription_id, symbol, tenant_id, quantity, target_quantity, "
        "cost, "
        "realised_pnl) VALUES ('" +
        id.to_string() + "', 'BTCUSDT', '" + tenant.to_string() +
        "', 0.000000000004, 0.000000000005, 10.000000000006, -1.5), ('" + id.to_string() +
        "', 'ETHUSDT', '" + tenant.to_string() + "', 1, 1, 20, 2.25)");
    sql("INSERT INTO subscription_days (subscription_id, day, tenant_id, realised_pnl) SELECT '" +
        id.to_string() + "', d::date, '" + tenant.to_string() + "', n FROM (VALUES (timestamptz '" +
        base::to_rfc3339(clock.now()) +
        "' AT TIME ZONE 'UTC', -0.000000000007), ('2026-01-01', -9)) "
        "AS v(d, n)");
    auto const signal = signal_of(fill(1, Side::buy, "1"));
    (void)plan(signal, "0.002");
    ASSERT_EQ(seen.size(), 1U);
    auto const& c = seen[0];
    EXPECT_EQ(c.subscription.id, id);
    EXPECT_EQ(c.subscription.tenant, tenant);
    EXPECT_EQ(c.subscription.pool, pool);
    EXPECT_EQ(c.subscription.user, user);
    EXPECT_EQ(c.subscription.status, model::SubscriptionStatus::active);
    EXPECT_EQ(c.subscription.environment, model::Environment::paper);
    EXPECT_EQ(c.subscription.total_investment.to_string(), "1000.000000000001");
    EXPECT_EQ(c.subscription.max_loss->to_string(), "200.5");
    EXPECT_EQ(c.subscription.profit_target->to_string(), "300.25");
    EXPECT_EQ(c.subscription.daily_loss_limit->to_string(), "20.000000000003");
    EXPECT_EQ(c.portfolio.quantity.to_string(), "0.000000000004");
    EXPECT_EQ(c.portfolio.target_quantity.to_string(), "0.000000000005");
    EXPECT_EQ(c.portfolio.open_cost.to_string(), "30.000000000006");  // of all symbols
    EXPECT_EQ(c.portfolio.realised_total.to_string(), "0.75");
    EXPECT_EQ(c.portfolio.realised_today.to_string(), "-0.000000000007");
    EXPECT_EQ(c.venue, "binance");
    EXPECT_EQ(c.credentials.fields,
              (ports::SealedCredentials{{"api_key", "nil:v1:k"}, {"secret", "nil:v1:s"}}));
    EXPECT_EQ(
        c.credentials.context,
        ports::credential_context(tenant, user, "binance", model::Environment::paper,
                                  ports::ConnectionPurpose::follow, c.subscription.connection));
    EXPECT_FALSE(c.has_open_leg || c.waiting_copy);
}

TEST_F(PlanTest, AnOrderUnderWayCountsAsSpent) {
    (void)subscribe(pool);
    auto const signal = signal_of(fill(1, Side::buy, "1"));
    (void)plan(signal, [&](std::vector<ports::PlanCandidate> const& all) {
        auto copy = arm(all.at(0), signal, "0.002");
        copy.reserved = usd("100.1");
        return std::vector{copy};
    });
    auto other = fill(2, Side::buy, "1");
    other.symbol = "ETHUSDT";
    (void)plan(signal_of(other), "0.1");
    EXPECT_EQ(seen.at(0).portfolio.open_cost.to_string(), "100.1");
    EXPECT_FALSE(seen.at(0).has_open_leg);  // in another symbol
}

TEST_F(PlanTest, ALegIsReadBackWhole) {
    (void)subscribe(pool);
    auto const signal = signal_of(fill(1, Side::buy, "1"));
    ports::PlannedCopy made;
    (void)plan(signal, [&](std::vector<ports::PlanCandidate> const& all) {
        made = arm(all.at(0), signal, "0.000000000001");
        made.leg->type = model::OrderType::limit;
        made.leg->limit_price = price("50000.000000000002");
        made.limit_bound = "max_loss_usd";
        return std::vector{made};
    });
    epoch = acquire("me").value();
    auto const legs = run(io, copies.unresolved(epoch));
    ASSERT_EQ(legs.size(), 1U);
    auto const& read = legs[0].leg;
    auto const& leg = *made.leg;
    EXPECT_EQ(read.id, leg.id);
    EXPECT_EQ(read.tenant, leg.tenant);
    EXPECT_EQ(read.copy, leg.copy);
    EXPECT_EQ(read.signal, leg.signal);
    EXPECT_EQ(read.subscription, leg.subscription);
    EXPECT_EQ(read.connection, leg.connection);
    EXPECT_EQ(read.user, leg.user);
    EXPECT_EQ(read.seq, leg.seq);
    EXPECT_EQ(read.venue, leg.venue);
    EXPECT_EQ(read.environment, leg.environment);
    EXPECT_EQ(read.market, leg.market);
    EXPECT_EQ(read.symbol, leg.symbol);
    EXPECT_EQ(read.base_asset, leg.base_asset);
    EXPECT_EQ(read.quote_asset, leg.quote_asset);
    EXPECT_EQ(read.side, leg.side);
    EXPECT_EQ(read.type, leg.type);
    EXPECT_EQ(read.quantity, leg.quantity);
    EXPECT_EQ(read.limit_price, leg.limit_price);
    EXPECT_EQ(read.reduce_only, leg.reduce_only);
    EXPECT_EQ(read.client_order_id, leg.client_order_id);
    EXPECT_EQ(read.state, leg.state);
    EXPECT_EQ(read.attempt, 1);
    EXPECT_EQ(read.send_not_after, leg.send_not_after);
    EXPECT_EQ(read.give_up_at, leg.give_up_at);
    EXPECT_EQ(legs[0].credentials.context, made.credentials.context);
    EXPECT_EQ(legs[0].credentials.fields, made.credentials.fields);
    EXPECT_EQ(sql("SELECT limit_bound FROM copies"), "max_loss_usd");
}

// The answer to the commit was lost: what it armed is told, and nothing is made twice.
TEST_F(PlanTest, AgainAfterALostCommit) {
    (void)subscribe(pool);
    (void)subscribe(pool);
    auto const signal = signal_of(fill(1, Side::buy, "1"));
    auto const first = plan(signal, "0.002");
    auto const again = plan(signal, "0.002");
    EXPECT_TRUE(again.planned.empty());
    ASSERT_EQ(again.unsent.size(), 2U);
    EXPECT_EQ(again.unsent[0].leg.id, first.planned[0].leg->id);
    EXPECT_EQ(again.unsent[0].credentials.fields, first.planned[0].credentials.fields);
    EXPECT_EQ(sql("SELECT count(*) FROM copies"), "2");
    EXPECT_EQ(sql("SELECT count(*) FROM copy_legs"), "2");

    // What was sent, and what another epoch armed, is not among them.
    auto sent = *first.planned[0].leg;
    (void)record({ended(sent, model::LegState::unknown)});
    EXPECT_EQ(plan(signal, "0.002").unsent.size(), 1U);
    epoch = acquire("me").value();
    EXPECT_TRUE(plan(signal, "0.002").unsent.empty());
}

TEST_F(PlanTest, AnOldEpochIsFenced) {
    (void)subscribe(pool);
    auto const signal = signal_of(fill(1, Side::buy, "1"));
    (void)acquire("me");
    EXPECT_THROW((void)plan(signal, "0.002"), ports::Fenced);
    EXPECT_EQ(sql("SELECT count(*) FROM copies"), "0");
    EXPECT_EQ(status_of(signal), "queued");
}

TEST_F(PlanTest, AThrowingPlannerLeavesNothing) {
    (void)subscribe(pool);
    auto const signal = signal_of(fill(1, Side::buy, "1"));
    auto const thrower = [](auto const&) -> std::vector<ports::PlannedCopy> {
        throw std::runtime_error("not now");
    };
    EXPECT_THROW((void)plan(signal, thrower), std::runtime_error);
    EXPECT_EQ(status_of(signal), "queued");
    EXPECT_EQ(plan(signal, "0.002").planned.size(), 1U);
}

TEST_F(PlanTest, RefusalsAloneEndTheSignal) {
    (void)subscribe(pool);
    auto const signal = signal_of(fill(1, Side::sell, "1"));
    (void)plan(signal, [&](std::vector<ports::PlanCandidate> const& all) {
        return std::vector{refuse(arm(all.at(0), signal, "1"), "nothing_to_close")};
    });
    EXPECT_EQ(copies_told(), "refused nothing_to_close");
    EXPECT_EQ(status_of(signal), "completed");
    EXPECT_EQ(sql("SELECT (completed_at IS NOT NULL)::text FROM signals"), "true");
    EXPECT_TRUE(plan(signal, "1").planned.empty());  // over is over

    auto const nobody = signal_of(fill(2, Side::buy, "1"));
    sql("UPDATE subscriptions SET status = 'closed'");
    EXPECT_TRUE(plan(nobody, "1").planned.empty());
    EXPECT_EQ(status_of(nobody), "completed");
}

TEST_F(PlanTest, ACopyWaitsForTheLegUnderWay) {
    (void)subscribe(pool);
    auto const opened = signal_of(fill(1, Side::buy, "1"));
    auto const leg = *plan(opened, "0.002").planned.at(0).leg;
    auto const closed = signal_of(fill(2, Side::sell, "1"));
    EXPECT_FALSE(plan(closed, "0.002").planned.at(0).leg);
    EXPECT_TRUE(seen.back().has_open_leg);
    EXPECT_EQ(status_of(closed), "processing");
    auto const waiting = sql("SELECT id FROM copies WHERE status = 'waiting'");

    auto const released =
        record({ended(leg, model::LegState::filled, {venue_fill("50000", "0.002", "0", "BNB")})});
    EXPECT_EQ(released, (std::vector{closed.id}));
    auto const again = plan(closed, "0.002");
    ASSERT_TRUE(again.planned.at(0).leg);
    EXPECT_FALSE(seen.back().has_open_leg);
    EXPECT_EQ(seen.back().waiting_copy->value.to_string(), waiting);
    EXPECT_EQ(seen.back().portfolio.quantity.to_string(), "0.002");
    EXPECT_EQ(sql("SELECT count(*) FROM copies"), "2");
    EXPECT_EQ(sql("SELECT status FROM copies WHERE id = '" + waiting + "'"), "open");
}

// The leg ended, and the exit's copy was not planned yet: the next signal does not overtake it.
TEST_F(PlanTest, ACopyWaitsForEarlierCopiesThatWait) {
    (void)subscribe(pool);
    auto const opened = signal_of(fill(1, Side::buy, "1"));
    auto const leg = *plan(opened, "0.002").planned.at(0).leg;
    auto const closed = signal_of(fill(2, Side::sell, "1"));
    (void)plan(closed, "0.002");
    (void)record({ended(leg, model::LegState::rejected)});

    auto const reopened = signal_of(fill(3, Side::buy, "1"));
    EXPECT_FALSE(plan(reopened, "0.002").planned.at(0).leg);
    EXPECT_TRUE(seen.back().has_open_leg);
    auto elsewhere = fill(4, Side::buy, "1");
    elsewhere.symbol = "ETHUSDT";
    EXPECT_TRUE(plan(signal_of(elsewhere), "0.1").planned.at(0).leg);

    (void)plan(closed, [&](std::vector<ports::PlanCandidate> const& all) {
        EXPECT_FALSE(all.at(0).has_open_leg);  // the first in line waits for nobody
        return std::vector{refuse(arm(all.at(0), closed, "1"), "nothing_to_close")};
    });
    EXPECT_TRUE(plan(reopened, "0.002").planned.at(0).leg);
}

TEST_F(PlanTest, ReductionsReachThoseWhoPaused) {
    auto const holds = subscribe(pool);
    auto const goes_in = subscribe(pool);
    auto const empty = subscribe(pool);
    auto const opened = signal_of(fill(1, Side::buy, "1"));
    (void)plan(opened, [&](std::vector<ports::PlanCandidate> const& all) {
        std::vector<ports::PlannedCopy> out;
        for (auto const& c : all) {
            auto copy = arm(c, opened, "0.002");
            out.push_back(c.subscription.id == empty ? refuse(copy, "max_loss_reached") : copy);
        }
        return out;
    });
    auto const leg =
        sql("SELECT id FROM copy_legs WHERE subscription_id = '" + holds.to_string() + "'");
    for (auto const& armed : run(io, copies.unresolved(epoch + 1)))
        if (armed.leg.id.to_string() == leg)
            (void)record({ended(armed.leg, model::LegState::filled,
                                {venue_fill("50000", "0.002", "0", "BNB")})});
    sql("UPDATE subscriptions SET status = 'paused'");

    auto const more = signal_of(fill(2, Side::buy, "1"));
    EXPECT_TRUE(plan(more, "0.002").planned.empty());
    auto const closed = signal_of(fill(3, Side::sell, "2"));
    seen.clear();
    (void)plan(closed, "0.002");
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0].subscription.id, holds);
    EXPECT_EQ(seen[0].subscription.status, model::SubscriptionStatus::paused);
    EXPECT_FALSE(seen[0].has_open_leg);
    EXPECT_EQ(seen[1].subscription.id, goes_in);  // its purchase is under way: it waits
    EXPECT_TRUE(seen[1].has_open_leg);
}

TEST_F(PlanTest, TheSubscriptionsAreLockedWhileTheyArePlanned) {
    auto const id = subscribe(pool);
    auto const signal = signal_of(fill(1, Side::buy, "1"));
    (void)plan(signal, [&](std::vector<ports::PlanCandidate> const& all) {
        // NOWAIT: an update that would have to wait fails.
        EXPECT_THROW(sql("SELECT 1 FROM subscriptions WHERE id = '" + id.to_string() +
                         "' FOR NO KEY UPDATE NOWAIT"),
                     std::runtime_error);
        return std::vector{arm(all.at(0), signal, "0.002")};
    });
}

TEST_F(PlanTest, RearmWritesTheNextAttempt) {
    (void)subscribe(pool);
    auto const signal = signal_of(fill(1, Side::buy, "1"));
    auto leg = *plan(signal, "0.002").planned.at(0).leg;
    (void)record({ended(leg, model::LegState::unknown)});
    leg.attempt = 2;
    leg.send_not_after += 7s;
    auto const rearm = [&] { run(io, copies.rearm(epoch, {leg})); };
    rearm();
    rearm();  // repeated: harmless
    auto const read = run(io, copies.unresolved(epoch + 1)).at(0).leg;
    EXPECT_EQ(read.state, model::LegState::armed);
    EXPECT_EQ(read.attempt, 2);
    EXPECT_EQ(read.send_not_after, leg.send_not_after);
    EXPECT_TRUE(plan(signal, "0.002").unsent.empty());  // it may have been sent before

    auto const old = epoch;
    epoch = acquire("me").value();
    EXPECT_THROW(run(io, copies.rearm(old, {leg})), ports::Fenced);
    leg.attempt = 3;
    rearm();
    EXPECT_TRUE(run(io, copies.unresolved(epoch)).empty());  // it is this epoch's now

    // An order that was found, or is over, is never armed again.
    for (auto const state : {"working", "filled"}) {
        auto const ended = std::string(state == std::string_view("filled") ? "now()" : "NULL");
        sql(std::string("UPDATE copy_legs SET state = '") + state + "', ended_at = " + ended);
        EXPECT_THROW(rearm(), ports::Fenced) << state;
        EXPECT_EQ(sql("SELECT state FROM copy_legs"), state);
    }
}

TEST_F(PlanTest, UnresolvedAreThoseOfEpochsBefore) {
    (void)subscribe(pool);
    (void)subscribe(pool);
    (void)subscribe(pool);
    auto const planned = plan(signal_of(fill(1, Side::buy, "1")), "0.002").planned;
    EXPECT_TRUE(run(io, copies.unresolved(epoch)).empty());
    (void)record({ended(*planned[0].leg, model::LegState::rejected),
                  ended(*planned[1].leg, model::LegState::working)});
    epoch = acquire("me").value();
    auto const left = run(io, copies.unresolved(epoch));
    ASSERT_EQ(left.size(), 2U);
    EXPECT_EQ(left[0].leg.id, planned[1].leg->id);
    EXPECT_EQ(left[0].leg.state, model::LegState::working);
    EXPECT_EQ(left[1].leg.state, model::LegState::armed);
}

// What a subscription that its owner ended has waited for may be refused: nothing comes after that.
TEST_F(PlanTest, ARefusalEndsAClosingSubscription) {
    auto const id = subscribe(pool);
    auto const first = signal_of(fill(1, Side::buy, "1"));
    auto const leg = *plan(first, "0.002").planned[0].leg;
    auto const second = signal_of(fill(2, Side::buy, "1"));
    ASSERT_TRUE(plan(second, "0.002").waits);
    sql("UPDATE subscriptions SET status = 'closing'");
    (void)record({ended(leg, LegState::rejected)});
    EXPECT_EQ(sql("SELECT status FROM subscriptions"), "closing");
    (void)plan(second, [&](std::vector<ports::PlanCandidate> const& all) {
        return std::vector{refuse(arm(all.at(0), second, "0.002"), "subscription_paused")};
    });
    EXPECT_EQ(sql("SELECT status FROM subscriptions"), "closed");
    (void)id;
}

}  // namespace
}  // namespace obscura::store::test
