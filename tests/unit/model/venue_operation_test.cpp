#include "model/venue_operation.hpp"

#include <gtest/gtest.h>

namespace obscura::model {
namespace {

VenueOperation read(std::string_view text) {
    auto const json = base::parse_json(text);
    EXPECT_TRUE(json) << text;
    auto operation = operation_from_json(*json, "/operation");
    EXPECT_TRUE(operation) << text;
    return operation.value_or(VenueOperation{});
}

// The wire form of every kind: written, read and written again.
TEST(VenueOperationTest, WireForm) {
    std::pair<VenueOperation, std::string_view> const cases[] = {
        {PlaceOrder{.symbol = "BTCUSDT",
                    .side = Side::sell,
                    .type = OrderType::limit,
                    .quantity = *base::Quantity::parse("0.00001"),
                    .limit_price = base::Price::parse("65000.5"),
                    .time_in_force = TimeInForce::ioc,
                    .client_order_id = "leg-1",
                    .reduce_only = true},
         R"({"kind":"place_order","symbol":"BTCUSDT","side":"sell","order_type":"limit",)"
         R"("quantity":"0.00001","limit_price":"65000.5","time_in_force":"ioc",)"
         R"("client_order_id":"leg-1","reduce_only":true})"},
        {QueryOrder{.symbol = "BTCUSDT", .client_order_id = "leg-1"},
         R"({"kind":"query_order","symbol":"BTCUSDT","client_order_id":"leg-1"})"},
        {CancelOrder{.symbol = "BTCUSDT", .client_order_id = "leg-1"},
         R"({"kind":"cancel_order","symbol":"BTCUSDT","client_order_id":"leg-1"})"},
        {CancelOrder{.symbol = "4", .client_order_id = "", .venue_order_id = "77738308"},
         R"({"kind":"cancel_order","symbol":"4","venue_order_id":"77738308"})"},
        {ListTrades{.symbol = "BTCUSDT",
                    .from_id = 7,
                    .venue_order_id = "12",
                    .start_time = base::from_unix_ms(1'764'000'000'123),
                    .limit = 10},
         R"({"kind":"list_trades","symbol":"BTCUSDT","from_id":7,"venue_order_id":"12",)"
         R"("start_time_ms":1764000000123,"limit":10})"},
        {ReadAccount{}, R"({"kind":"read_account"})"},
        {StreamLogin{.request_id = "login-1"}, R"({"kind":"stream_login","request_id":"login-1"})"},
        {PlaceOrder{.symbol = "BTCUSDT",
                    .side = Side::sell,
                    .quantity = base::Quantity(1),
                    .client_order_id = "leg-1",
                    .position_side = PositionSide::short_side,
                    .leverage = 3},
         R"({"kind":"place_order","symbol":"BTCUSDT","side":"sell","order_type":"market",)"
         R"("quantity":"1","time_in_force":"gtc","client_order_id":"leg-1","reduce_only":false,)"
         R"("position_side":"short","leverage":3})"},
        {PlaceTriggerOrder{.symbol = "BTCUSDT",
                           .side = Side::buy,
                           .trigger = TriggerKind::take_profit,
                           .trigger_price = base::Price(60'000),
                           .watches = TriggerPrice::last,
                           .quantity = base::Quantity(2),
                           .position_side = PositionSide::short_side,
                           .client_order_id = "leg-1"},
         R"({"kind":"place_trigger_order","symbol":"BTCUSDT","side":"buy",)"
         R"("trigger":"take_profit","trigger_price":"60000","watches":"last","quantity":"2",)"
         R"("client_order_id":"leg-1","position_side":"short"})"},
        {PlaceTriggerOrder{
             .symbol = "BTCUSDT", .trigger_price = base::Price(40'000), .client_order_id = "leg-1"},
         R"({"kind":"place_trigger_order","symbol":"BTCUSDT","side":"sell",)"
         R"("trigger":"stop_loss","trigger_price":"40000","watches":"mark",)"
         R"("client_order_id":"leg-1"})"},
        {QueryTriggerOrder{.symbol = "BTCUSDT", .client_order_id = "leg-1"},
         R"({"kind":"query_trigger_order","symbol":"BTCUSDT","client_order_id":"leg-1"})"},
        {CancelTriggerOrder{.symbol = "BTCUSDT", .client_order_id = "leg-1"},
         R"({"kind":"cancel_trigger_order","symbol":"BTCUSDT","client_order_id":"leg-1"})"},
        {SetLeverage{.symbol = "BTCUSDT", .leverage = 20},
         R"({"kind":"set_leverage","symbol":"BTCUSDT","leverage":20})"},
        {SetMarginMode{.symbol = "BTCUSDT", .margin_mode = MarginMode::cross},
         R"({"kind":"set_margin_mode","symbol":"BTCUSDT","margin_mode":"cross"})"},
        {ReadPositions{}, R"({"kind":"read_positions"})"},
        {ReadPositions{.symbol = "BTCUSDT"}, R"({"kind":"read_positions","symbol":"BTCUSDT"})"},
        {ReadPositionMode{}, R"({"kind":"read_position_mode"})"},
        {ReadKeyRights{}, R"({"kind":"read_key_rights"})"},
        {ListenKey{.action = ListenKey::Action::keep_alive},
         R"({"kind":"listen_key","action":"keep_alive"})"}};
    for (auto const& [operation, text] : cases) {
        EXPECT_EQ(to_json(operation).dump(), text);
        EXPECT_EQ(to_json(read(text)).dump(), text);
        EXPECT_TRUE(text.find(kind_of(operation)) != text.npos);
    }
}

TEST(VenueOperationTest, DefaultsOfWhatMayBeLeftOut) {
    auto const order = std::get<PlaceOrder>(
        read(R"({"kind":"place_order","symbol":"BTCUSDT","side":"buy","order_type":"market",
                 "quantity":2,"client_order_id":"a"})"));
    EXPECT_EQ(order.quantity.to_string(), "2");
    EXPECT_EQ(order.time_in_force, TimeInForce::gtc);
    EXPECT_FALSE(order.limit_price);
    EXPECT_FALSE(order.reduce_only);
    auto const list = std::get<ListTrades>(read(R"({"kind":"list_trades","symbol":"BTCUSDT"})"));
    EXPECT_EQ(list.limit, 1000);
    EXPECT_FALSE(list.from_id || list.venue_order_id || list.start_time);
}

// An account that is connected to lead may have none of these signed.
TEST(VenueOperationTest, WhatTrades) {
    EXPECT_TRUE(is_trading(PlaceOrder{}) && is_trading(CancelOrder{}));
    EXPECT_TRUE(is_trading(PlaceTriggerOrder{}) && is_trading(CancelTriggerOrder{}));
    EXPECT_TRUE(is_trading(SetLeverage{}) && is_trading(SetMarginMode{}));
    EXPECT_FALSE(is_trading(QueryOrder{}) || is_trading(QueryTriggerOrder{}));
    EXPECT_FALSE(is_trading(ListTrades{}) || is_trading(ReadAccount{}) ||
                 is_trading(StreamLogin{}) || is_trading(ReadPositions{}) ||
                 is_trading(ReadPositionMode{}) || is_trading(ListenKey{}));
}

struct BadCase {
    std::string_view json;
    std::string_view pointer;
    std::string_view code;
};

TEST(VenueOperationTest, BadInput) {
    BadCase const cases[] = {
        {R"([])", "/operation", "wrong_type"},
        {R"({})", "/operation/kind", "required"},
        {R"({"kind":7})", "/operation/kind", "wrong_type"},
        {R"({"kind":"withdraw","asset":"BTC"})", "/operation/kind", "not_allowed"},
        {R"({"kind":"read_account","symbol":"BTCUSDT"})", "/operation/symbol", "unknown_field"},
        {R"({"kind":"query_order","symbol":"BTCUSDT"})", "/operation/client_order_id", "required"},
        {R"({"kind":"cancel_order","symbol":"A"})", "/operation/client_order_id", "required"},
        {R"({"kind":"cancel_order","symbol":"A","client_order_id":"a","venue_order_id":"1"})",
         "/operation/venue_order_id", "not_allowed"},
        {R"({"kind":"cancel_order","symbol":"A","client_order_id":"a","venue_order_id":""})",
         "/operation/venue_order_id", "too_short"},
        {R"({"kind":"query_order","symbol":"","client_order_id":"a"})", "/operation/symbol",
         "too_short"},
        {R"({"kind":"place_order","symbol":"A","side":"up","order_type":"market","quantity":"1",
             "client_order_id":"a"})",
         "/operation/side", "not_allowed"},
        {R"({"kind":"place_order","symbol":"A","side":"buy","order_type":"market","quantity":"0",
             "client_order_id":"a"})",
         "/operation/quantity", "out_of_range"},
        {R"({"kind":"place_order","symbol":"A","side":"buy","order_type":"market","quantity":"-1",
             "client_order_id":"a"})",
         "/operation/quantity", "out_of_range"},
        {R"({"kind":"place_order","symbol":"A","side":"buy","order_type":"market","quantity":"NaN",
             "client_order_id":"a"})",
         "/operation/quantity", "not_a_decimal"},
        {R"({"kind":"place_order","symbol":"A","side":"buy","order_type":"limit","quantity":"1",
             "client_order_id":"a"})",
         "/operation/limit_price", "required"},
        {R"({"kind":"place_order","symbol":"A","side":"buy","order_type":"market","quantity":"1",
             "limit_price":"1","client_order_id":"a"})",
         "/operation/limit_price", "not_allowed"},
        {R"({"kind":"list_trades","symbol":"A","limit":1001})", "/operation/limit", "out_of_range"},
        {R"({"kind":"list_trades","symbol":"A","from_id":-1})", "/operation/from_id",
         "out_of_range"},
        {R"({"kind":"stream_login"})", "/operation/request_id", "required"},
        {R"({"kind":"place_order","symbol":"A","side":"buy","order_type":"market","quantity":"1",
             "client_order_id":"a","position_side":"up"})",
         "/operation/position_side", "not_allowed"},
        {R"({"kind":"place_order","symbol":"A","side":"buy","order_type":"market","quantity":"1",
             "client_order_id":"a","leverage":126})",
         "/operation/leverage", "out_of_range"},
        {R"({"kind":"place_order","symbol":"A","side":"buy","order_type":"market","quantity":"1",
             "client_order_id":"a","position_side":"short","reduce_only":true})",
         "/operation/reduce_only", "not_allowed"},
        {R"({"kind":"place_trigger_order","symbol":"A","side":"buy","trigger":"stop_loss",
             "trigger_price":"0","client_order_id":"a"})",
         "/operation/trigger_price", "out_of_range"},
        {R"({"kind":"place_trigger_order","symbol":"A","side":"buy","trigger":"limit",
             "trigger_price":"1","client_order_id":"a"})",
         "/operation/trigger", "not_allowed"},
        {R"({"kind":"place_trigger_order","symbol":"A","side":"buy","trigger":"stop_loss",
             "trigger_price":"1","client_order_id":"a","quantity":"-1"})",
         "/operation/quantity", "out_of_range"},
        {R"({"kind":"set_leverage","symbol":"A","leverage":0})", "/operation/leverage",
         "out_of_range"},
        {R"({"kind":"set_leverage","symbol":"A","leverage":126})", "/operation/leverage",
         "out_of_range"},
        {R"({"kind":"set_margin_mode","symbol":"A"})", "/operation/margin_mode", "required"},
        {R"({"kind":"listen_key","action":"steal"})", "/operation/action", "not_allowed"}};
    for (auto const& c : cases) {
        auto const json = base::parse_json(c.json);
        ASSERT_TRUE(json) << c.json;
        auto const read = operation_from_json(*json, "/operation");
        ASSERT_FALSE(read) << c.json;
        EXPECT_EQ(read.error().code, base::Errc::invalid_argument);
        ASSERT_EQ(read.error().fields.size(), 1U) << c.json;
        EXPECT_EQ(read.error().fields[0].pointer, c.pointer) << c.json;
        EXPECT_EQ(read.error().fields[0].code, c.code) << c.json;
    }
}

}  // namespace
}  // namespace obscura::model
