#include "paper/engine/futures/position.hpp"
#include "unit/paper/futures_market.hpp"

namespace obscura::paper::test {
namespace {

using namespace std::chrono_literals;

bool was_liquidated(FuturesMarket const& m) {
    for (auto const id : m.account().orders) {
        if (m.engine.state().futures().orders().find(id)->contract.liquidates) return true;
    }
    return false;
}

TEST(PaperLiquidation, IsolatedPositionsLoseTheirMarginOnly) {
    FuturesMarket m;
    m.isolate();
    m.leverage(50);
    ASSERT_TRUE(m.trade(m.market(Side::buy, "0.4")));
    auto const wallet = m.account().wallet;
    auto const margin = m.position().isolated.value;
    auto const at = liquidation_price(m.engine.state().futures(), m.account(),
                                      {m.btc, PositionSide::both}, m.futures().marks());
    EXPECT_GT(at, price("49000"));
    EXPECT_LT(at, price("49500"));
    m.step((to_step(at, price("0.01"), base::Rounding::floor) + price("0.01")).to_string());
    EXPECT_FALSE(was_liquidated(m));
    m.step(to_step(at, price("0.01"), base::Rounding::floor).to_string());
    EXPECT_TRUE(was_liquidated(m));
    EXPECT_TRUE(m.account().positions.empty());
    EXPECT_GE(m.account().wallet, wallet - margin);
    expect_futures_conserved(m.engine.state().futures());
}

TEST(PaperLiquidation, AGapIsTheInsuranceFundsLoss) {
    FuturesMarket m;
    m.isolate();
    m.leverage(50);
    ASSERT_TRUE(m.trade(m.market(Side::buy, "0.4")));
    auto const wallet = m.account().wallet;
    auto const margin = m.position().isolated.value;
    m.step("40000");
    EXPECT_EQ(m.account().wallet, wallet - margin);
    expect_futures_conserved(m.engine.state().futures());
}

TEST(PaperLiquidation, CrossPositionsTakeTheWholeWallet) {
    FuturesMarket m;
    m.leverage(50);
    for (int i = 0; i < 8; ++i) ASSERT_TRUE(m.trade(m.market(Side::buy, "0.4")));
    ASSERT_TRUE(m.trade(m.limit(Side::buy, "0.01", "30000", "rests")));
    m.step("48000");
    EXPECT_FALSE(was_liquidated(m));
    m.step("47000");
    EXPECT_TRUE(was_liquidated(m));
    EXPECT_TRUE(m.account().positions.empty());
    EXPECT_TRUE(m.account().open_orders.empty());
    EXPECT_FALSE(m.account().wallet.is_negative());
    m.step("46000");
    expect_futures_conserved(m.engine.state().futures());
}

TEST(PaperLiquidation, AWalletNeverEndsBelowZero) {
    FuturesMarket m;
    m.leverage(50);
    for (int i = 0; i < 8; ++i) ASSERT_TRUE(m.trade(m.market(Side::sell, "0.4")));
    m.step("90000");
    EXPECT_TRUE(m.account().positions.empty());
    EXPECT_TRUE(m.account().wallet.is_zero());
    expect_futures_conserved(m.engine.state().futures());
}

TEST(PaperFunding, LongsPayShortsOnceARound) {
    FuturesMarket m;
    auto const other = m.open("other");
    ASSERT_TRUE(m.futures().deposit(other, dec("10000"), m.now, m.batch));
    m.futures().pass_time(m.now, m.batch);  // the first round is only noted
    ASSERT_TRUE(m.trade(m.market(Side::buy, "0.1")));
    ASSERT_TRUE(m.futures().place(other, m.market(Side::sell, "0.1"), m.now, m.batch));
    auto const wallet = m.account().wallet;
    auto const others = m.engine.state().futures().account(other).wallet;
    m.futures().pass_time(m.now, m.batch);
    EXPECT_EQ(m.account().wallet, wallet);
    m.now = m.futures().next_funding(m.now);
    m.futures().pass_time(m.now, m.batch);
    m.futures().pass_time(m.now, m.batch);
    EXPECT_EQ(m.account().wallet, wallet - dec("0.5"));  // 5,000 at 0.01 %
    EXPECT_EQ(m.engine.state().futures().account(other).wallet, others + dec("0.5"));
    EXPECT_EQ(m.account().income.back().kind, IncomeKind::funding_fee);
    expect_futures_conserved(m.engine.state().futures());
}

TEST(PaperFunding, ComesOutOfIsolatedMargin) {
    FuturesMarket m;
    m.futures().pass_time(m.now, m.batch);
    m.isolate();
    ASSERT_TRUE(m.trade(m.market(Side::buy, "0.1")));
    auto const before = m.position().isolated;
    m.now = m.futures().next_funding(m.now);
    m.futures().pass_time(m.now, m.batch);
    EXPECT_EQ(m.position().isolated, before - money("0.5"));
}

TEST(PaperListenKey, LivesAsLongAsItIsKept) {
    FuturesMarket m;
    auto const key = m.futures().open_listen_key(m.trader, "first", m.now, m.batch);
    EXPECT_EQ(m.futures().open_listen_key(m.trader, "second", m.now, m.batch), key);
    m.now += 59min;
    ASSERT_TRUE(m.futures().keep_listen_key(m.trader, m.now, m.batch));
    m.now += 59min;
    m.futures().pass_time(m.now, m.batch);
    EXPECT_NE(m.engine.state().futures().find_listener("first"), nullptr);
    m.now += 1min;
    m.batch.clear();
    m.futures().pass_time(m.now, m.batch);
    EXPECT_EQ(m.engine.state().futures().find_listener("first"), nullptr);
    EXPECT_EQ(std::get<ListenKeyExpired>(m.batch.events.back()).key, "first");
    auto const kept = m.futures().keep_listen_key(m.trader, m.now, m.batch);
    ASSERT_FALSE(kept);
    EXPECT_EQ(kept.error().code, -1125);
}

}  // namespace
}  // namespace obscura::paper::test
