#include "citadel/bybit.hpp"

#include "crypto/hmac.hpp"
#include "venue_fixture.hpp"

namespace obscura::citadel {
namespace {

using namespace test;
using model::Market;
using model::PositionSide;

constexpr Signing bybit_spot{.venue = "bybit"};
constexpr Signing bybit_linear{.venue = "bybit", .market = Market::futures};

// bybit-exchange.github.io/docs/v5/guide#create-a-request: the page gives what is signed, and a
// signature, but not the secret that made it.
TEST(BybitTest, DocumentedPlainText) {
    auto how = bybit_linear;
    how.api_key = "XXXXXXXXXX";
    how.window = {.timestamp_ms = 1'658'384'314'791, .receive_ms = 5000};
    auto const request = signed_at(how, model::QueryOrder{"BTCUSDT", "leg-1"});
    EXPECT_EQ(header_of(request, "X-BAPI-SIGN"),
              crypto::hmac_sha256_hex(how.secret,
                                      "1658384314791XXXXXXXXXX5000category=linear&symbol=BTCUSDT&"
                                      "orderLinkId=leg-1"));
    EXPECT_EQ(header_of(request, "X-BAPI-API-KEY"), "XXXXXXXXXX");
    EXPECT_EQ(header_of(request, "X-BAPI-TIMESTAMP"), "1658384314791");
    EXPECT_EQ(header_of(request, "X-BAPI-RECV-WINDOW"), "5000");
}

// The window is a header, and is signed with the rest.
TEST(BybitTest, TheWindowIsSigned) {
    auto how = bybit_spot;
    auto const order = order_of("BTCUSDT", "leg-1");
    auto const first = signed_at(how, order);
    how.window.receive_ms = 4999;
    auto const second = signed_at(how, order);
    EXPECT_EQ(header_of(second, "X-BAPI-RECV-WINDOW"), "4999");
    EXPECT_NE(header_of(first, "X-BAPI-SIGN"), header_of(second, "X-BAPI-SIGN"));
    EXPECT_EQ(base::to_unix_ms(second.expires_at), 1'764'000'004'999);
}

// docs/v5/ws/connect#authentication.
TEST(BybitTest, StreamLogin) {
    for (auto const& how : {bybit_spot, bybit_linear}) {
        auto const request = signed_at(how, model::StreamLogin{.request_id = "login-1"});
        EXPECT_EQ(request.method, "WS");
        EXPECT_EQ(request.url, "wss://stream.bybit.com:443/v5/private");
        EXPECT_EQ(request.body,
                  R"({"req_id":"login-1","op":"auth","args":["aK3yOf0bscura",1764000005000,")" +
                      crypto::hmac_sha256_hex(how.secret, "GET/realtime1764000005000") + R"("]})");
    }
}

TEST(BybitTest, HedgeModeNamesThePosition) {
    auto order = order_of("BTCUSDT", "leg-1");
    order.position_side = PositionSide::short_side;
    auto const request = signed_at(bybit_linear, order);
    EXPECT_NE(request.body.find(R"("positionIdx":2)"), std::string::npos) << request.body;
    EXPECT_EQ(refusal_at(bybit_spot, order), "/operation/position_side");
    order.reduce_only = true;
    EXPECT_EQ(refusal_at(bybit_linear, order), "/operation/reduce_only");
}

TEST(BybitTest, HasATestnetAndNoPaper) {
    auto how = bybit_linear;
    how.environment = model::Environment::testnet;
    EXPECT_TRUE(signed_at(how, model::ReadAccount{})
                    .url.starts_with("https://api-testnet.bybit.com:443/v5/"));
    EXPECT_EQ(bybit_addresses()[static_cast<std::size_t>(model::Environment::paper)].rest, "");
}

TEST(BybitTest, Refusals) {
    auto const order = [](auto change) {
        auto made = order_of("BTCUSDT", "leg-1");
        change(made);
        return model::VenueOperation(made);
    };
    using Order = model::PlaceOrder;
    std::pair<model::VenueOperation, std::string_view> const cases[] = {
        {order([](Order& o) { o.symbol = "btcusdt"; }), "/operation/symbol"},
        {order([](Order& o) { o.symbol = "BTC-USDT"; }), "/operation/symbol"},
        {order([](Order& o) { o.client_order_id = std::string(37, 'a'); }),
         "/operation/client_order_id"},
        {order([](Order& o) { o.client_order_id = "a.b"; }), "/operation/client_order_id"},
        {order([](Order& o) { o.quantity = {}; }), "/operation/quantity"},
        {order([](Order& o) { o.leverage = 3; }), "/operation/leverage"},
        {order([](Order& o) { o.limit_price.reset(); }), "/operation/limit_price"},
        {model::ListTrades{.symbol = "BTCUSDT", .from_id = 1}, "/operation/from_id"},
        {model::ListTrades{.symbol = "BTCUSDT", .limit = 0}, "/operation/limit"},
        {model::SetLeverage{"BTCUSDT", 0}, "/operation/leverage"},
        {model::SetMarginMode{"BTCUSDT", model::MarginMode::isolated}, "not_supported"},
        {model::ReadPositionMode{}, "not_supported"},
        {model::PlaceTriggerOrder{}, "not_supported"},
        {model::ListenKey{}, "not_supported"}};
    for (auto const& [operation, why] : cases)
        EXPECT_EQ(refusal_at(bybit_linear, operation), why) << to_json(operation).dump();
    EXPECT_EQ(refusal_at(bybit_spot, model::SetLeverage{"BTCUSDT", 2}), "not_supported");
    EXPECT_EQ(refusal_at(bybit_spot, model::ReadPositions{}), "not_supported");
}

}  // namespace
}  // namespace obscura::citadel
