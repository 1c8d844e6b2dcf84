#include "citadel/gate.hpp"

#include "crypto/hmac.hpp"
#include "venue_fixture.hpp"

namespace obscura::citadel {
namespace {

using namespace test;
using model::Market;
using model::PositionSide;

constexpr Signing gate_spot{.venue = "gate"};
constexpr Signing gate_futures{.venue = "gate", .market = Market::futures};

// www.gate.io/docs/developers/apiv4/en/#api-signature-string-generation: key "key", secret
// "secret".
TEST(GateTest, DocumentedSignatures) {
    std::map<std::string, base::Secret> fields;
    fields.emplace("api_key", base::Secret(std::string_view("key")));
    fields.emplace("secret", base::Secret(std::string_view("secret")));
    auto const credentials = ApiCredentials::from_fields(gate.credentials, std::move(fields));
    ASSERT_TRUE(credentials);
    EXPECT_EQ(gate_signature(*credentials, "GET", "/api/v4/futures/orders",
                             "contract=BTC_USD&status=finished&limit=50", "", 1541993715),
              "55f84ea195d6fe57ce62464daaa7c3c02fa9d1dde954e4c898289c9a2407a3d6"
              "fb3faf24deff16790d726b66ac9f74526668b13bd01029199cc4fcc522418b8a");
    EXPECT_EQ(gate_signature(*credentials, "POST", "/api/v4/futures/orders", "",
                             R"({"contract":"BTC_USD","type":"limit","size":100,"price":6800,)"
                             R"("time_in_force":"gtc"})",
                             1541993715),
              "eae42da914a590ddf727473aff25fc87d50b64783941061f47a3fdb92742541f"
              "c4c2c14017581b4199a1418d54471c269c03a38d788d802e2c306c37636389f0");
}

// #createorder: the header of new orders; the rest lives for the minute that a time stamp does.
TEST(GateTest, OrdersNameTheirEnd) {
    auto how = gate_futures;
    how.window.timestamp_ms += 700;
    auto const order = signed_at(how, order_of("BTC_USDT", "t-leg-1"));
    EXPECT_EQ(header_of(order, "x-gate-exptime"), "1764000005700");
    EXPECT_EQ(header_of(order, "Timestamp"), "1764000000");
    EXPECT_EQ(base::to_unix_ms(order.expires_at), 1'764'000'005'700);
    auto const cancel = signed_at(how, model::CancelOrder{"BTC_USDT", "t-leg-1"});
    EXPECT_EQ(header_of(cancel, "x-gate-exptime"), "(none)");
    EXPECT_EQ(base::to_unix_ms(cancel.expires_at), 1'764'000'060'000);
}

// developers/apiv4/ws/en/#authentication.
TEST(GateTest, StreamLogin) {
    auto const request = signed_at(gate_spot, model::StreamLogin{.request_id = "login-1"});
    EXPECT_EQ(request.method, "WS");
    EXPECT_EQ(request.url, "wss://api.gateio.ws:443/ws/v4/");
    EXPECT_EQ(
        request.body,
        R"({"time":1764000000,"id":"login-1","channel":"spot.usertrades","event":"subscribe",)"
        R"("payload":["!all"],"auth":{"method":"api_key","KEY":"aK3yOf0bscura","SIGN":")" +
            crypto::hmac_sha512_hex(gate_spot.secret,
                                    "channel=spot.usertrades&event=subscribe&time=1764000000") +
            R"("}})");
    EXPECT_EQ(refusal_at(gate_futures, model::StreamLogin{"1"}), "not_supported");
}

// The side is the sign; what closes a position of hedge mode must only reduce.
TEST(GateTest, SidesAndPositions) {
    auto const body = [](model::Side side, PositionSide position) {
        auto order = order_of("BTC_USDT", "t-1", model::OrderType::market);
        order.side = side;
        order.position_side = position;
        return signed_at(gate_futures, order).body;
    };
    auto const expected = [](std::string size, bool reduces) {
        return R"({"contract":"BTC_USDT","size":)" + size +
               R"(,"price":"0","tif":"ioc","text":"t-1")" +
               (reduces ? R"(,"reduce_only":true})" : "}");
    };
    using enum model::Side;
    EXPECT_EQ(body(buy, PositionSide::both), expected("2", false));
    EXPECT_EQ(body(sell, PositionSide::both), expected("-2", false));
    EXPECT_EQ(body(buy, PositionSide::long_side), expected("2", false));
    EXPECT_EQ(body(sell, PositionSide::long_side), expected("-2", true));
    EXPECT_EQ(body(sell, PositionSide::short_side), expected("-2", false));
    EXPECT_EQ(body(buy, PositionSide::short_side), expected("2", true));
}

TEST(GateTest, Refusals) {
    auto part = order_of("BTC_USDT", "t-1");
    part.quantity = *base::Quantity::parse("1.5");
    std::pair<model::VenueOperation, std::string_view> const of_futures[] = {
        {part, "/operation/quantity"},
        {order_of("BTC_USD", "t-1"), "/operation/symbol"},
        {order_of("BTCUSDT", "t-1"), "/operation/symbol"},
        {order_of("BTC_USDT", "leg-1"), "/operation/client_order_id"},
        {order_of("BTC_USDT", "t-"), "/operation/client_order_id"},
        {order_of("BTC_USDT", "t-" + std::string(29, 'a')), "/operation/client_order_id"},
        {order_of("BTC_USDT", "t-../positions"), "/operation/client_order_id"},
        {model::ListTrades{
             .symbol = "BTC_USDT", .venue_order_id = "1", .start_time = base::from_unix_ms(1)},
         "/operation/start_time_ms"},
        {model::SetMarginMode{"BTC_USDT", model::MarginMode::isolated}, "not_supported"},
        {model::PlaceTriggerOrder{}, "not_supported"},
        {model::ListenKey{}, "not_supported"}};
    for (auto const& [operation, why] : of_futures)
        EXPECT_EQ(refusal_at(gate_futures, operation), why) << to_json(operation).dump();
    EXPECT_EQ(refusal_at(gate_spot, order_of("BTC_USDT", "t-1", model::OrderType::market)),
              "not_supported")
        << "spends quote";
    EXPECT_EQ(refusal_at(gate_spot, order_of("BTC_USDT_", "t-1")), "/operation/symbol");
    EXPECT_EQ(refusal_at(gate_spot, model::SetLeverage{"BTC_USDT", 2}), "not_supported");
}

}  // namespace
}  // namespace obscura::citadel
