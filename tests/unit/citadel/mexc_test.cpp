#include "citadel/mexc.hpp"

#include "crypto/hmac.hpp"
#include "venue_fixture.hpp"

namespace obscura::citadel {
namespace {

using namespace test;
using model::Market;
using model::PositionSide;

constexpr Signing mexc_spot{.venue = "mexc"};
constexpr Signing mexc_futures{.venue = "mexc", .market = Market::futures};

// www.mexc.com/api-docs/spot-v3/general-info#signed, example 2. (The page shows example 1 with the
// same text and another result; openssl gives this one.)
TEST(MexcTest, DocumentedSignature) {
    std::map<std::string, base::Secret> fields;
    fields.emplace("api_key", base::Secret(std::string_view("mx0aBYs33eIilxBWC5")));
    fields.emplace("secret", base::Secret(std::string_view("45d0b3c26f2644f19bfb98b07741b2f5")));
    auto const credentials = ApiCredentials::from_fields(mexc.credentials, std::move(fields));
    ASSERT_TRUE(credentials);
    EXPECT_EQ(credentials->sign("symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=11&"
                                "recvWindow=5000&timestamp=1644489390087",
                                SignatureForm::sha256_hex),
              "fd3e4e8543c5188531eb7279d68ae7d26a573d0fc5ab0d18eb692451654d837a");
}

TEST(MexcTest, OrdersOfSpotSignTheirWindow) {
    auto const order = signed_at(mexc_spot, order_of("BTCUSDT", "leg-1"));
    EXPECT_NE(order.url.find("&timestamp=1764000000000&recvWindow=5000&signature="),
              std::string::npos)
        << order.url;
    EXPECT_EQ(base::to_unix_ms(order.expires_at), 1'764'000'005'000);
}

TEST(MexcTest, OrdersOfPerpetualsWithoutAnEndOnlyClose) {
    auto order = order_of("BTC_USDT", "leg-1");
    order.leverage = 3;
    EXPECT_EQ(refusal_at(mexc_futures, order), "no_expiry");
    order.position_side = PositionSide::long_side;
    EXPECT_EQ(refusal_at(mexc_futures, order), "no_expiry");
    order.side = model::Side::sell;
    auto const closing = signed_at(mexc_futures, order);
    EXPECT_NE(closing.body.find(R"("side":4,)"), std::string::npos) << closing.body;
}

// api-docs/futures/websocket-api, "Login".
TEST(MexcTest, StreamLogin) {
    auto const request = signed_at(mexc_futures, model::StreamLogin{.request_id = "1"});
    EXPECT_EQ(request.method, "WS");
    EXPECT_EQ(request.url, "wss://contract.mexc.com:443/edge");
    EXPECT_EQ(request.body,
              R"({"method":"login","param":{"apiKey":"aK3yOf0bscura","signature":")" +
                  crypto::hmac_sha256_hex(mexc_futures.secret, "aK3yOf0bscura1764000000000") +
                  R"(","reqTime":"1764000000000"}})");
    EXPECT_EQ(refusal_at(mexc_spot, model::StreamLogin{"1"}), "not_supported");
}

TEST(MexcTest, Refusals) {
    using Action = model::ListenKey::Action;
    std::pair<model::VenueOperation, std::string_view> const of_futures[] = {
        {order_of("BTCUSDT", "leg-1"), "/operation/symbol"},
        {order_of("BTC_USDC", "leg-1"), "/operation/symbol"},
        {order_of("BTC_USDT", "a/../b"), "/operation/client_order_id"},
        {order_of("BTC_USDT", "leg-1"), "/operation/leverage"},
        {model::QueryOrder{
             "BTC_USDT",
             "..",
         },
         "/operation/client_order_id"},
        {model::ListTrades{.symbol = "BTC_USDT", .venue_order_id = "1"},
         "/operation/venue_order_id"},
        {model::SetLeverage{"BTC_USDT", 2}, "not_supported"},
        {model::SetMarginMode{"BTC_USDT", model::MarginMode::isolated}, "not_supported"},
        {model::PlaceTriggerOrder{}, "not_supported"},
        {model::ListenKey{}, "not_supported"}};
    for (auto const& [operation, why] : of_futures)
        EXPECT_EQ(refusal_at(mexc_futures, operation), why) << to_json(operation).dump();
    std::pair<model::VenueOperation, std::string_view> const of_spot[] = {
        {order_of("BTC_USDT", "leg-1"), "/operation/symbol"},
        {order_of("BTCUSDT", std::string(33, 'a')), "/operation/client_order_id"},
        {model::ListenKey{Action::keep_alive}, "not_supported"},
        {model::SetLeverage{"BTCUSDT", 2}, "not_supported"}};
    for (auto const& [operation, why] : of_spot)
        EXPECT_EQ(refusal_at(mexc_spot, operation), why) << to_json(operation).dump();
}

}  // namespace
}  // namespace obscura::citadel
