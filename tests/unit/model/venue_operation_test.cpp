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
        {ListTrades{.symbol = "BTCUSDT",
                    .from_id = 7,
                    .venue_order_id = "12",
                    .start_time = base::from_unix_ms(1'764'000'000'123),
                    .limit = 10},
         R"({"kind":"list_trades","symbol":"BTCUSDT","from_id":7,"venue_order_id":"12",)"
         R"("start_time_ms":1764000000123,"limit":10})"},
        {ReadAccount{}, R"({"kind":"read_account"})"},
        {StreamLogin{.request_id = "login-1"},
         R"({"kind":"stream_login","request_id":"login-1"})"}};
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
        {R"({"kind":"stream_login"})", "/operation/request_id", "required"}};
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
