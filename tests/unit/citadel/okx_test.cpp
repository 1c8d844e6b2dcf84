#include "citadel/okx.hpp"

#include "crypto/base64.hpp"
#include "crypto/hmac.hpp"
#include "venue_fixture.hpp"

namespace obscura::citadel {
namespace {

using namespace test;
using model::Market;
using model::PositionSide;

constexpr Signing okx_spot{.venue = "okx"};
constexpr Signing okx_swap{.venue = "okx", .market = Market::futures};

std::string okx_signature(std::string_view text) {
    return crypto::base64_encode(crypto::hmac_sha256(okx_spot.secret, text));
}

// www.okx.com/docs-v5/en/#overview-rest-authentication-signature: the page says what is signed
// (timestamp + 'GET' + '/api/v5/account/balance?ccy=BTC') and shows no secret with a result.
TEST(OkxTest, DocumentedPlainText) {
    auto how = okx_spot;
    how.window.timestamp_ms = 1'607'418'537'715;
    auto const request = signed_at(how, model::ReadAccount{});
    EXPECT_EQ(header_of(request, "OK-ACCESS-TIMESTAMP"), "2020-12-08T09:08:57.715Z");
    EXPECT_EQ(header_of(request, "OK-ACCESS-SIGN"),
              okx_signature("2020-12-08T09:08:57.715ZGET/api/v5/account/balance"));
    EXPECT_EQ(header_of(request, "OK-ACCESS-PASSPHRASE"), how.passphrase);
    EXPECT_EQ(header_of(request, "x-simulated-trading"), "(none)");
}

// docs-v5/en/#overview-transaction-timeouts-rest-api: of new orders alone; the rest lives for the
// 30 s that a time stamp does.
TEST(OkxTest, OrdersNameTheirEnd) {
    auto const order = signed_at(okx_spot, order_of("BTC-USDT", "leg1"));
    EXPECT_EQ(header_of(order, "expTime"), "1764000005000");
    EXPECT_EQ(base::to_unix_ms(order.expires_at), 1'764'000'005'000);
    auto const cancel = signed_at(okx_spot, model::CancelOrder{"BTC-USDT", "leg1"});
    EXPECT_EQ(header_of(cancel, "expTime"), "(none)");
    EXPECT_EQ(base::to_unix_ms(cancel.expires_at), 1'764'000'030'000);
}

// docs-v5/en/#overview-websocket-login.
TEST(OkxTest, StreamLogin) {
    auto how = okx_swap;
    how.window.timestamp_ms = 1'538'054'050'900;
    auto const request = signed_at(how, model::StreamLogin{.request_id = "login-1"});
    EXPECT_EQ(request.method, "WS");
    EXPECT_EQ(request.url, "wss://ws.okx.com:8443/ws/v5/private");
    EXPECT_EQ(request.body, R"({"op":"login","args":[{"apiKey":"aK3yOf0bscura","passphrase":)"
                            R"("aPassphrase","timestamp":"1538054050","sign":")" +
                                okx_signature("1538054050GET/users/self/verify") + R"("}]})");
    EXPECT_EQ(base::to_unix_ms(request.expires_at), 1'538'054'080'000);
}

TEST(OkxTest, DemoTradingIsAskedForByAHeader) {
    auto how = okx_swap;
    how.environment = model::Environment::testnet;
    auto const request = signed_at(how, order_of("BTC-USDT-SWAP", "leg1"));
    EXPECT_EQ(header_of(request, "x-simulated-trading"), "1");
    EXPECT_EQ(request.url, "https://www.okx.com:443/api/v5/trade/order");
    EXPECT_EQ(signed_at(how, model::StreamLogin{"1"}).url,
              "wss://wspap.okx.com:8443/ws/v5/private");
}

TEST(OkxTest, Refusals) {
    auto order = order_of("BTC-USDT-SWAP", "leg1");
    order.position_side = PositionSide::long_side;
    order.reduce_only = true;
    std::pair<model::VenueOperation, std::string_view> const of_swaps[] = {
        {order, "/operation/reduce_only"},
        {order_of("BTC-USDT", "leg1"), "/operation/symbol"},
        {order_of("BTC-USD-SWAP", "leg1"), "/operation/symbol"},
        {order_of("-USDT-SWAP", "leg1"), "/operation/symbol"},
        {order_of("BTC-USDT-SWAP", "leg-1"), "/operation/client_order_id"},
        {order_of("BTC-USDT-SWAP", std::string(33, 'a')), "/operation/client_order_id"},
        {model::ListTrades{.symbol = "BTC-USDT-SWAP", .venue_order_id = "a"},
         "/operation/venue_order_id"},
        {model::SetMarginMode{"BTC-USDT-SWAP", model::MarginMode::isolated}, "not_supported"},
        {model::PlaceTriggerOrder{}, "not_supported"},
        {model::ListenKey{}, "not_supported"}};
    for (auto const& [operation, why] : of_swaps)
        EXPECT_EQ(refusal_at(okx_swap, operation), why) << to_json(operation).dump();
    // A swap's name on spot would be an order of the other market.
    for (std::string_view const symbol :
         {"BTC-USDT-SWAP", "BTCUSDT", "-USDT", "BTC-", "btc-usdt", "BTC--USDT"})
        EXPECT_EQ(refusal_at(okx_spot, order_of(symbol, "leg1")), "/operation/symbol") << symbol;
    EXPECT_EQ(refusal_at(okx_spot, model::ReadPositionMode{}), "not_supported");
}

TEST(OkxTest, ACredentialHasAPassphrase) {
    auto how = okx_spot;
    for (std::string_view const bad : {"", "has blank", "line\r\nbreak"}) {
        how.passphrase = bad;
        EXPECT_EQ(refusal_at(how, model::ReadAccount{}), "invalid_credentials") << bad;
    }
}

}  // namespace
}  // namespace obscura::citadel
