#include "model/trade.hpp"

#include "support/fakes/sample_trade.hpp"

#include <gtest/gtest.h>

namespace obscura::model {
namespace {

using test::sample_trade;

TEST(TradeJson, HasTheAgreedForm) {
    EXPECT_EQ(to_json(sample_trade(4113567003)).dump(),
              R"({"trade_id":"01000000-0000-0000-0000-0000f5300d1b",)"
              R"("tenant_id":"00000000-0000-0000-0000-000000000009",)"
              R"("connection_id":"00000000-0000-0000-0000-000000000001","venue":"binance",)"
              R"("environment":"paper","market":"spot","symbol":"BTCUSDT",)"
              R"("venue_trade_id":"4113567003","venue_order_id":"77","side":"sell",)"
              R"("price":"97800.5","quantity":"0.125","fee":"12.2250625","fee_asset":"USDT",)"
              R"("is_maker":true,"executed_at":1736413567126456,"received_at":1732300001123456,)"
              R"("via":"stream"})");
}

TEST(TradeJson, ComesBackWhole) {
    for (bool const backfill : {false, true}) {
        auto trade = sample_trade(7);
        trade.via_backfill = backfill;
        trade.fee = -trade.fee;  // a rebate
        auto const read = trade_from_json(base::parse_json(to_json(trade).dump()).value());
        ASSERT_TRUE(read) << read.error().detail;
        EXPECT_EQ(*read, trade);
    }
}

TEST(TradeJson, TheLargestAmountsOfAnAdapterComeBack) {
    auto const largest = base::Decimal(1'000'000'000'000'000);
    auto trade = sample_trade(7);
    trade.market = Market::futures;
    trade.price = base::Price{largest};
    trade.quantity = base::Quantity{largest};
    for (auto const amount : {largest, -largest}) {
        trade.fee = amount;
        trade.realised_pnl = base::Money{amount};
        auto const read = trade_from_json(to_json(trade));
        ASSERT_TRUE(read) << read.error().fields.at(0).pointer;
        EXPECT_EQ(*read, trade);
    }
}

TEST(TradeJson, AContractTellsItsPosition) {
    auto trade = sample_trade(7);
    trade.market = Market::futures;
    trade.position_side = PositionSide::short_side;
    for (auto const pnl : {std::optional<base::Money>{}, base::Money::parse("-1.5")}) {
        trade.realised_pnl = pnl;
        auto const json = to_json(trade);
        EXPECT_EQ(json["position_side"].as_string(), "short");
        auto const read = trade_from_json(json);
        ASSERT_TRUE(read) << read.error().detail;
        EXPECT_EQ(*read, trade);
    }
    auto json = to_json(trade);
    json.set("position_side", "up");
    EXPECT_FALSE(trade_from_json(json));
    // Spot has no positions.
    json = to_json(sample_trade(7));
    json.set("position_side", "both");
    EXPECT_FALSE(trade_from_json(json));
}

TEST(TradeJson, EveryFieldIsNeededAndChecked) {
    auto const good = to_json(sample_trade(1));
    for (auto const& [key, value] : good.as_object()) {
        auto spoilt = good;
        spoilt.set(key, base::Json::array());
        auto const read = trade_from_json(spoilt);
        ASSERT_FALSE(read) << key;
        EXPECT_EQ(read.error().fields.at(0).pointer, "/" + key);
        spoilt.set(key, base::Json());
        EXPECT_FALSE(trade_from_json(spoilt)) << key;
    }
    auto const with = [&](char const* key, base::Json value) {
        auto json = good;
        json.set(key, std::move(value));
        return trade_from_json(json);
    };
    EXPECT_FALSE(with("price", "0"));
    EXPECT_FALSE(with("quantity", "-1"));
    EXPECT_FALSE(with("side", "long"));
    EXPECT_FALSE(with("via", "rumour"));
    EXPECT_FALSE(with("executed_at", -1));
    EXPECT_FALSE(with("extra", 1));
}

TEST(TradeIdentity, IsTheVenuesOwn) {
    auto trade = sample_trade(42);
    EXPECT_EQ(venue_identity(trade), "00000000-0000-0000-0000-000000000001:spot:BTCUSDT:42");
    auto later = trade;
    later.received_at += std::chrono::hours(1);
    later.via_backfill = true;
    EXPECT_EQ(venue_identity(later), venue_identity(trade));
}

TEST(TradeDocument, HasTimesForPeopleAndNoTenant) {
    auto const json = trade_document(sample_trade(0));
    EXPECT_EQ(json["executed_at"].as_string(), "2024-11-22T18:26:40.123Z");
    EXPECT_EQ(json.find("tenant_id"), nullptr);
}

}  // namespace
}  // namespace obscura::model
