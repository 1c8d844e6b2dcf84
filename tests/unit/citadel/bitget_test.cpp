#include "citadel/bitget.hpp"

#include "citadel/bitget_operations.hpp"
#include "crypto/base64.hpp"
#include "crypto/hmac.hpp"
#include "venue_fixture.hpp"

namespace obscura::citadel {
namespace {

using namespace test;
using model::Market;
using model::PositionSide;

constexpr Signing bitget_spot{.venue = "bitget"};
constexpr Signing bitget_futures{.venue = "bitget", .market = Market::futures};

std::string bitget_signature(std::string_view text) {
    return crypto::base64_encode(crypto::hmac_sha256(bitget_spot.secret, text));
}

// www.bitget.com/api-doc/common/signature: the page says what is signed, for
// "16273667805456GET/api/mix/v2/market/depth?limit=20&symbol=BTCUSDT", and shows no secret.
TEST(BitgetTest, DocumentedPlainText) {
    auto how = bitget_spot;
    how.window.timestamp_ms = 16'273'667'805'456;
    auto const request = signed_at(how, model::ListTrades{.symbol = "BTCUSDT", .limit = 20});
    EXPECT_EQ(header_of(request, "ACCESS-TIMESTAMP"), "16273667805456");
    EXPECT_EQ(
        header_of(request, "ACCESS-SIGN"),
        bitget_signature("16273667805456GET/api/v2/spot/trade/fills?limit=20&symbol=BTCUSDT"));
    EXPECT_EQ(header_of(request, "ACCESS-PASSPHRASE"), how.passphrase);
    EXPECT_EQ(header_of(request, "PAPTRADING"), "(none)");
}

// api-doc/spot/trade/Place-Order. In the body, and so signed.
TEST(BitgetTest, OrdersOfSpotSayTheirEnd) {
    auto const order = signed_at(bitget_spot, order_of("BTCUSDT", "leg-1"));
    EXPECT_NE(order.body.find(R"("requestTime":"1764000000000","receiveWindow":"5000")"),
              std::string::npos)
        << order.body;
    EXPECT_EQ(base::to_unix_ms(order.expires_at), 1'764'000'005'000);
}

// api-doc/contract/trade/Place-Order has no words for it.
TEST(BitgetTest, OrdersOfPerpetualsWithoutAnEndOnlyClose) {
    auto order = order_of("BTCUSDT", "leg-1");
    EXPECT_EQ(refusal_at(bitget_futures, order), "no_expiry");
    order.reduce_only = true;
    EXPECT_EQ(refusal_at(bitget_futures, order), "");
    order.reduce_only = false;
    order.position_side = PositionSide::long_side;
    EXPECT_EQ(refusal_at(bitget_futures, order), "no_expiry") << "buys more of the long";
    order.position_side = PositionSide::short_side;
    EXPECT_EQ(refusal_at(bitget_futures, order), "") << "buys back the short";
}

// The side is that of the position in hedge mode, and of the order in one-way mode.
TEST(BitgetTest, SidesAndPositions) {
    auto const words = [](model::Side side, PositionSide position) {
        auto order = order_of("BTCUSDT", "leg-1");
        order.side = side;
        order.position_side = position;
        auto const draft = bitget_futures_draft(order);
        EXPECT_TRUE(draft);
        auto const& body = *draft->body;
        auto const trade = body["tradeSide"];
        return body["side"].as_string() + (trade.is_string() ? " " + trade.as_string() : "");
    };
    using enum model::Side;
    EXPECT_EQ(words(buy, PositionSide::both), "buy");
    EXPECT_EQ(words(sell, PositionSide::both), "sell");
    EXPECT_EQ(words(buy, PositionSide::long_side), "buy open");
    EXPECT_EQ(words(sell, PositionSide::long_side), "buy close");
    EXPECT_EQ(words(sell, PositionSide::short_side), "sell open");
    EXPECT_EQ(words(buy, PositionSide::short_side), "sell close");
}

// api-doc/common/websocket-intro, "Login".
TEST(BitgetTest, StreamLogin) {
    auto const request = signed_at(bitget_futures, model::StreamLogin{.request_id = "login-1"});
    EXPECT_EQ(request.method, "WS");
    EXPECT_EQ(request.url, "wss://ws.bitget.com:443/v2/ws/private");
    EXPECT_EQ(request.body, R"({"op":"login","args":[{"apiKey":"aK3yOf0bscura","passphrase":)"
                            R"("aPassphrase","timestamp":"1764000000","sign":")" +
                                bitget_signature("1764000000GET/user/verify") + R"("}]})");
}

TEST(BitgetTest, DemoTradingIsAskedForByAHeader) {
    auto how = bitget_spot;
    how.environment = model::Environment::testnet;
    EXPECT_EQ(header_of(signed_at(how, order_of("BTCUSDT", "leg-1")), "PAPTRADING"), "1");
    EXPECT_EQ(signed_at(how, model::StreamLogin{"1"}).url,
              "wss://wspap.bitget.com:443/v2/ws/private");
}

TEST(BitgetTest, Refusals) {
    std::pair<model::VenueOperation, std::string_view> const of_futures[] = {
        {order_of("BTC-USDT", "leg-1"), "/operation/symbol"},
        {order_of("BTCUSDT", "leg:1"), "/operation/client_order_id"},
        {order_of("BTCUSDT", std::string(33, 'a')), "/operation/client_order_id"},
        {model::ListTrades{.symbol = "BTCUSDT", .from_id = 1}, "/operation/from_id"},
        {model::SetLeverage{"BTCUSDT", 126}, "/operation/leverage"},
        {model::PlaceTriggerOrder{}, "not_supported"},
        {model::ListenKey{}, "not_supported"}};
    for (auto const& [operation, why] : of_futures)
        EXPECT_EQ(refusal_at(bitget_futures, operation), why) << to_json(operation).dump();
    EXPECT_EQ(refusal_at(bitget_spot, order_of("BTCUSDT", "leg-1", model::OrderType::market)),
              "not_supported")
        << "spends quote";
    EXPECT_EQ(refusal_at(bitget_spot, model::ReadPositions{}), "not_supported");
}

}  // namespace
}  // namespace obscura::citadel
