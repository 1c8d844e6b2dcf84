#include "citadel/binance_spot.hpp"

#include "binance_fixture.hpp"
#include "citadel/binance_futures.hpp"
#include "crypto/base64.hpp"
#include "net/http.hpp"

namespace obscura::citadel {
namespace {

using namespace std::chrono_literals;
using namespace test;

// RFC 8410 §10.3.
constexpr std::string_view private_pem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
    "-----END PRIVATE KEY-----\n";

ports::SignedRequest sign(model::VenueOperation const& operation) {
    auto request = sign_binance_spot(endpoints, hmac_credentials(), operation, window);
    EXPECT_TRUE(request);
    return request.value_or(ports::SignedRequest{});
}

TEST(BinanceSpotTest, DocumentedSignature) {
    EXPECT_EQ(hmac_credentials().sign(
                  "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&"
                  "recvWindow=5000&timestamp=1499827319559",
                  SignatureForm::sha256_hex),
              "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71");
}

TEST(BinanceSpotTest, LimitOrder) {
    auto const request = sign(limit_order());
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.url, "https://venue.test:443/api/v3/order");
    EXPECT_EQ(header(request, "X-MBX-APIKEY"), binance_key);
    EXPECT_EQ(header(request, "Content-Type"), "application/x-www-form-urlencoded");
    EXPECT_EQ(request.body, with_signature("symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&"
                                           "quantity=1&price=0.1&newClientOrderId=leg-1&"
                                           "newOrderRespType=FULL&recvWindow=5000&"
                                           "timestamp=1499827319559000"));
    EXPECT_EQ(base::to_unix_ms(request.expires_at), 1'499'827'324'559);
}

TEST(BinanceSpotTest, MarketOrder) {
    model::PlaceOrder const order{.symbol = "BTCUSDT",
                                  .side = model::Side::sell,
                                  .quantity = *base::Quantity::parse("0.000000000001"),
                                  .client_order_id = "a:b/c.d_e-F",
                                  .reduce_only = true};
    // Plain notation, and the venue's own characters escaped before they are signed. Spot knows no
    // reduce-only.
    EXPECT_EQ(sign(order).body,
              with_signature("symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.000000000001&"
                             "newClientOrderId=a%3Ab%2Fc.d_e-F&newOrderRespType=FULL&"
                             "recvWindow=5000&timestamp=1499827319559000"));
}

// Shown to futures, whose orders have the same words, it is an order of the far future: they count
// in milliseconds, and take no time stamp that is a second ahead.
TEST(BinanceSpotTest, AnOrderIsNoOrderOfFutures) {
    auto order = limit_order();
    order.side = model::Side::sell;
    auto const stamp_of = [](std::string const& text) {
        auto const at = text.find("&timestamp=") + 11;
        return std::stoll(text.substr(at, text.find('&', at) - at));
    };
    auto const of_futures = sign_binance_futures(endpoints, hmac_credentials(), order, window);
    EXPECT_EQ(stamp_of(of_futures->body), window.timestamp_ms);
    EXPECT_GT(stamp_of(sign(order).body), window.timestamp_ms + 365LL * 86'400'000);
}

TEST(BinanceSpotTest, TimeInForce) {
    for (auto const& [tif, name] : {std::pair(model::TimeInForce::ioc, "timeInForce=IOC&"),
                                    std::pair(model::TimeInForce::fok, "timeInForce=FOK&")}) {
        auto order = limit_order();
        order.time_in_force = tif;
        EXPECT_NE(sign(order).body.find(name), std::string::npos);
    }
}

TEST(BinanceSpotTest, RequestsWithoutABodySignTheirQuery) {
    struct Case {
        model::VenueOperation operation;
        std::string_view method, path, parameters;
    };
    Case const cases[] = {
        {model::QueryOrder{.symbol = "BTCUSDT", .client_order_id = "leg-1"}, "GET", "/api/v3/order",
         "symbol=BTCUSDT&origClientOrderId=leg-1&"},
        {model::CancelOrder{.symbol = "BTCUSDT", .client_order_id = "leg-1"}, "DELETE",
         "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=leg-1&"},
        {model::ListTrades{.symbol = "BTCUSDT"}, "GET", "/api/v3/myTrades",
         "symbol=BTCUSDT&limit=1000&"},
        {model::ListTrades{.symbol = "BTCUSDT", .from_id = 9, .venue_order_id = "12", .limit = 5},
         "GET", "/api/v3/myTrades", "symbol=BTCUSDT&orderId=12&fromId=9&limit=5&"},
        {model::ListTrades{.symbol = "BTCUSDT", .start_time = base::from_unix_ms(17)}, "GET",
         "/api/v3/myTrades", "symbol=BTCUSDT&startTime=17&limit=1000&"},
        {model::ReadAccount{}, "GET", "/api/v3/account", ""},
        {model::ReadKeyRights{}, "GET", "/sapi/v1/account/apiRestrictions", ""}};
    for (auto const& c : cases) {
        auto const request = sign(c.operation);
        EXPECT_EQ(request.method, c.method);
        EXPECT_EQ(request.body, "");
        EXPECT_EQ(request.url, "https://venue.test:443" + std::string(c.path) + "?" +
                                   with_signature(std::string(c.parameters) +
                                                  "recvWindow=5000&timestamp=1499827319559"));
        EXPECT_EQ(header(request, "X-MBX-APIKEY"), binance_key);
    }
}

TEST(BinanceSpotTest, StreamLogin) {
    auto const request = sign(model::StreamLogin{.request_id = "login-1"});
    EXPECT_EQ(request.method, "WS");
    EXPECT_EQ(request.url, "wss://venue.test:443/ws-api/v3");
    auto const signature =
        crypto::hmac_sha256_hex(binance_secret, "apiKey=" + std::string(binance_key) +
                                                    "&recvWindow=5000&timestamp=1499827319559");
    EXPECT_EQ(request.body, R"({"id":"login-1","method":"userDataStream.subscribe.signature",)"
                            R"("params":{"apiKey":")" +
                                std::string(binance_key) +
                                R"(","recvWindow":5000,"timestamp":1499827319559,"signature":")" +
                                signature + R"("}})");
}

