#include "model/intake.hpp"

#include <gtest/gtest.h>

namespace obscura::model {
namespace {

base::Quantity qty(std::string_view text) { return base::Quantity::parse(text).value(); }

Trade fill(Side side, std::string_view quantity, std::string_view fee, std::string fee_asset) {
    Trade t;
    t.venue = "binance";
    t.symbol = "BTCUSDT";
    t.venue_trade_id = "77";
    t.side = side;
    t.quantity = qty(quantity);
    t.price = base::Price(50'000);
    t.fee = base::Decimal::parse(fee).value();
    t.fee_asset = std::move(fee_asset);
    return t;
}

TEST(Intake, AFillMakesASignal) {
    base::SeededRandom random(7);
    auto const when = base::from_unix_ms(1'800'000'000'000);
    auto trade = fill(Side::buy, "2", "0.002", "BTC");
    trade.tenant = TenantId::make(when, random);
    trade.connection = ConnectionId::make(when, random);
    trade.environment = Environment::testnet;
    trade.executed_at = when - std::chrono::milliseconds(30);
    trade.received_at = when - std::chrono::milliseconds(10);
    auto const tenant = TenantId::make(when, random);
    auto const pool = PoolId::make(when, random);
    auto const trader = TraderId::make(when, random);
    auto const id = SignalId::make(when, random);

    auto const s =
        signal_from_trade(trade, tenant, pool, trader, {qty("1"), qty("2.998")}, id, when);
    EXPECT_EQ(s.id, id);
    EXPECT_EQ(s.tenant, tenant);  // the pool's, not the leader's
    EXPECT_EQ(s.pool, pool);
    EXPECT_EQ(s.source, SignalSource::trade);
    EXPECT_EQ(s.source_id, "t:" + trade.connection.to_string() + ":spot:BTCUSDT:77");
    EXPECT_EQ(s.leader_ref, trader.to_string());
    EXPECT_EQ(s.symbol, "BTCUSDT");
    EXPECT_EQ(s.quantity, trade.quantity);
    EXPECT_EQ(s.price, trade.price);
    EXPECT_EQ(s.order_type, OrderType::market);
    EXPECT_EQ(s.environment, Environment::testnet);
    EXPECT_EQ(s.priority, Priority::normal);
    EXPECT_EQ(s.leader_before.to_string(), "1");
    EXPECT_EQ(s.leader_after.to_string(), "2.998");
    EXPECT_EQ(s.leader_executed_at, trade.executed_at);
    EXPECT_EQ(s.ingested_at, trade.received_at);
    EXPECT_EQ(s.accepted_at, when);
    EXPECT_FALSE(s.is_reducing());

    trade.side = Side::sell;
    auto const exit =
        signal_from_trade(trade, tenant, pool, trader, {qty("2.998"), qty("0.998")}, id, when);
    EXPECT_EQ(exit.leader_after.to_string(), "0.998");
    EXPECT_EQ(exit.priority, Priority::high);
    EXPECT_TRUE(exit.is_reducing());
}

// A sale that came late, and ends a short that was counted without it.
TEST(Intake, ALateFillHasTheSideOfItsMove) {
    auto const late = fill(Side::sell, "1", "0", "USDT");
    PositionMove const move{.before = qty("-1"), .after = qty("0"), .in_order = false};
    auto const signal = signal_from_trade(late, {}, {}, {}, move, {}, {});
    EXPECT_EQ(signal.side, Side::buy);
    PositionMove const none{.before = qty("-1"), .after = qty("-1"), .in_order = false};
    EXPECT_EQ(signal_from_trade(late, {}, {}, {}, none, {}, {}).side, Side::sell);
}

}  // namespace
}  // namespace obscura::model
