#include "paper/engine/futures/brackets.hpp"
#include "paper/engine/futures/position.hpp"
#include "unit/paper/futures_market.hpp"

namespace obscura::paper::test {
namespace {

TEST(PaperFutures, OpensAndClosesWithResultAndFees) {
    FuturesMarket m;
    auto const opened = m.trade(m.market(Side::buy, "0.1"));
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ((*opened)->status, OrderStatus::filled);
    EXPECT_EQ((*opened)->contract.leverage, 20);
    EXPECT_EQ(m.position().quantity, quantity("0.1"));
    EXPECT_EQ(m.position().entry_price(), price("50000.1"));
    EXPECT_EQ(m.account().wallet, dec("9997.499995"));  // 0.05 % of 5,000.01
    m.step("51000");
    EXPECT_EQ(m.margin().unrealised, money("99.99"));
    ASSERT_TRUE(m.trade(m.reducing(m.market(Side::sell, "0.1"))));
    EXPECT_TRUE(m.position().quantity.is_zero());
    // Sold at 50,999.9: 99.98 won, 2.549995 paid.
    EXPECT_EQ(m.account().wallet, dec("9997.499995") + dec("99.98") - dec("2.549995"));
    expect_futures_conserved(m.engine.state().futures());
}

TEST(PaperFutures, SpotBalancesAreNotTouched) {
    FuturesMarket m;
    auto const before = m.balance("USDT").free;
    ASSERT_TRUE(m.trade(m.market(Side::buy, "0.1")));
    EXPECT_EQ(m.balance("USDT").free, before);
    EXPECT_TRUE(m.reports().empty());
    EXPECT_EQ(m.engine.state().order_count(), 0U);
}

TEST(PaperFutures, AnOrderThroughNothingTurnsThePosition) {
    FuturesMarket m;
    ASSERT_TRUE(m.trade(m.market(Side::buy, "0.1")));
    ASSERT_TRUE(m.trade(m.market(Side::sell, "0.3")));
    EXPECT_EQ(m.position().quantity, quantity("-0.2"));
    EXPECT_EQ(m.position().entry_price(), price("49999.9"));
    EXPECT_EQ(m.position().realised, money("-0.02"));  // the spread on 0.1
    expect_futures_conserved(m.engine.state().futures());
}

TEST(PaperFutures, PartsAddUpToTheWhole) {
    FuturesMarket m;
    ASSERT_TRUE(m.trade(m.market(Side::buy, "0.007")));
    ASSERT_TRUE(m.trade(m.market(Side::buy, "0.004")));
    m.step("50333.3");
    for (int i = 0; i < 11; ++i) {
        ASSERT_TRUE(m.trade(m.reducing(m.market(Side::sell, "0.001"))));
    }
    EXPECT_TRUE(m.account().positions.empty());
    // 11 x 0.001 x (50,333.2 - 50,000.1)
    base::Decimal won{};
    for (auto const& entry : m.account().income) {
        if (entry.kind == IncomeKind::realized_pnl) won += entry.amount;
    }
    EXPECT_EQ(won, dec("3.6641"));
}

TEST(PaperFutures, APartLeavesTheEntryPriceOfTheRest) {
    FuturesMarket m;
    ASSERT_TRUE(m.trade(m.market(Side::buy, "0.11")));
    for (auto const* part : {"0.037", "0.001", "0.053"}) {
        ASSERT_TRUE(m.trade(m.reducing(m.market(Side::sell, part))));
        EXPECT_EQ(m.position().entry_price(), price("50000.1")) << part;
    }
}

TEST(PaperFutures, ReduceOnlyNeverOpens) {
    FuturesMarket m;
    EXPECT_EQ(m.refusal(m.reducing(m.market(Side::sell, "0.1"))), -2022);
    ASSERT_TRUE(m.trade(m.market(Side::buy, "0.1")));
    EXPECT_EQ(m.refusal(m.reducing(m.market(Side::buy, "0.1"))), -2022);
    auto const rests = m.trade(m.reducing(m.limit(Side::sell, "0.25", "52000")));
    ASSERT_TRUE(rests);
    EXPECT_EQ((*rests)->quantity, quantity("0.1"));
    auto const cut = m.trade(m.reducing(m.market(Side::sell, "0.25")));
    ASSERT_TRUE(cut);
    EXPECT_EQ((*cut)->quantity, quantity("0.1"));
    EXPECT_EQ((*cut)->executed, quantity("0.1"));
    EXPECT_EQ((*cut)->status, OrderStatus::filled);
    EXPECT_TRUE(m.account().positions.empty());
}

TEST(PaperFutures, AReductionOfAllThatThereIsIsNotKilled) {
    FuturesMarket m;
    ASSERT_TRUE(m.trade(m.market(Side::buy, "0.1")));
    auto all_or_nothing = m.reducing(m.limit(Side::sell, "0.25", "49000"));
    all_or_nothing.time_in_force = TimeInForce::fok;
    auto const sold = m.trade(all_or_nothing);
    ASSERT_TRUE(sold) << sold.error().message;
    EXPECT_EQ((*sold)->status, OrderStatus::filled);
    EXPECT_TRUE(m.account().positions.empty());
}

TEST(PaperFutures, RestingReductionsLeaveWithThePosition) {
    FuturesMarket m;
    ASSERT_TRUE(m.trade(m.market(Side::buy, "0.1")));
    auto const rests = m.trade(m.reducing(m.limit(Side::sell, "0.1", "52000")));
    ASSERT_TRUE(rests);
    auto const id = (*rests)->id;
    ASSERT_TRUE(m.trade(m.reducing(m.market(Side::sell, "0.1"))));
    EXPECT_EQ(m.engine.state().futures().orders().find(id)->status, OrderStatus::expired);
}

TEST(PaperFutures, RestingReductionsCloseWhatIsLeft) {
    FuturesMarket m;
    ASSERT_TRUE(m.trade(m.market(Side::buy, "0.1")));
    auto const rests = m.trade(m.reducing(m.limit(Side::sell, "0.1", "52000")));
    ASSERT_TRUE(rests);
    auto const id = (*rests)->id;
    ASSERT_TRUE(m.trade(m.reducing(m.market(Side::sell, "0.06"))));
    m.step("52100");
    auto const& order = *m.engine.state().futures().orders().find(id);
    EXPECT_EQ(order.executed, quantity("0.04"));
    EXPECT_EQ(order.status, OrderStatus::expired);
    EXPECT_TRUE(m.account().positions.empty());
}

TEST(PaperFutures, TradeIdsAreNotGivenAgainWhenTheirOrdersAreForgotten) {
    Market m({.max_closed_orders = 1});
    auto& futures = m.engine.futures();
    ASSERT_TRUE(futures.deposit(m.trader, dec("10000"), m.now, m.batch));
    auto const trade = [&](Side side, std::string_view amount) {
        ASSERT_TRUE(futures.place(m.trader, m.market(side, amount), m.now, m.batch));
    };
    trade(Side::buy, "0.01");
    trade(Side::sell, "0.01");
    ASSERT_TRUE(futures.place(m.trader, m.limit(Side::buy, "0.01", "40000", "x"), m.now, m.batch));
    ASSERT_TRUE(futures.cancel(m.trader, m.btc, {.id = {}, .client_id = "x"}, m.now, m.batch));
    State again(m.catalogue, 1);
    for (auto const& fact : m.engine.state().snapshot()) again.apply(fact);
    EXPECT_EQ(again.futures().next_trade(m.btc), TradeId(3));
    EXPECT_EQ(again.futures().orders().evicted(), 2U);
}

TEST(PaperFutures, RestingOrdersFillAtTheirLimitAsMakers) {
    FuturesMarket m;
    auto const rests = m.trade(m.limit(Side::buy, "0.1", "49000"));
    ASSERT_TRUE(rests);
    EXPECT_EQ(m.margin().order_margin, money("245"));  // 4,900 at 20 times
    EXPECT_EQ(m.margin().available, dec("9755"));
    m.step("48900");
    EXPECT_EQ(m.position().entry_price(), price("49000"));
    auto const& fill = (*rests)->fills.at(0);
    EXPECT_TRUE(fill.is_maker);
    EXPECT_EQ(fill.commission, dec("0.98"));
    EXPECT_TRUE(m.margin().order_margin.is_zero());
}

TEST(PaperFutures, RefusesInTheVenuesWords) {
    FuturesMarket m;
    EXPECT_EQ(m.refusal(m.market(Side::buy, "0.0015")), -1111);
    EXPECT_EQ(m.refusal(m.market(Side::buy, "0.001")), -4164);
    EXPECT_EQ(m.refusal(m.market(Side::buy, "121")), -4005);
    EXPECT_EQ(m.refusal(m.limit(Side::buy, "0.01", "49000.05")), -4014);
    EXPECT_EQ(m.refusal(m.limit(Side::buy, "0.01", "2000000")), -4002);
    EXPECT_EQ(m.refusal(m.limit(Side::buy, "5", "49000")), -2019);
    auto maker = m.limit(Side::buy, "0.01", "50100");
    maker.kind = OrderKind::limit_maker;
    EXPECT_EQ(m.refusal(maker), -5022);
    EXPECT_EQ(m.refusal(m.limit(Side::buy, "1", "50000.1", "", TimeInForce::fok)), -5021);
    EXPECT_EQ(m.refusal(m.contract(m.market(Side::buy, "0.01"), PositionSide::long_side)), -4061);
    ASSERT_TRUE(m.trade(m.limit(Side::buy, "0.01", "49000", "mine")));
    EXPECT_EQ(m.refusal(m.limit(Side::buy, "0.01", "48000", "mine")), -4116);
    ASSERT_TRUE(
        m.futures().cancel(m.trader, m.btc, {.id = {}, .client_id = "mine"}, m.now, m.batch));
    EXPECT_EQ(m.refusal(m.limit(Side::buy, "0.01", "48000", "mine")), 0);
}

TEST(PaperFutures, LeverageDecidesWhatFits) {
    FuturesMarket m;
    EXPECT_EQ(m.refusal(m.limit(Side::buy, "4.5", "49000")), -2019);
    m.leverage(50);
    EXPECT_EQ(m.refusal(m.limit(Side::buy, "4.5", "49000")), 0);
    EXPECT_FALSE(
        m.futures().set_leverage(m.trader, m.btc, 20, m.now, m.batch));  // orders need more
    EXPECT_FALSE(m.futures().set_leverage(m.trader, m.btc, 126, m.now, m.batch));
    EXPECT_FALSE(m.futures().set_leverage(m.trader, m.btc, 0, m.now, m.batch));
    m.leverage(125);
    EXPECT_EQ(m.refusal(m.limit(Side::buy, "3", "49000")), -2027);  // over the bracket of 125
}

TEST(PaperFutures, MarginModeChangesOnlyWhileNothingIsOpen) {
    FuturesMarket m;
    auto const change = [&](MarginMode mode) {
        auto const set = m.futures().set_margin_mode(m.trader, m.btc, mode, m.now, m.batch);
        return set ? 0 : set.error().code;
    };
    EXPECT_EQ(change(MarginMode::cross), -4046);
    ASSERT_TRUE(m.trade(m.limit(Side::buy, "0.01", "49000", "x")));
    EXPECT_EQ(change(MarginMode::isolated), -4047);
    ASSERT_TRUE(m.futures().cancel(m.trader, m.btc, {.id = {}, .client_id = "x"}, m.now, m.batch));
    ASSERT_TRUE(m.trade(m.market(Side::buy, "0.01")));
    EXPECT_EQ(change(MarginMode::isolated), -4048);
    ASSERT_TRUE(m.trade(m.market(Side::sell, "0.01")));
    EXPECT_EQ(change(MarginMode::isolated), 0);
}

TEST(PaperFutures, IsolatedMarginIsSetAsideAndComesBack) {
    FuturesMarket m;
    m.isolate();
    m.leverage(10);
    ASSERT_TRUE(m.trade(m.market(Side::buy, "0.1")));
    EXPECT_EQ(m.position().isolated, money("500.001"));
    EXPECT_EQ(m.margin().cross_wallet, m.account().wallet - dec("500.001"));
    ASSERT_TRUE(m.trade(m.reducing(m.market(Side::sell, "0.05"))));
    EXPECT_EQ(m.position().isolated, money("250.0005"));
    ASSERT_TRUE(m.trade(m.reducing(m.market(Side::sell, "0.05"))));
    EXPECT_EQ(m.margin().cross_wallet, m.account().wallet);
}

// The loss has eaten the old position's margin: there is none for one of the same size.
TEST(PaperFutures, AnIsolatedPositionIsTurnedOnlyWithMarginForTheNewOne) {
    FuturesMarket m;
    ASSERT_TRUE(m.futures().deposit(m.trader, dec("-8990"), m.now, m.batch));
    m.isolate();
    m.leverage(10);
    ASSERT_TRUE(m.trade(m.market(Side::buy, "0.2")));
    m.step("46000");
    EXPECT_EQ(m.refusal(m.market(Side::sell, "0.4")), -2019);
    ASSERT_TRUE(m.trade(m.market(Side::sell, "0.24")));  // 0.04 need 184 of the 195 that are left
    EXPECT_EQ(m.position().quantity, quantity("-0.04"));
    EXPECT_FALSE(m.margin().cross_wallet.is_negative());
    expect_futures_conserved(m.engine.state().futures());
}

TEST(PaperFutures, HedgeModeHoldsBothSides) {
    FuturesMarket m;
    m.hedge();
    auto const both = [&](NewOrder order, PositionSide side) { return m.contract(order, side); };
    auto const buy = m.market(Side::buy, "0.1");
    auto const sell = m.market(Side::sell, "0.1");
    EXPECT_EQ(m.refusal(buy), -4061);
    EXPECT_EQ(m.refusal(m.contract(buy, PositionSide::long_side, true)), -1106);
    ASSERT_TRUE(m.trade(both(buy, PositionSide::long_side)));
    ASSERT_TRUE(m.trade(both(sell, PositionSide::short_side)));
    EXPECT_EQ(m.position(PositionSide::long_side).quantity, quantity("0.1"));
    EXPECT_EQ(m.position(PositionSide::short_side).quantity, quantity("-0.1"));
    EXPECT_EQ(m.refusal(both(m.market(Side::sell, "0.2"), PositionSide::long_side)), -2022);
    auto const change = m.futures().set_position_mode(m.trader, false, m.batch);
    ASSERT_FALSE(change);
    EXPECT_EQ(change.error().code, -4068);
    ASSERT_TRUE(m.trade(both(sell, PositionSide::long_side)));
    ASSERT_TRUE(m.trade(both(buy, PositionSide::short_side)));
    EXPECT_TRUE(m.futures().set_position_mode(m.trader, false, m.batch));
    expect_futures_conserved(m.engine.state().futures());
}

TEST(PaperFutures, BracketsAreContinuous) {
    for (std::uint16_t symbol = 0; symbol < 4; ++symbol) {
        base::Money before{};
        for (auto const& bracket : brackets_of(SymbolId(symbol))) {
            EXPECT_EQ(bracket.floor, before);
            EXPECT_EQ(
                maintenance_margin(SymbolId(symbol), bracket.floor).value,
                multiply(bracket.floor.value, bracket.maintenance_rate, base::Rounding::ceiling) -
                    bracket.cumulated.value);
            before = bracket.cap;
        }
    }
}

TEST(PaperFutures, NewsComeInOrder) {
    FuturesMarket m;
    ASSERT_TRUE(m.trade(m.market(Side::buy, "0.5")));  // two levels
    using enum ExecutionType;
    EXPECT_EQ(m.contract_reports(), (std::vector{accepted, trade, trade}));
    auto const& update = std::get<FuturesAccountUpdate>(m.batch.events.back());
    EXPECT_EQ(update.wallet, m.account().wallet);
    ASSERT_EQ(update.positions.size(), 1U);
    EXPECT_EQ(update.positions[0].position.quantity, quantity("0.5"));
}

TEST(PaperFuturesAlgo, StopsTriggerAtTheirPriceOnly) {
    FuturesMarket m;
    ASSERT_TRUE(m.trade(m.market(Side::buy, "0.1")));
    auto const placed =
        m.futures().place_algo(m.trader, m.stop(Side::sell, "0.1", "49000"), m.now, m.batch);
    ASSERT_TRUE(placed) << placed.error().message;
    auto const id = (*placed)->id;
    m.step("49000.1");
    EXPECT_TRUE(m.engine.state().futures().find_algo(id)->is_open());
    m.step("48999");
    auto const& done = *m.engine.state().futures().find_algo(id);
    EXPECT_EQ(done.status, AlgoStatus::finished);
    EXPECT_NE(done.order, OrderId{});
    EXPECT_TRUE(m.account().positions.empty());
    EXPECT_FALSE(m.futures().cancel_algo(m.trader, id, m.now, m.batch));
}

TEST(PaperFuturesAlgo, TakeProfitClosesAllOfWhatIsThere) {
    FuturesMarket m;
    ASSERT_TRUE(m.trade(m.market(Side::sell, "0.2")));
    auto wanted = m.stop(Side::buy, "0", "49000");
    wanted.kind = AlgoKind::take_profit_market;
    wanted.close_position = true;
    wanted.reduce_only = false;
    ASSERT_TRUE(m.futures().place_algo(m.trader, wanted, m.now, m.batch));
    auto const twice = m.futures().place_algo(m.trader, wanted, m.now, m.batch);
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().code, -4130);
    ASSERT_TRUE(m.trade(m.market(Side::sell, "0.1")));
    m.step("48990");
    EXPECT_TRUE(m.account().positions.empty());
}

TEST(PaperFuturesAlgo, WithoutAPositionItExpiresOrIsRejected) {
    FuturesMarket m;
    auto all = m.stop(Side::sell, "0", "49000");
    all.close_position = true;
    all.reduce_only = false;
    ASSERT_TRUE(m.futures().place_algo(m.trader, all, m.now, m.batch));
    ASSERT_TRUE(
        m.futures().place_algo(m.trader, m.stop(Side::sell, "0.1", "49000"), m.now, m.batch));
    m.step("48000");
    EXPECT_EQ(m.engine.state().futures().find_algo(AlgoId(1))->status, AlgoStatus::expired);
    auto const& rejected = *m.engine.state().futures().find_algo(AlgoId(2));
    EXPECT_EQ(rejected.status, AlgoStatus::rejected);
    EXPECT_EQ(rejected.reason, "ReduceOnly Order is rejected.");
    EXPECT_TRUE(m.account().orders.empty());
}

TEST(PaperFuturesAlgo, RefusesWhatWouldTriggerAtOnce) {
    FuturesMarket m;
    auto const code = [&](NewAlgoOrder const& wanted) {
        auto const placed = m.futures().place_algo(m.trader, wanted, m.now, m.batch);
        return placed ? 0 : placed.error().code;
    };
    EXPECT_EQ(code(m.stop(Side::sell, "0.1", "50000")), -2021);
    EXPECT_EQ(code(m.stop(Side::buy, "0.1", "50000")), -2021);
    EXPECT_EQ(code(m.stop(Side::sell, "0.1", "49000.05")), -4014);
    EXPECT_EQ(code(m.stop(Side::sell, "0.0001", "49000")), -1111);
    auto named = m.stop(Side::sell, "0.1", "49000");
    named.client_id = "mine";
    EXPECT_EQ(code(named), 0);
    EXPECT_EQ(code(named), -4116);
}

}  // namespace
}  // namespace obscura::paper::test