TEST(BinanceSpotTest, Ed25519SignsTheExactBytes) {
    auto const credentials = ApiCredentials::from_fields(
        binance.credentials,
        fields({{"api_key", binance_key}, {"private_key", private_pem}, {"key_type", "ed25519"}}));
    ASSERT_TRUE(credentials);
    auto const verifier = crypto::Ed25519PrivateKey::from_pem(private_pem)->public_key();
    auto const rest = sign_binance_spot(endpoints, *credentials, limit_order(), window);
    ASSERT_TRUE(rest);
    auto const at = rest->body.find("&signature=");
    ASSERT_NE(at, std::string::npos);
    auto const escaped = rest->body.substr(at + 11);
    EXPECT_EQ(escaped.find_first_of("+/="), std::string::npos);
    auto const signature = crypto::base64_decode(*net::percent_decode(escaped));
    ASSERT_TRUE(signature);
    EXPECT_TRUE(verifier.verify(rest->body.substr(0, at), *signature));

    auto const login =
        sign_binance_spot(endpoints, *credentials, model::StreamLogin{.request_id = "1"}, window);
    ASSERT_TRUE(login);
    auto const params = (*base::parse_json(login->body))["params"];
    auto const plain = crypto::base64_decode(params["signature"].as_string());
    ASSERT_TRUE(plain);
    EXPECT_TRUE(verifier.verify(
        "apiKey=" + std::string(binance_key) + "&recvWindow=5000&timestamp=1499827319559", *plain));
}

TEST(BinanceSpotTest, BadOperations) {
    auto const order = [](auto change) {
        auto made = limit_order();
        change(made);
        return model::VenueOperation(made);
    };
    using Order = model::PlaceOrder;
    std::pair<model::VenueOperation, std::string_view> const cases[] = {
        {order([](Order& o) { o.symbol = "ltcbtc"; }), "/operation/symbol"},
        {order([](Order& o) { o.symbol = "L"; }), "/operation/symbol"},
        {order([](Order& o) { o.symbol = std::string(25, 'A'); }), "/operation/symbol"},
        {order([](Order& o) { o.symbol = "LTC&side=SELL"; }), "/operation/symbol"},
        {order([](Order& o) { o.client_order_id = ""; }), "/operation/client_order_id"},
        {order([](Order& o) { o.client_order_id = std::string(37, 'a'); }),
         "/operation/client_order_id"},
        {order([](Order& o) { o.client_order_id = "a b"; }), "/operation/client_order_id"},
        {order([](Order& o) { o.client_order_id = "a&b"; }), "/operation/client_order_id"},
        {order([](Order& o) { o.quantity = {}; }), "/operation/quantity"},
        {order([](Order& o) { o.quantity = base::Quantity(-1); }), "/operation/quantity"},
        {order([](Order& o) { o.position_side = model::PositionSide::long_side; }),
         "/operation/position_side"},
        {order([](Order& o) { o.limit_price.reset(); }), "/operation/limit_price"},
        {order([](Order& o) { o.limit_price = base::Price(); }), "/operation/limit_price"},
        {model::QueryOrder{.symbol = "btc", .client_order_id = "a"}, "/operation/symbol"},
        {model::CancelOrder{.symbol = "BTCUSDT", .client_order_id = "\n"},
         "/operation/client_order_id"},
        {model::ListTrades{.symbol = "x"}, "/operation/symbol"},
        {model::ListTrades{.symbol = "BTCUSDT", .limit = 0}, "/operation/limit"},
        {model::ListTrades{.symbol = "BTCUSDT", .limit = 1001}, "/operation/limit"},
        {model::ListTrades{.symbol = "BTCUSDT", .venue_order_id = "1&x"},
         "/operation/venue_order_id"},
        {model::ListTrades{.symbol = "BTCUSDT", .from_id = 1, .start_time = base::from_unix_ms(1)},
         "/operation/start_time_ms"},
        {model::StreamLogin{.request_id = "\"}"}, "/operation/request_id"},
        {model::StreamLogin{.request_id = ""}, "/operation/request_id"}};
    for (auto const& [operation, pointer] : cases) {
        auto const request = sign_binance_spot(endpoints, hmac_credentials(), operation, window);
        ASSERT_FALSE(request) << to_json(operation).dump();
        EXPECT_EQ(request.error().code, base::Errc::invalid_argument);
        ASSERT_EQ(request.error().fields.size(), 1U);
        EXPECT_EQ(request.error().fields[0].pointer, pointer) << to_json(operation).dump();
    }
}

