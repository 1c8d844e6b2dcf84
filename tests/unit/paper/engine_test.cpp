#include "unit/paper/market.hpp"

namespace obscura::paper::test {
namespace {

using enum ExecutionType;

TEST(PaperEngine, SmallMarketOrderPaysOneTickAndTheFeeInTheReceivedAsset) {
    Market m;
    auto const placed = m.place(m.market(Side::buy, "0.1"));
    ASSERT_TRUE(placed);
    EXPECT_EQ((*placed)->status, OrderStatus::filled);
    ASSERT_EQ((*placed)->fills.size(), 1U);
    EXPECT_EQ((*placed)->fills[0].price, price("50000.01"));
    EXPECT_EQ((*placed)->fills[0].commission, dec("0.0001"));
    EXPECT_FALSE((*placed)->fills[0].is_maker);
    EXPECT_EQ(m.balance("BTC").free, dec("100.0999"));
    EXPECT_EQ(m.balance("USDT").free, dec("994999.999"));
    EXPECT_EQ(m.reports(), (std::vector{accepted, trade}));
}

TEST(PaperEngine, SellerPaysTheFeeInTheQuoteAsset) {
    Market m;
    auto const placed = m.place(m.market(Side::sell, "0.1"));
    ASSERT_TRUE(placed);
    // 0.1 x 49,999.99 = 4,999.999, less 4.999999 of fee.
    EXPECT_EQ((*placed)->fills[0].commission, dec("4.999999"));
    EXPECT_EQ(m.balance("USDT").free, dec("1004994.999001"));
    EXPECT_EQ(m.balance("BTC").free, dec("99.9"));
}

TEST(PaperEngine, LargeMarketOrderWalksTheBook) {
    Market m;
    auto const placed = m.place(m.market(Side::buy, "1.5"));
    ASSERT_TRUE(placed);
    auto const& fills = (*placed)->fills;
    ASSERT_EQ(fills.size(), 3U);  // levels of 0.4, 0.8, 1.2 BTC
    EXPECT_EQ(fills[0].price, price("50000.01"));
    EXPECT_EQ(fills[1].price, price("50005.01"));
    EXPECT_EQ(fills[2].price, price("50010.01"));
    EXPECT_EQ(fills[2].quantity, quantity("0.3"));
    EXPECT_LT(fills[0].trade, fills[1].trade);
    EXPECT_LT(fills[1].trade, fills[2].trade);
    EXPECT_EQ((*placed)->executed_quote, money("75007.015"));
}

TEST(PaperEngine, MarketOrderBeyondTheBookExpiresWithItsRest) {
    Market m;
    m.give(m.trader, "USDT", "100000000");
    m.batch.clear();
    auto const placed = m.place(m.market(Side::buy, "100"));  // the book holds 84
    ASSERT_TRUE(placed);
    EXPECT_EQ((*placed)->status, OrderStatus::expired);
    EXPECT_EQ((*placed)->executed, quantity("84"));
    EXPECT_EQ(m.reports().back(), expired);
    EXPECT_TRUE(m.balance("USDT").locked.is_zero());
}

TEST(PaperEngine, QuoteOrderQtySpendsAtMostThatMuch) {
    Market m;
    auto wanted = m.market(Side::buy, "0");
    wanted.quote_quantity = money("1000");
    auto const placed = m.place(wanted);
    ASSERT_TRUE(placed);
    EXPECT_EQ((*placed)->status, OrderStatus::filled);
    EXPECT_EQ((*placed)->quantity, quantity("0.01999"));
    EXPECT_LE((*placed)->executed_quote, money("1000"));
}

TEST(PaperEngine, RestingLimitOrderLocksAndFillsAtItsPriceWhenTheMarketCrosses) {
    Market m;
    ASSERT_TRUE(m.place(m.limit(Side::buy, "0.2", "49000")));
    EXPECT_EQ(m.balance("USDT").locked, dec("9800"));
    EXPECT_EQ(m.balance("USDT").free, dec("990200"));
    m.step("49000");  // best ask 49,000.01
    EXPECT_EQ(m.reports(), (std::vector{accepted}));
    m.step("48999.99");
    EXPECT_EQ(m.reports(), (std::vector{accepted, trade}));
    EXPECT_TRUE(m.balance("USDT").locked.is_zero());
    EXPECT_EQ(m.balance("USDT").free, dec("990200"));
    EXPECT_EQ(m.balance("BTC").free, dec("100.1998"));
    auto const* order = m.engine.state().find_order(OrderId(1));
    EXPECT_EQ(order->status, OrderStatus::filled);
    EXPECT_TRUE(order->fills[0].is_maker);
    EXPECT_EQ(order->fills[0].price, price("49000"));
}

TEST(PaperEngine, LargeRestingOrderFillsInPartsOverSeveralSteps) {
    Market m;
    ASSERT_TRUE(m.place(m.limit(Side::sell, "1", "51000")));
    m.step("51000.01");  // one bid level at 51,000: 20,000 USDT of it
    auto const* order = m.engine.state().find_order(OrderId(1));
    EXPECT_EQ(order->status, OrderStatus::partially_filled);
    EXPECT_EQ(order->executed, quantity("0.39215"));
    m.step("51000.01");
    m.step("51000.01");
    EXPECT_EQ(order->status, OrderStatus::filled);
    EXPECT_EQ(order->fills.size(), 3U);
    EXPECT_TRUE(m.balance("BTC").locked.is_zero());
}

TEST(PaperEngine, CrossingLimitTakesAtBetterPricesAndRestsTheRemainder) {
    Market m;
    ASSERT_TRUE(m.place(m.limit(Side::buy, "2", "50006")));
    auto const* order = m.engine.state().find_order(OrderId(1));
    EXPECT_EQ(order->executed, quantity("1.2"));  // levels at 50,000.01 and 50,005.01
    EXPECT_EQ(order->status, OrderStatus::partially_filled);
    EXPECT_EQ(m.balance("USDT").locked, dec("40004.8"));  // 0.8 x 50,006
    auto const spent = dec("1000000") - m.balance("USDT").free - m.balance("USDT").locked;
    EXPECT_EQ(spent, order->executed_quote.value);
}

TEST(PaperEngine, IocExpiresItsRestAndFokAllOfIt) {
    Market m;
    auto const ioc = m.place(m.limit(Side::buy, "2", "50000.01", "", TimeInForce::ioc));
    ASSERT_TRUE(ioc);
    EXPECT_EQ((*ioc)->status, OrderStatus::expired);
    EXPECT_EQ((*ioc)->executed, quantity("0.4"));
    auto const fok = m.place(m.limit(Side::buy, "2", "50000.01", "", TimeInForce::fok));
    ASSERT_TRUE(fok);
    EXPECT_EQ((*fok)->status, OrderStatus::expired);
    EXPECT_TRUE((*fok)->executed.is_zero());
    auto const whole = m.place(m.limit(Side::buy, "0.3", "50000.01", "", TimeInForce::fok));
    ASSERT_TRUE(whole);
    EXPECT_EQ((*whole)->status, OrderStatus::filled);
    EXPECT_TRUE(m.balance("USDT").locked.is_zero());
}

TEST(PaperEngine, LimitMakerNeverTakes) {
    Market m;
    auto order = m.limit(Side::buy, "0.1", "50000.01");
    order.kind = OrderKind::limit_maker;
    auto const taken = m.place(order);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, -2010);
    EXPECT_EQ(taken.error().message, "Order would immediately match and take.");
    order.price = price("50000");
    EXPECT_TRUE(m.place(order));
}

TEST(PaperEngine, ClientIdMustBeUniqueAmongOpenOrdersOnly) {
    Market m;
    ASSERT_TRUE(m.place(m.limit(Side::buy, "0.1", "40000", "mine")));
    auto const again = m.place(m.market(Side::buy, "0.1", "mine"));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, -2010);
    EXPECT_EQ(again.error().message, "Duplicate order sent.");
    ASSERT_TRUE(
        m.engine.cancel(m.trader, m.btc, {.id = {}, .client_id = "mine"}, "", m.now, m.batch));
    auto const reused = m.place(m.market(Side::buy, "0.1", "mine"));
    ASSERT_TRUE(reused);  // filled at once, so the name is free again
    auto const third = m.place(m.market(Side::buy, "0.1", "mine"));
    ASSERT_TRUE(third);
    EXPECT_NE((*third)->id, OrderId(1));
    auto const found = m.engine.query(m.trader, m.btc, {.id = {}, .client_id = "mine"});
    ASSERT_TRUE(found);
    EXPECT_EQ((*found)->id, OrderId(3));  // the latest of that name
}

