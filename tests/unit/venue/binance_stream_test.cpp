#include "venue/binance_stream.hpp"

#include "golden.hpp"

#include <gtest/gtest.h>

namespace obscura::venue {
namespace {

using test::golden_text;

TEST(BinanceStream, AFillIsRead) {
    auto const message = decode_stream_message(golden_text("stream_execution_trade"));
    auto const* fill = std::get_if<StreamFill>(&message);
    ASSERT_NE(fill, nullptr);
    auto const& trade = fill->trade;
    EXPECT_EQ(trade.symbol, "BTCUSDT");
    EXPECT_EQ(trade.venue_trade_id, "4113567003");
    EXPECT_EQ(trade.venue_order_id, "4293153");
    EXPECT_EQ(trade.side, model::Side::sell);
    EXPECT_EQ(trade.price.to_string(), "97800.5");   // of this fill, not the order's limit
    EXPECT_EQ(trade.quantity.to_string(), "0.125");  // of this fill, not the order's
    EXPECT_EQ(trade.fee.to_string(), "12.2250625");
    EXPECT_EQ(trade.fee_asset, "USDT");
    EXPECT_TRUE(trade.is_maker);
    EXPECT_EQ(base::to_unix_ms(trade.executed_at), 1732300000128);
}

TEST(BinanceStream, OtherReportsAreNoFills) {
    EXPECT_TRUE(std::holds_alternative<StreamOther>(
        decode_stream_message(golden_text("stream_execution_new"))));
    EXPECT_TRUE(std::holds_alternative<StreamOther>(decode_stream_message(
        R"({"subscriptionId":0,"event":{"e":"outboundAccountPosition","E":1564034571105,"u":1,"B":[]}})")));
}

TEST(BinanceStream, RepliesTellTheirRequest) {
    auto const good =
        std::get<StreamReply>(decode_stream_message(golden_text("stream_login_reply")));
    EXPECT_EQ(good.id, "login-1");
    EXPECT_TRUE(good.ok);
    auto const bad =
        std::get<StreamReply>(decode_stream_message(golden_text("stream_login_refused")));
    EXPECT_FALSE(bad.ok);
    EXPECT_NE(bad.error.find("-2015"), std::string::npos);
    auto const ping = base::parse_json(stream_ping("ping-7")).value();
    EXPECT_EQ(ping["method"].as_string(), "ping");
    EXPECT_EQ(ping["id"].as_string(), "ping-7");
}

TEST(BinanceStream, TheEndIsTold) {
    for (auto const* event : {"eventStreamTerminated", "serverShutdown"}) {
        auto const text =
            std::string(R"({"subscriptionId":0,"event":{"e":")") + event + R"(","E":1}})";
        EXPECT_TRUE(std::holds_alternative<StreamEnded>(decode_stream_message(text))) << event;
    }
}

TEST(BinanceStream, WhatMayBeAFillIsNeverPassedOver) {
    auto const without = [](std::string_view key) {
        auto json = test::golden("stream_execution_trade");
        auto event = json["event"];
        event.set(key, base::Json());
        json.set("event", event);
        return decode_stream_message(json.dump());
    };
    for (auto const* key : {"s", "S", "t", "i", "l", "L", "n", "T", "m", "x", "e"})
        EXPECT_TRUE(std::holds_alternative<StreamUnreadable>(without(key))) << key;
    for (auto const* text : {"", "{", "[]", "{}", "null", "\xff", R"({"event":3})"})
        EXPECT_TRUE(std::holds_alternative<StreamUnreadable>(decode_stream_message(text))) << text;
}

// Futures send their events bare.
TEST(FuturesStream, AFillIsRead) {
    auto const message = decode_stream_message(golden_text("futures_stream_trade"));
    auto const* fill = std::get_if<StreamFill>(&message);
    ASSERT_NE(fill, nullptr);
    auto const& trade = fill->trade;
    EXPECT_EQ(trade.market, model::Market::futures);
    EXPECT_EQ(trade.symbol, "BTCUSDT");
    EXPECT_EQ(trade.venue_trade_id, "123456789");
    EXPECT_EQ(trade.venue_order_id, "8886774");
    EXPECT_EQ(trade.side, model::Side::sell);
    EXPECT_EQ(trade.position_side, model::PositionSide::long_side);
    EXPECT_EQ(trade.price.to_string(), "7105.14");
    EXPECT_EQ(trade.quantity.to_string(), "0.001");
    EXPECT_EQ(trade.fee.to_string(), "0.0028421");
    EXPECT_EQ(trade.fee_asset, "USDT");
    EXPECT_TRUE(trade.is_maker);
    EXPECT_EQ(trade.realised_pnl, base::Money::parse("-1.25"));
    EXPECT_EQ(base::to_unix_ms(trade.executed_at), 1568879465650);
}

StreamMessage futures_message(std::string_view key, base::Json value) {
    auto json = test::golden("futures_stream_trade");
    auto order = json["o"];
    order.set(key, std::move(value));
    json.set("o", order);
    return decode_stream_message(json.dump());
}

TEST(FuturesStream, OtherReportsAreNoFills) {
    for (auto const* execution : {"NEW", "CANCELED", "EXPIRED", "AMENDMENT"})
        EXPECT_TRUE(std::holds_alternative<StreamOther>(futures_message("x", execution)))
            << execution;
    for (auto const* event : {"ACCOUNT_UPDATE", "ALGO_UPDATE", "TRADE_LITE", "MARGIN_CALL"})
        EXPECT_TRUE(std::holds_alternative<StreamOther>(
            decode_stream_message(std::string(R"({"E":1,"e":")") + event + R"("})")))
            << event;
}

TEST(FuturesStream, WhatMayBeAFillIsNeverPassedOver) {
    for (auto const* key : {"s", "S", "t", "i", "l", "L", "T", "m", "x", "ps", "rp"})
        EXPECT_TRUE(std::holds_alternative<StreamUnreadable>(futures_message(key, base::Json())))
            << key;
    EXPECT_TRUE(std::holds_alternative<StreamUnreadable>(futures_message("x", "CALCULATED")));
    EXPECT_TRUE(std::holds_alternative<StreamUnreadable>(
        decode_stream_message(R"({"e":"ORDER_TRADE_UPDATE","E":1})")));
}

TEST(FuturesStream, AFillWithoutACommissionHasNone) {
    auto json = test::golden("futures_stream_trade");
    auto order = json["o"];
    order.set("n", base::Json());
    order.set("N", base::Json());
    json.set("o", order);
    auto const message = decode_stream_message(json.dump());
    auto const* fill = std::get_if<StreamFill>(&message);
    ASSERT_NE(fill, nullptr);
    EXPECT_TRUE(fill->trade.fee.is_zero());
    EXPECT_EQ(fill->trade.fee_asset, "");
}

TEST(FuturesStream, TheEndOfAListenKeyIsTold) {
    EXPECT_TRUE(std::holds_alternative<StreamEnded>(decode_stream_message(
        R"({"e":"listenKeyExpired","E":1736996475556,"listenKey":"WsCMN0a4KHUPTQuX6IUn"})")));
}

}  // namespace
}  // namespace obscura::venue
