#include "citadel/kucoin.hpp"

#include "crypto/base64.hpp"
#include "crypto/hmac.hpp"
#include "venue_fixture.hpp"

namespace obscura::citadel {
namespace {

using namespace test;
using model::Market;
using model::PositionSide;

constexpr Signing kucoin_spot{.venue = "kucoin"};
constexpr Signing kucoin_futures{.venue = "kucoin", .market = Market::futures};

std::string kucoin_signature(std::string_view text) {
    return crypto::base64_encode(crypto::hmac_sha256(kucoin_spot.secret, text));
}

model::PlaceOrder kucoin_open() {
    auto order = order_of("XBTUSDTM", "leg-1");
    order.leverage = 3;
    return order;
}

// www.kucoin.com/docs-new/authentication#signing-a-message: timestamp + method + endpoint + body,
// in base64, and the passphrase likewise; no secret is shown with a result.
TEST(KucoinTest, DocumentedPlainText) {
    auto const request = signed_at(kucoin_spot, model::ReadAccount{});
    EXPECT_EQ(request.url, "https://api.kucoin.com:443/api/v1/accounts?type=trade");
    EXPECT_EQ(header_of(request, "KC-API-SIGN"),
              kucoin_signature("1764000000000GET/api/v1/accounts?type=trade"));
    EXPECT_EQ(header_of(request, "KC-API-PASSPHRASE"), kucoin_signature("aPassphrase"));
    for (auto const& [name, value] : request.headers)
        EXPECT_EQ(value.find("aPassphrase"), std::string::npos) << name;
}

// A time stamp lives for 5 s: that of an order ends with the order's window.
TEST(KucoinTest, OrdersAreStampedByTheirEnd) {
    auto how = kucoin_futures;
    how.window.receive_ms = 1500;
    auto const order = signed_at(how, kucoin_open());
    EXPECT_EQ(header_of(order, "KC-API-TIMESTAMP"), "1763999996500");
    EXPECT_EQ(base::to_unix_ms(order.expires_at), 1'764'000'001'500);
    EXPECT_EQ(header_of(order, "KC-API-SIGN"),
              kucoin_signature("1763999996500POST/api/v1/orders" + order.body));
    auto const query = signed_at(how, model::QueryOrder{"XBTUSDTM", "leg-1"});
    EXPECT_EQ(header_of(query, "KC-API-TIMESTAMP"), "1764000000000");
    EXPECT_EQ(base::to_unix_ms(query.expires_at), 1'764'000'005'000);
}

TEST(KucoinTest, HasNoTestnet) {
    for (auto const environment : {model::Environment::testnet, model::Environment::paper})
        EXPECT_EQ(kucoin_addresses()[static_cast<std::size_t>(environment)].rest, "");
}

// What opens names its leverage; what closes need not.
TEST(KucoinTest, LeverageIsNamedByWhatOpens) {
    auto order = kucoin_open();
    order.leverage.reset();
    EXPECT_EQ(refusal_at(kucoin_futures, order), "/operation/leverage");
    order.position_side = PositionSide::short_side;
    auto const closing = signed_at(kucoin_futures, order);
    EXPECT_NE(closing.body.find(R"("reduceOnly":true,"positionSide":"SHORT")"), std::string::npos)
        << closing.body;
    order.leverage = 126;
    EXPECT_EQ(refusal_at(kucoin_futures, order), "/operation/leverage");
    auto of_spot = order_of("BTC-USDT", "leg-1");
    of_spot.leverage = 2;
    EXPECT_EQ(refusal_at(kucoin_spot, of_spot), "/operation/leverage");
}

TEST(KucoinTest, Refusals) {
    auto part = kucoin_open();
    part.quantity = *base::Quantity::parse("0.5");
    auto all_or_none = kucoin_open();
    all_or_none.time_in_force = model::TimeInForce::fok;
    using Action = model::ListenKey::Action;
    std::pair<model::VenueOperation, std::string_view> const of_futures[] = {
        {part, "/operation/quantity"},
        {all_or_none, "/operation/time_in_force"},
        {order_of("XBTUSDM", "leg-1"), "/operation/symbol"},
        {order_of("BTC-USDT", "leg-1"), "/operation/symbol"},
        {order_of("XBTUSDTM", std::string(41, 'a')), "/operation/client_order_id"},
        {order_of("XBTUSDTM", "a/b"), "/operation/client_order_id"},
        {model::ListTrades{.symbol = "XBTUSDTM", .venue_order_id = "A"},
         "/operation/venue_order_id"},
        {model::SetLeverage{"XBTUSDTM", 2}, "not_supported"},
        {model::ListenKey{Action::keep_alive}, "not_supported"},
        {model::ListenKey{Action::close}, "not_supported"},
        {model::StreamLogin{"1"}, "not_supported"},
        {model::PlaceTriggerOrder{}, "not_supported"}};
    for (auto const& [operation, why] : of_futures)
        EXPECT_EQ(refusal_at(kucoin_futures, operation), why) << to_json(operation).dump();
    EXPECT_EQ(refusal_at(kucoin_spot, order_of("XBTUSDTM", "leg-1")), "/operation/symbol");
    EXPECT_EQ(refusal_at(kucoin_spot, model::ReadPositions{}), "not_supported");
}

}  // namespace
}  // namespace obscura::citadel