TEST(PaperEngine, AccountsDoNotShareClientIdsOrSeeEachOther) {
    Market m;
    auto const other = m.open("other");
    ASSERT_TRUE(m.place(m.limit(Side::buy, "0.1", "40000", "mine")));
    EXPECT_FALSE(m.engine.query(other, m.btc, {.id = OrderId(1), .client_id = {}}));
    auto const stolen =
        m.engine.cancel(other, m.btc, {.id = OrderId(1), .client_id = {}}, "", m.now, m.batch);
    ASSERT_FALSE(stolen);
    EXPECT_EQ(stolen.error().code, -2011);
}

TEST(PaperEngine, CancelUnlocksWhatIsLeft) {
    Market m;
    ASSERT_TRUE(m.place(m.limit(Side::buy, "2", "50006")));
    auto const canceled = m.engine.cancel(m.trader, m.btc, {.id = OrderId(1), .client_id = {}},
                                          "bye", m.now, m.batch);
    ASSERT_TRUE(canceled);
    EXPECT_EQ((*canceled)->status, OrderStatus::canceled);
    EXPECT_TRUE(m.balance("USDT").locked.is_zero());
    auto const again =
        m.engine.cancel(m.trader, m.btc, {.id = OrderId(1), .client_id = {}}, "", m.now, m.batch);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, -2011);
}