TEST(BinanceSpotTest, KnowsNoFutures) {
    model::VenueOperation const cases[] = {model::PlaceTriggerOrder{},  model::QueryTriggerOrder{},
                                           model::CancelTriggerOrder{}, model::SetLeverage{},
                                           model::SetMarginMode{},      model::ReadPositions{},
                                           model::ReadPositionMode{},   model::ListenKey{}};
    for (auto const& operation : cases) {
        auto const request = sign_binance_spot(endpoints, hmac_credentials(), operation, window);
        ASSERT_FALSE(request) << kind_of(operation);
        EXPECT_EQ(request.error().reason, "not_supported");
    }
}

TEST(BinanceSpotTest, BadCredentials) {
    std::map<std::string, base::Secret> cases[] = {
        fields({}),
        fields({{"api_key", binance_key}}),
        fields({{"secret", binance_secret}}),
        fields({{"api_key", ""}, {"secret", binance_secret}}),
        fields({{"api_key", "a\r\nX: y"}, {"secret", binance_secret}}),
        fields({{"api_key", std::string(257, 'a')}, {"secret", binance_secret}}),
        fields({{"api_key", binance_key}, {"secret", "has blank"}}),
        fields(
            {{"api_key", binance_key}, {"secret", binance_secret}, {"private_key", private_pem}}),
        fields({{"api_key", binance_key}, {"secret", binance_secret}, {"key_type", "ed25519"}}),
        fields({{"api_key", binance_key}, {"private_key", private_pem}, {"key_type", "rsa"}}),
        fields({{"api_key", binance_key}, {"private_key", "not a key"}}),
        fields({{"api_key", binance_key}, {"secret", binance_secret}, {"passphrase", "p"}})};
    for (auto& given : cases) {
        auto const made = ApiCredentials::from_fields(binance.credentials, std::move(given));
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().reason, "invalid_credentials");
        EXPECT_EQ(made.error().detail.find(binance_secret), std::string::npos);
    }
}

TEST(RequestWindowTest, EndsNoLaterThanAsked) {
    auto const now = base::from_unix_us(1'764'000'000'000'900);
    auto const until = [&](std::chrono::microseconds ahead) {
        return RequestWindow::until(now + ahead, now, 60s);
    };
    auto const five = until(5s);
    ASSERT_TRUE(five);
    EXPECT_EQ(five->timestamp_ms, 1'764'000'000'000);
    EXPECT_EQ(five->receive_ms, 5000);
    EXPECT_EQ(until(60s)->receive_ms, 60'000);
    EXPECT_EQ(until(1ms)->receive_ms, 1);
    for (auto const ahead : std::initializer_list<std::chrono::microseconds>{0us, 50us, -1s}) {
        EXPECT_EQ(until(ahead).error().reason, "not_after_passed") << ahead.count();
    }
    EXPECT_EQ(until(60s + 1ms).error().reason, "not_after_too_far");
    for (int us = 1000; us < 10'000; us += 7) {
        auto const not_after = now + std::chrono::microseconds(us);
        auto const made = RequestWindow::until(not_after, now, 60s);
        ASSERT_TRUE(made);
        EXPECT_LE(base::from_unix_ms(made->timestamp_ms + made->receive_ms), not_after);
    }
}

}  // namespace
}  // namespace obscura::citadel
