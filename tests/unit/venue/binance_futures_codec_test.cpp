#include "venue/binance_futures_codec.hpp"

#include "golden.hpp"

#include <gtest/gtest.h>

namespace obscura::venue {
namespace {

using base::Json;
using model::PositionSide;
using test::golden;
using Status = ports::OrderState::Status;

TEST(FuturesOrder, AResultHasItsSumAndNoFills) {
    auto const order = decode_futures_order(golden("futures_order_result"));
    ASSERT_TRUE(order) << order.error().detail;
    EXPECT_EQ(order->venue_order_id, "22542179");
    EXPECT_EQ(order->client_order_id, "ob019326f2b8a57c2e9d1f0a3b4c5d6e");
    EXPECT_EQ(order->symbol, "BTCUSDT");
    EXPECT_EQ(order->side, model::Side::sell);
    EXPECT_EQ(order->status, Status::filled);
    EXPECT_EQ(order->executed_quantity.to_string(), "0.003");
    EXPECT_EQ(order->executed_quote.to_string(), "260.421");
    EXPECT_TRUE(order->fills.empty());
}

TEST(FuturesOrder, QueriedAndCancelledOnesAreRead) {
    auto const ended = decode_futures_order(golden("futures_order_query"));
    ASSERT_TRUE(ended) << ended.error().detail;
    EXPECT_EQ(ended->status, Status::expired);
    EXPECT_EQ(ended->executed_quantity.to_string(), "2");
    EXPECT_EQ(ended->executed_quote.to_string(), "18001");
    auto const canceled = decode_futures_order(golden("futures_order_canceled"));
    ASSERT_TRUE(canceled) << canceled.error().detail;
    EXPECT_EQ(canceled->client_order_id, "myOrder1");
    EXPECT_EQ(canceled->status, Status::canceled);
}

// Newer answers leave the sum out, and some the average price with it.
TEST(FuturesOrder, WhatWasPaidMayBeLeftOut) {
    auto json = golden("futures_order_query");
    json.set("cumQuote", Json());
    EXPECT_EQ(decode_futures_order(json)->executed_quote.to_string(), "18001");
    json.set("avgPrice", Json());
    ASSERT_TRUE(decode_futures_order(json));
    EXPECT_TRUE(decode_futures_order(json)->executed_quote.is_zero());
}

TEST(FuturesOrder, RefusesWhatItCannotRead) {
    for (auto const& [key, value] :
         std::initializer_list<std::pair<char const*, Json>>{{"orderId", Json()},
                                                             {"clientOrderId", ""},
                                                             {"symbol", ""},
                                                             {"side", "LONG"},
                                                             {"status", "HALF_FILLED"},
                                                             {"executedQty", "-1"},
                                                             {"executedQty", Json()},
                                                             {"cumQuote", "much"}}) {
        auto json = golden("futures_order_result");
        json.set(key, value);
        auto const order = decode_futures_order(json);
        ASSERT_FALSE(order) << key << " " << value.dump();
        EXPECT_EQ(order.error().code, base::Errc::bad_gateway);
    }
    auto json = golden("futures_order_result");
    json.set("cumQuote", Json());
    for (auto const* price : {"-1", "10000000001", "dear"}) {
        json.set("avgPrice", price);
        EXPECT_FALSE(decode_futures_order(json)) << price;
    }
    EXPECT_FALSE(decode_futures_order(Json::array()));
}

TEST(FuturesTrigger, WaitsUnderItsOwnId) {
    auto const order = decode_futures_order(golden("futures_algo_order_new"));
    ASSERT_TRUE(order) << order.error().detail;
    EXPECT_EQ(order->client_order_id, "6B2I9XVcJpCjqPAJ4YoFX7");
    EXPECT_EQ(order->venue_order_id, "");
    EXPECT_EQ(order->symbol, "BNBUSDT");
    EXPECT_EQ(order->side, model::Side::sell);
    EXPECT_EQ(order->status, Status::open);
}

TEST(FuturesTrigger, ItsStateIsToldApart) {
    for (auto const& [name, status] :
         {std::pair("TRIGGERING", Status::open), std::pair("TRIGGERED", Status::open),
          std::pair("CANCELED", Status::canceled), std::pair("REJECTED", Status::rejected),
          std::pair("EXPIRED", Status::expired)}) {
        auto json = golden("futures_algo_order_new");
        json.set("algoStatus", name);
        EXPECT_EQ(decode_futures_order(json)->status, status) << name;
    }
    auto const canceled = decode_futures_order(golden("futures_algo_order_canceled"));
    ASSERT_TRUE(canceled) << canceled.error().detail;
    EXPECT_EQ(canceled->status, Status::canceled);
    for (auto const& [key, value] : std::initializer_list<std::pair<char const*, Json>>{
             {"algoStatus", "SLEEPING"}, {"algoStatus", Json()}, {"clientAlgoId", ""}}) {
        auto json = golden("futures_algo_order_new");
        json.set(key, value);
        EXPECT_FALSE(decode_futures_order(json)) << key;
    }
}

TEST(FuturesTrigger, OneThatIsDoneNamesTheOrderItBecame) {
    auto json = golden("futures_algo_order_finished");
    auto const filled = decode_futures_order(json);
    ASSERT_TRUE(filled) << filled.error().detail;
    EXPECT_EQ(filled->status, Status::filled);
    EXPECT_EQ(filled->venue_order_id, "8886774");
    EXPECT_TRUE(filled->executed_quantity.is_zero());  // not said
    for (auto const& [id, read] : std::initializer_list<std::pair<Json, char const*>>{
             {"", ""}, {0, ""}, {8886774, "8886774"}}) {
        json.set("actualOrderId", id);
        EXPECT_EQ(decode_futures_order(json)->venue_order_id, read) << id.dump();
    }
    json.set("actualOrderId", "8886774x");
    EXPECT_FALSE(decode_futures_order(json));
    json.set("actualOrderId", "8886774");
    json.set("actualQty", "0.01");
    EXPECT_EQ(decode_futures_order(json)->executed_quantity.to_string(), "0.01");
    json.set("actualQty", "0");
    EXPECT_EQ(decode_futures_order(json)->status, Status::canceled);
    json.set("actualQty", Json());
    json.set("actualPrice", "0.000");
    EXPECT_EQ(decode_futures_order(json)->status, Status::canceled);
}

TEST(FuturesTrades, SayPositionAndResult) {
    auto const trades = decode_futures_trades(golden("futures_user_trades"));
    ASSERT_TRUE(trades) << trades.error().detail;
    ASSERT_EQ(trades->size(), 2U);
    auto const& bought = trades->at(0);
    EXPECT_EQ(bought.venue_trade_id, "9999");  // as text "9999" sorts after "698759"
    EXPECT_EQ(bought.side, model::Side::buy);
    EXPECT_EQ(bought.position_side, PositionSide::both);
    EXPECT_TRUE(bought.is_maker);
    EXPECT_EQ(bought.fee.to_string(), "-0.0015638");  // a rebate
    EXPECT_EQ(bought.realised_pnl, base::Money{});
    auto const& sold = trades->at(1);
    EXPECT_EQ(sold.venue, "binance");
    EXPECT_EQ(sold.market, model::Market::futures);
    EXPECT_EQ(sold.venue_order_id, "25851813");
    EXPECT_EQ(sold.side, model::Side::sell);
    EXPECT_EQ(sold.position_side, PositionSide::short_side);
    EXPECT_EQ(sold.price.to_string(), "7819.01");
    EXPECT_EQ(sold.quantity.to_string(), "0.002");
    EXPECT_EQ(sold.fee_asset, "USDT");
    ASSERT_TRUE(sold.realised_pnl);
    EXPECT_EQ(sold.realised_pnl->to_string(), "-0.91539999");
    EXPECT_EQ(base::to_unix_ms(sold.executed_at), 1569514978020);
}

TEST(FuturesTrades, OneBadRowSpoilsThePage) {
    for (auto const& [key, value] :
         std::initializer_list<std::pair<char const*, Json>>{{"side", "LONG"},
                                                             {"positionSide", "UP"},
                                                             {"positionSide", Json()},
                                                             {"realizedPnl", Json()},
                                                             {"maker", "no"},
                                                             {"qty", "0"}}) {
        auto json = golden("futures_user_trades");
        json.as_array()[1].set(key, value);
        EXPECT_FALSE(decode_futures_trades(json)) << key;
    }
}

TEST(FuturesInstruments, KindsAreToldApart) {
    auto const instruments = decode_futures_instruments(golden("futures_exchange_info"));
    ASSERT_TRUE(instruments) << instruments.error().detail;
    ASSERT_EQ(instruments->size(), 3U);  // of a kind that nobody has looked at there is none
    auto const& btc = instruments->at(0);
    EXPECT_EQ(btc.symbol, "BTCUSDT");
    EXPECT_EQ(btc.market, model::Market::futures);
    EXPECT_EQ(btc.kind, model::InstrumentKind::linear_perpetual);
    EXPECT_EQ(btc.margin_asset, "USDT");
    EXPECT_TRUE(btc.is_trading);
    EXPECT_EQ(btc.tick.to_string(), "0.1");
    EXPECT_EQ(btc.step.to_string(), "0.001");
    EXPECT_EQ(btc.min_quantity.to_string(), "0.001");
    EXPECT_EQ(btc.max_quantity.to_string(), "120");
    EXPECT_EQ(btc.limit_max_quantity.to_string(), "1000");
    EXPECT_EQ(btc.min_notional.to_string(), "50");
    EXPECT_EQ(btc.contract_size.to_string(), "1");
    EXPECT_EQ(instruments->at(1).kind, model::InstrumentKind::linear_delivery);
    EXPECT_FALSE(instruments->at(2).is_trading);
    auto foreign = golden("futures_exchange_info");
    auto symbols = foreign["symbols"];
    symbols.as_array()[0].set("marginAsset", "BTC");
    foreign.set("symbols", symbols);
    EXPECT_EQ(decode_futures_instruments(foreign)->size(), 2U);
}

TEST(FuturesPositions, AreSignedAndSayTheirMargin) {
    auto const positions = decode_positions(golden("futures_position_risk"));
    ASSERT_TRUE(positions) << positions.error().detail;
    ASSERT_EQ(positions->size(), 2U);
    auto const& cross = positions->at(0);
    EXPECT_EQ(cross.symbol, "ADAUSDT");
    EXPECT_EQ(cross.side, PositionSide::both);
    EXPECT_EQ(cross.quantity.to_string(), "30");
    EXPECT_EQ(cross.entry_price.to_string(), "0.385");
    EXPECT_EQ(cross.mark_price.to_string(), "0.4104759");
    EXPECT_FALSE(cross.liquidation_price);
    EXPECT_FALSE(cross.leverage);
    EXPECT_EQ(cross.margin_mode, model::MarginMode::cross);
    auto const& isolated = positions->at(1);
    EXPECT_EQ(isolated.side, PositionSide::short_side);
    EXPECT_EQ(isolated.quantity.to_string(), "-1");
    EXPECT_EQ(isolated.liquidation_price, base::Price::parse("92.11"));
    EXPECT_EQ(isolated.margin_mode, model::MarginMode::isolated);
    EXPECT_EQ(isolated.isolated_margin.to_string(), "28.3");
    for (auto const* key : {"symbol", "positionSide", "positionAmt", "entryPrice", "markPrice"}) {
        auto json = golden("futures_position_risk");
        json.as_array()[1].set(key, Json());
        EXPECT_FALSE(decode_positions(json)) << key;
    }
}

TEST(FuturesAccount, ModeAndListenKey) {
    auto const mode = [](char const* text) {
        return decode_position_mode(base::parse_json(text).value());
    };
    EXPECT_EQ(mode(R"({"dualSidePosition":true})"), model::PositionMode::hedge);
    EXPECT_EQ(mode(R"({"feeTier":0,"canTrade":true,"canDeposit":true,"canWithdraw":true,)"
                   R"("dualSidePosition":false,"updateTime":0,"multiAssetsMargin":false,)"
                   R"("tradeGroupId":-1})"),
              model::PositionMode::one_way);
    for (auto const* text : {"{}", R"({"dualSidePosition":"true"})", "[]"})
        EXPECT_FALSE(mode(text)) << text;
    auto const key = [](char const* text) {
        return decode_listen_key(base::parse_json(text).value());
    };
    EXPECT_EQ(key(R"({"listenKey":"pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf1"})"),
              "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf1");
    for (auto const* text : {"{}", R"({"listenKey":""})", R"({"listenKey":"a\nb"})", "[]"})
        EXPECT_FALSE(key(text)) << text;
}

}  // namespace
}  // namespace obscura::venue