TEST(PaperEngine, FundsAreChecked) {
    Market m;
    for (auto const& order :
         {m.market(Side::buy, "20"), m.market(Side::sell, "101"), m.limit(Side::buy, "30", "49000"),
          m.limit(Side::sell, "101", "60000")}) {
        auto const placed = m.place(order);
        ASSERT_FALSE(placed);
        EXPECT_EQ(placed.error().code, -2010);
        EXPECT_EQ(placed.error().message, "Account has insufficient balance for requested action.");
    }
    EXPECT_TRUE(m.batch.facts.empty());
    EXPECT_TRUE(m.batch.events.empty());
}

TEST(PaperEngine, OpenOrdersPerSymbolAreBounded) {
    Market m(EngineSettings{.max_open_orders = 2});
    ASSERT_TRUE(m.place(m.limit(Side::buy, "0.1", "40000")));
    ASSERT_TRUE(m.place(m.limit(Side::buy, "0.1", "40000")));
    auto const third = m.place(m.limit(Side::buy, "0.1", "40000"));
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().message, "Filter failure: MAX_NUM_ORDERS");
    EXPECT_TRUE(m.place(m.market(Side::buy, "0.1")));
}

TEST(PaperEngine, FiltersNameWhatFailed) {
    Market m;
    auto const expect = [&](NewOrder const& order, std::string const& filter) {
        auto const placed = m.place(order);
        ASSERT_FALSE(placed) << filter;
        EXPECT_EQ(placed.error().code, -1013);
        EXPECT_EQ(placed.error().message, "Filter failure: " + filter);
    };
    expect(m.limit(Side::buy, "0.1", "50000.001"), "PRICE_FILTER");
    expect(m.limit(Side::buy, "0.1", "1000000.01"), "PRICE_FILTER");
    expect(m.market(Side::buy, "0.000001"), "LOT_SIZE");
    expect(m.market(Side::buy, "0.000015"), "LOT_SIZE");
    expect(m.market(Side::buy, "9000.1"), "LOT_SIZE");
    expect(m.market(Side::buy, "120.1"), "MARKET_LOT_SIZE");
    expect(m.market(Side::buy, "0.00009"), "NOTIONAL");
    expect(m.limit(Side::buy, "200", "50000"), "NOTIONAL");
}

TEST(PaperEngine, ReadOnlyKeysDoNotTrade) {
    Market m;
    auto const opened = m.engine.open_account(
        {.label = "reader", .credential = {.api_key = "r", .can_trade = false}, .time = m.now},
        m.batch);
    auto const placed = m.engine.place(*opened, m.market(Side::buy, "0.1"), m.now, m.batch);
    ASSERT_FALSE(placed);
    EXPECT_EQ(placed.error().code, -2015);
}

TEST(PaperEngine, OldClosedOrdersLeaveAndAreCounted) {
    Market m(EngineSettings{.max_closed_orders = 3});
    ASSERT_TRUE(m.place(m.limit(Side::buy, "0.1", "40000", "stays")));
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(m.place(m.market(Side::buy, "0.01")));
    EXPECT_EQ(m.engine.state().evicted_orders(), 2U);
    EXPECT_EQ(m.engine.state().order_count(), 4U);
    EXPECT_EQ(m.engine.state().find_order(OrderId(2)), nullptr);
    EXPECT_NE(m.engine.state().find_order(OrderId(1)), nullptr);
    EXPECT_EQ(m.engine.state().find_account(m.trader)->trades.size(), 3U);
}

TEST(PaperEngine, TradeIdsAreUniquePerSymbolAlsoAfterReplay) {
    Market m;
    ASSERT_TRUE(m.place(m.market(Side::buy, "0.01")));
    auto const facts = m.engine.state().snapshot();
    m.step("50000");
    m.step("50000");
    Engine again(m.catalogue, {});
    for (auto const& fact : facts) again.replay(fact);
    again.resume();
    // Ids that the market may have shown after the snapshot are not given again.
    EXPECT_GT(again.state().symbol(m.btc).next_trade, m.engine.state().symbol(m.btc).next_trade);
}

TEST(PaperEngine, FrozenPriceIsAFact) {
    Market m;
    m.engine.freeze_price(m.btc, price("42000"), true, m.now, m.batch);
    Engine again(m.catalogue, {});
    for (auto const& fact : m.batch.facts) again.replay(fact);
    again.resume();
    EXPECT_TRUE(again.state().symbol(m.btc).frozen);
    EXPECT_EQ(again.book(m.btc).asks().front().price, price("42000.01"));
}

}  // namespace
}  // namespace obscura::paper::test
