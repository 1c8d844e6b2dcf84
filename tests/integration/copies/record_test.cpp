#include "copies_fixture.hpp"

#include "store/exposure.hpp"

#include "net/runtime.hpp"
#include "support/run_until.hpp"

namespace obscura::store::test {
namespace {

using model::LegState;

class RecordTest : public CopiesTest {
protected:
    /// Plans a signal for the one follower and returns the armed leg.
    model::Leg armed(Side side, std::string const& quantity = "0.002") {
        last = signal_of(fill(++leader_fills, side, "1"));
        return *plan(last, quantity).planned.at(0).leg;
    }
    model::SubscriptionId const follower = subscribe(pool);
    model::Signal last;
    int leader_fills = 0;
};

TEST_F(RecordTest, APurchaseMakesAPositionNetOfItsFee) {
    auto const leg = armed(Side::buy);
    (void)record({ended(leg, LegState::filled,
                        {venue_fill("50000", "0.001", "0.000001", "BTC"),
                         venue_fill("50010", "0.001", "0.000001", "BTC")})});
    EXPECT_EQ(position(), "0.001998 0.002 100.01 0");
    EXPECT_EQ(sql("SELECT trim_scale(fees_quote) FROM positions"), "0.10001");
    EXPECT_EQ(sql("SELECT count(*) FROM leg_fills"), "2");
    EXPECT_EQ(sql("SELECT count(*) FROM subscription_days"), "0");
    EXPECT_EQ(sql("SELECT concat_ws(' ', state, venue_order_id, trim_scale(executed_quantity), "
                  "trim_scale(executed_quote), signed_at IS NOT NULL, sent_at IS NOT NULL, "
                  "accepted_at IS NOT NULL, ended_at IS NOT NULL) FROM copy_legs"),
              "filled 4711 0.002 100.01 t t t t");
    EXPECT_EQ(copies_told(), "filled");
    EXPECT_EQ(status_of(last), "completed");
    EXPECT_EQ(sql("SELECT (first_accepted_at = '" + base::to_rfc3339(clock.now()).substr(0, 19) +
                  ".123456Z')::text FROM signals"),
              "true");
}

TEST_F(RecordTest, AFeeInTheQuoteMakesAPurchaseDearer) {
    auto const leg = armed(Side::buy);
    (void)record({ended(leg, LegState::filled, {venue_fill("50000", "0.002", "0.1", "USDT")})});
    EXPECT_EQ(position(), "0.002 0.002 100.1 0");
    EXPECT_EQ(sql("SELECT trim_scale(fees_quote) FROM positions"), "0.1");
}

TEST_F(RecordTest, AFeeInAThirdAssetIsKeptAndMovesNothing) {
    auto const leg = armed(Side::buy);
    (void)record({ended(leg, LegState::filled, {venue_fill("50000", "0.002", "0.00012", "BNB")})});
    EXPECT_EQ(position(), "0.002 0.002 100 0");
    EXPECT_EQ(sql("SELECT fee || ' ' || fee_asset FROM leg_fills"), "0.00012 BNB");
}

TEST_F(RecordTest, SalesRealiseTheirPartOfTheCost) {
    (void)record({ended(armed(Side::buy, "0.003"), LegState::filled,
                        {venue_fill("50000", "0.003", "0", "BNB")})});
    EXPECT_EQ(position(), "0.003 0.003 150 0");
    (void)record({ended(armed(Side::sell, "0.001"), LegState::filled,
                        {venue_fill("60000", "0.001", "0.06", "USDT")})});
    EXPECT_EQ(position(), "0.002 0 100 9.94");
    EXPECT_EQ(sql("SELECT day || ' ' || trim_scale(realised_pnl) FROM subscription_days"),
              base::to_rfc3339(clock.now()).substr(0, 10) + " 9.94");
    (void)record({ended(armed(Side::sell, "0.002"), LegState::filled,
                        {venue_fill("45000", "0.002", "0.09", "USDT")})});
    EXPECT_EQ(position(), "0 0 0 -0.15");
    EXPECT_EQ(sql("SELECT trim_scale(realised_pnl) FROM subscription_days"), "-0.15");
    EXPECT_EQ(sql("SELECT trim_scale(fees_quote) FROM positions"), "0.15");
}

TEST_F(RecordTest, ADayOfItsOwnForEachDay) {
    (void)record(
        {ended(armed(Side::buy), LegState::filled, {venue_fill("50000", "0.002", "0", "BNB")})});
    (void)record({ended(armed(Side::sell, "0.001"), LegState::filled,
                        {venue_fill("40000", "0.001", "0", "BNB")})});
    clock.advance(24h);
    (void)record({ended(armed(Side::sell, "0.001"), LegState::filled,
                        {venue_fill("45000", "0.001", "0", "BNB")})});
    EXPECT_EQ(sql("SELECT string_agg(trim_scale(realised_pnl)::text, ' ' ORDER BY day) "
                  "FROM subscription_days"),
              "-10 -5");
}

// A third of a cost has no end: what is kept has twelve places, and nothing is left over at the
// end.
TEST_F(RecordTest, TwelvePlacesAreKept) {
    (void)record({ended(armed(Side::buy), LegState::filled,
                        {venue_fill("0.333333333333", "0.000000000003", "0", "BNB"),
                         venue_fill("33.333333333333", "3", "0", "BNB")})});
    // 99.999999999999 and 0.000000000000999999999999
    EXPECT_EQ(position(), "3.000000000003 0.002 100 0");
    (void)record({ended(armed(Side::sell), LegState::filled,
                        {venue_fill("33.333333333333", "1", "0", "BNB")})});
    EXPECT_EQ(sql("SELECT max(greatest(scale(trim_scale(quantity)), scale(trim_scale(cost)), "
                  "scale(trim_scale(realised_pnl)))) <= 12 FROM positions"),
              "t");
    (void)plan(signal_of(fill(++leader_fills, Side::sell, "1")), "0.002");
    EXPECT_EQ(seen.back().portfolio.quantity.to_string(), "2.000000000003");
    auto const sell_all = run(io, copies.unresolved(epoch + 1)).at(0).leg;
    (void)record({ended(sell_all, LegState::filled,
                        {venue_fill("33.333333333333", "2.000000000003", "0", "BNB")})});
    EXPECT_EQ(sql("SELECT trim_scale(quantity) || ' ' || trim_scale(cost) FROM positions"), "0 0");
}

TEST_F(RecordTest, MoreSoldThanHeldReleasesTheWholeCost) {
    (void)record(
        {ended(armed(Side::buy), LegState::filled, {venue_fill("50000", "0.002", "0", "BNB")})});
    (void)record({ended(armed(Side::sell), LegState::filled,
                        {venue_fill("50000", "0.002", "0.000002", "BTC")})});
    EXPECT_EQ(position(), "-0.000002 0 0 0");
}

TEST_F(RecordTest, ARepeatedRecordIsHarmless) {
    auto const leg = armed(Side::buy);
    auto const bought =
        ended(leg, LegState::filled, {venue_fill("50000", "0.002", "0.000002", "BTC")});
    (void)record({bought});
    auto const before = position();
    (void)record({bought});
    EXPECT_EQ(position(), before);
    EXPECT_EQ(sql("SELECT count(*) FROM leg_fills"), "1");
    EXPECT_EQ(sql("SELECT count(*) FROM receipts"), "1");
    // Older news changes nothing either.
    (void)record({ended(leg, LegState::unknown)});
    EXPECT_EQ(sql("SELECT state FROM copy_legs"), "filled");

    auto twice =
        ended(armed(Side::sell), LegState::filled, {venue_fill("50000", "0.001", "0", "BNB")});
    twice.fills.push_back(twice.fills.front());  // the venue told it twice in one answer
    (void)record({twice});
    EXPECT_EQ(sql("SELECT trim_scale(quantity) FROM positions"), "0.000998");
}

TEST_F(RecordTest, PartsOfAnOrderCountAsTheyCome) {
    auto const leg = armed(Side::buy);
    auto part = ended(leg, LegState::working, {venue_fill("50000", "0.0005", "0", "BNB")});
    EXPECT_TRUE(record({part}).empty());
    EXPECT_EQ(position(), "0.0005 0.002 25 0");
    EXPECT_EQ(copies_told(), "open");
    EXPECT_EQ(status_of(last), "processing");
    EXPECT_EQ(sql("SELECT (ended_at IS NULL)::text FROM copy_legs"), "true");
    part.fills.push_back(venue_fill("50000", "0.0015", "0", "BNB"));
    (void)record({ended(leg, LegState::filled, part.fills)});
    EXPECT_EQ(position(), "0.002 0.002 100 0");
    EXPECT_EQ(sql("SELECT trim_scale(executed_quantity) FROM copy_legs"), "0.002");
}

// An exit that came short is over, and its copy is not. Whatever is told again of the first order
// later says nothing of the next.
TEST_F(RecordTest, TheRestOfAnExitIsAnotherOrderOfItsCopy) {
    (void)record(
        {ended(armed(Side::buy), LegState::filled, {venue_fill("50000", "0.002", "0", "BNB")})});
    auto first = armed(Side::sell, "0.002");
    auto const sale = last;
    first.continues = true;  // found so at its end
    auto const cut = ended(first, LegState::filled, {venue_fill("50000", "0.0005", "0", "BNB")});
    EXPECT_EQ(record({cut}), (std::vector{sale.id}));
    EXPECT_EQ(copies_told(), "filled, waiting");
    EXPECT_EQ(status_of(sale), "processing");
    EXPECT_EQ(run(io, signals.unfinished(10)).size(), 1U);  // what a restart takes up

    auto second = *plan(sale, "0.0015").planned.at(0).leg;
    EXPECT_EQ(seen.back().legs_before, 1);
    EXPECT_EQ(seen.back().portfolio.target_quantity, qty("0"));
    EXPECT_EQ(second.copy, first.copy);
    EXPECT_EQ(copies_told(), "filled, open");
    (void)record({cut});  // told again
    EXPECT_EQ(copies_told(), "filled, open");

    second.continues = true;
    auto const nothing = ended(second, LegState::rejected, {}, "ended without a fill");
    EXPECT_EQ(record({nothing}), (std::vector{sale.id}));
    EXPECT_EQ(copies_told(), "filled, waiting");
    auto const third = *plan(sale, "0.0015").planned.at(0).leg;
    EXPECT_EQ(third.seq, 2);
    (void)record({ended(third, LegState::filled, {venue_fill("50000", "0.0015", "0", "BNB")})});
    (void)record({cut, nothing});
    EXPECT_EQ(copies_told(), "filled, filled");
    EXPECT_EQ(status_of(sale), "completed");
    EXPECT_EQ(position(), "0 0 0 0");
    EXPECT_EQ(sql("SELECT count(*) FROM dead_letters"), "0");
}

// Coins that were moved away are taken out at what they cost: nobody knows what became of them.
TEST_F(RecordTest, CoinsThatAreGoneAreBooked) {
    (void)record(
        {ended(armed(Side::buy), LegState::filled, {venue_fill("50000", "0.002", "0", "BNB")})});
    auto leg = armed(Side::sell, "0.002");
    leg.continues = true;
    auto refused = ended(leg, LegState::rejected, {}, "-2010");
    auto sold = fill(0, Side::sell, "0.0004");
    sold.venue_trade_id = "900";
    sold.price = price("60000");
    sold.fee = dec("0");
    sold.executed_at = clock.now();
    refused.gone = ports::Gone{.left = qty("0.0006"), .trades = {sold}};
    (void)record({refused});
    EXPECT_EQ(position(), "0.0006 0 30 4");  // 0.001 moved away; of 0.0004 24 for 20
    (void)record({refused});
    EXPECT_EQ(position(), "0.0006 0 30 4");
    EXPECT_EQ(copies_told(), "filled, waiting");
}

// What an order got, not what it asked for, is what a leader's half is a half of.
TEST_F(RecordTest, ReductionsAreMeasuredFromWhatWasBought) {
    (void)record({ended(armed(Side::buy), LegState::filled,
                        {venue_fill("50000", "0.0008", "0.0000008", "BTC")})});
    EXPECT_EQ(position(), "0.0007992 0.0008 40 0");
    (void)record({ended(armed(Side::sell), LegState::rejected)});
    EXPECT_EQ(position(), "0.0007992 0 40 0");  // what a sale aims at, it goes on aiming at
    (void)record({ended(armed(Side::buy), LegState::rejected)});
    EXPECT_EQ(position(), "0.0007992 0 40 0");
}

// Two symbols of one follower sold in one batch are two lines of one day.
TEST_F(RecordTest, SalesOfTwoSymbolsInOneBatchMakeOneDay) {
    std::vector<ports::LegRecord> purchases;
    std::vector<ports::LegRecord> sales;
    for (std::string const symbol : {"BTCUSDT", "ETHUSDT"}) {
        auto trade = fill(++leader_fills, Side::buy, "1");
        trade.symbol = symbol;
        auto const leg = *plan(signal_of(trade), "0.002").planned.at(0).leg;
        purchases.push_back(
            ended(leg, LegState::filled, {venue_fill("50000", "0.002", "0", "BNB")}));
    }
    (void)record(std::move(purchases));
    for (std::string const symbol : {"BTCUSDT", "ETHUSDT"}) {
        auto trade = fill(++leader_fills, Side::sell, "1");
        trade.symbol = symbol;
        auto const leg = *plan(signal_of(trade), "0.002").planned.at(0).leg;
        sales.push_back(ended(leg, LegState::filled, {venue_fill("49000", "0.002", "0", "BNB")}));
    }
    (void)record(std::move(sales));
    EXPECT_EQ(sql("SELECT trim_scale(realised_pnl) FROM subscription_days"), "-4");
}

TEST_F(RecordTest, ASubscriptionThatItsOwnerEndedIsClosedOnceFlat) {
    (void)record({ended(armed(Side::buy), LegState::filled,
                        {venue_fill("50000", "0.002", "0.000002", "BTC")})});
    sql("UPDATE subscriptions SET status = 'closing'");
    (void)record({ended(armed(Side::sell, "0.001"), LegState::rejected, {}, "-2010: no")});
    EXPECT_EQ(sql("SELECT status FROM subscriptions"), "closing");
    // What a fee left behind, less than a lot, keeps nothing open.
    (void)record({ended(armed(Side::sell, "0.00199"), LegState::filled,
                        {venue_fill("50000", "0.00199", "0", "BNB")})});
    EXPECT_EQ(position().substr(0, 10), "0.000008 0");
    EXPECT_EQ(sql("SELECT status FROM subscriptions"), "closed");
}

TEST_F(RecordTest, ARejectionKeepsItsEvidence) {
    (void)record({ended(armed(Side::buy), LegState::rejected, {}, "-2010: no balance")});
    EXPECT_EQ(copies_told(), "rejected -2010: no balance");
    EXPECT_EQ(status_of(last), "failed");
    EXPECT_EQ(sql("SELECT evidence FROM copy_legs"), "-2010: no balance");
    EXPECT_EQ(sql("SELECT count(*) FROM receipts"), "0");
    EXPECT_EQ(sql("SELECT count(*) FROM dead_letters"), "0");
}

TEST_F(RecordTest, AnAlarmBecomesADeadLetter) {
    auto const leg = armed(Side::sell);
    auto const alarm = ended(leg, LegState::alarmed, {}, "attempts used up");
    (void)record({alarm});
    (void)record({alarm});
    EXPECT_EQ(copies_told(), "alarmed attempts used up");
    EXPECT_EQ(status_of(last), "failed");
    EXPECT_EQ(sql("SELECT count(*) || ' ' || min(reason) || ' ' || min(detail->>'client_order_id') "
                  "FROM dead_letters"),
              "1 attempts used up " + leg.client_order_id);
}

TEST_F(RecordTest, TheReceiptTellsBothSides) {
    auto const leg = armed(Side::buy);
    (void)record({ended(leg, LegState::filled,
                        {venue_fill("97800.5", "0.001", "0", "BNB"),
                         venue_fill("98289.5025", "0.001", "0", "BNB")})});
    auto const text = sql("SELECT body FROM receipts");
    auto const body = base::parse_json(text).value();
    EXPECT_EQ(body["execution_id"].as_string(), leg.copy.to_string());
    EXPECT_EQ(body["signal_id"].as_string(), last.id.to_string());
    EXPECT_EQ(body["symbol"].as_string(), "BTCUSDT");
    EXPECT_EQ(body["side"].as_string(), "buy");
    EXPECT_EQ(body["quantity"].as_string(), "0.002");
    EXPECT_EQ(body["leader_price"].as_string(), "97800.5");
    EXPECT_EQ(body["follower_price"].as_string(), "98045.00125");
    EXPECT_EQ(body["slippage_bps"].as_string(), "25.00");
    EXPECT_EQ(body["client_order_id"].as_string(), leg.client_order_id);
    EXPECT_EQ(body["venue_order_id"].as_string(), "4711");
    EXPECT_EQ(body["attempts"].digits(), "1");
    EXPECT_EQ(body.find("signed"), nullptr) << "its signature tells";
    EXPECT_TRUE(body["stages"]["sent"].is_string());
    EXPECT_TRUE(body["stages"]["planned"].is_string());
}

TEST_F(RecordTest, SlippageOfASaleIsWhatItGotLess) {
    (void)record({ended(armed(Side::sell), LegState::filled,
                        {venue_fill("97311.4975", "0.001", "0", "BNB")})});
    EXPECT_EQ(sql("SELECT body->>'slippage_bps' FROM receipts"), "50.00");
}

TEST_F(RecordTest, ASignalEndsAsItsCopiesDo) {
    auto const second = subscribe(pool);
    struct Row {
        LegState a, b;
        std::string_view status;
    };
    for (auto const& [a, b, status] : {
             Row{LegState::filled, LegState::filled, "completed"},
             Row{LegState::filled, LegState::rejected, "partial"},
             Row{LegState::alarmed, LegState::filled, "partial"},
             Row{LegState::rejected, LegState::alarmed, "failed"},
         }) {
        last = signal_of(fill(++leader_fills, Side::buy, "1"));
        auto const planned = plan(last, "0.002").planned;
        (void)record({ended(*planned[0].leg, a)});
        EXPECT_EQ(status_of(last), "processing");
        (void)record({ended(*planned[1].leg, b)});
        EXPECT_EQ(status_of(last), status);
    }
    EXPECT_FALSE(second.value.is_nil());
}

// A copy was rejected while another waited; the one that waited is refused when it is planned.
TEST_F(RecordTest, ASignalThatEndsAtItsPlanningCountsAllItsCopies) {
    auto const held_up = subscribe(pool);
    auto const before = signal_of(fill(++leader_fills, Side::buy, "1"));
    auto const first = plan(before, "0.002").planned;
    (void)record({ended(*first[0].leg, LegState::rejected)});
    last = signal_of(fill(++leader_fills, Side::buy, "1"));
    auto const planned = plan(last, "0.002").planned;
    EXPECT_EQ(seen.back().subscription.id, held_up);
    EXPECT_FALSE(planned[1].leg);
    (void)record({ended(*planned[0].leg, LegState::rejected)});
    (void)record({ended(*first[1].leg, LegState::rejected)});
    EXPECT_EQ(status_of(last), "processing");
    (void)plan(last, [&](std::vector<ports::PlanCandidate> const& all) {
        return std::vector{refuse(arm(all.at(0), last, "1"), "position_already_open")};
    });
    EXPECT_EQ(status_of(last), "failed");
}

// The last two copies of a signal end at once: one is recorded while the other is refused.
TEST_F(RecordTest, TwoEndsAtOnceEndTheSignal) {
    auto const held_up = subscribe(pool);
    for (int round = 0; round < 10; ++round) {
        auto const before = signal_of(fill(++leader_fills, Side::buy, "1"));
        auto const first = plan(before, "0.002").planned;
        (void)record({ended(*first[0].leg, LegState::rejected)});
        last = signal_of(fill(++leader_fills, Side::buy, "1"));
        auto const leg = *plan(last, "0.002").planned[0].leg;
        (void)record({ended(*first[1].leg, LegState::rejected)});

        std::size_t ended_count = 0;
        bool recording = false;
        auto plan_it = [&]() -> net::Task<void> {
            ports::CopyStore::Planner planner = [&](std::vector<ports::PlanCandidate> const& all) {
                EXPECT_EQ(all.at(0).subscription.id, held_up);
                recording = true;
                return std::vector{refuse(arm(all.at(0), last, "1"), "max_loss_reached")};
            };
            (void)co_await copies.plan(epoch, last, ports::CopyStore::Try::first,
                                       std::move(planner));
            ++ended_count;
        };
        auto record_it = [&]() -> net::Task<void> {
            while (!recording) co_await net::sleep_for(0ms);
            std::vector<ports::LegRecord> records{ended(leg, LegState::rejected)};
            (void)co_await copies.record(epoch, std::move(records), clock.now());
            ++ended_count;
        };
        boost::asio::co_spawn(io, record_it(), boost::asio::detached);
        boost::asio::co_spawn(io, plan_it(), boost::asio::detached);
        obscura::test::run_until(io, [&] { return ended_count == 2; });
        ASSERT_EQ(status_of(last), "failed") << "round " << round;
    }
}

// Its owner ends a subscription while the outcome of its last order is being recorded.
TEST_F(RecordTest, ASubscriptionThatEndsMeanwhileIsClosed) {
    auto const id = subscribe(pool);
    auto const s = signal_of(fill(++leader_fills, Side::buy, "1"));
    auto const planned = plan(s, "0.002").planned;
    auto const mine = std::ranges::find_if(
        planned, [&](ports::PlannedCopy const& copy) { return copy.subscription.id == id; });
    auto const leg = mine->leg.value();
    PgPool others{io.get_executor(), {.url = server.url(name, "obscura_engine")}, metrics};
    static constexpr Statement lock{"lock", "SELECT FROM subscriptions WHERE id = $1 FOR UPDATE"};
    static constexpr Statement waiting_locks{
        "waiting_locks", "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"};
    static constexpr Statement end{"end",
                                   "UPDATE subscriptions SET status = 'closing' WHERE id = $1"};
    std::size_t ended_count = 0;
    bool locked = false;
    auto owner_ends_it = [&]() -> net::Task<void> {
        std::function<net::Task<void>(PgTransaction&)> body =
            [&](PgTransaction& tx) -> net::Task<void> {
            (void)co_await tx.run(lock, Params().add(id));
            locked = true;
            EXPECT_TRUE(co_await has_exposure(tx, id));
            // Until the record waits for this lock; it does not when nothing makes it.
            for (int look = 0; look < 200; ++look) {
                auto const waits = co_await tx.run(waiting_locks, {});
                if (waits[0].boolean(0)) break;
                co_await net::sleep_for(1ms);
            }
            (void)co_await tx.run(end, Params().add(id));
        };
        co_await others.transaction(TenantScope::engine(), std::move(body));
        ++ended_count;
    };
    auto record_it = [&]() -> net::Task<void> {
        while (!locked) co_await net::sleep_for(0ms);
        std::vector<ports::LegRecord> records{ended(leg, LegState::rejected)};
        (void)co_await copies.record(epoch, std::move(records), clock.now());
        ++ended_count;
    };
    boost::asio::co_spawn(io, owner_ends_it(), boost::asio::detached);
    boost::asio::co_spawn(io, record_it(), boost::asio::detached);
    obscura::test::run_until(io, [&] { return ended_count == 2; });
    EXPECT_EQ(sql("SELECT status FROM subscriptions WHERE id = '" + id.to_string() + "'"),
              "closed");
}

TEST_F(RecordTest, AnOldEpochIsFenced) {
    auto const leg = armed(Side::buy);
    auto const old = epoch;
    epoch = acquire("me").value();
    std::vector<ports::LegRecord> records{
        ended(leg, LegState::filled, {venue_fill("50000", "0.002", "0", "BNB")})};
    EXPECT_THROW((void)run(io, copies.record(old, records, clock.now())), ports::Fenced);
    EXPECT_EQ(position(), "0 0.002 0 0");
    EXPECT_NO_THROW((void)record(records));
    EXPECT_TRUE(run(io, copies.record(old, {}, clock.now())).empty());  // nothing to write
}

TEST_F(RecordTest, ManyLegsAtOnce) {
    std::vector<model::SubscriptionId> all{follower};
    for (int i = 0; i < 40; ++i) all.push_back(subscribe(pool));
    last = signal_of(fill(++leader_fills, Side::buy, "1"));
    std::vector<ports::LegRecord> records;
    for (auto const& copy : plan(last, "0.002").planned)
        records.push_back(
            ended(*copy.leg, LegState::filled, {venue_fill("50000", "0.002", "0.000002", "BTC")}));
    ASSERT_EQ(records.size(), 41U);
    (void)record(records);
    EXPECT_EQ(sql("SELECT count(*) || ' ' || count(DISTINCT trim_scale(quantity)) FROM positions"),
              "41 1");
    EXPECT_EQ(sql("SELECT count(*) FROM receipts"), "41");
    EXPECT_EQ(status_of(last), "completed");
}

}  // namespace
}  // namespace obscura::store::test
