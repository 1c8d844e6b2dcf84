#include "citadel/binance_futures.hpp"

#include "binance_fixture.hpp"

namespace obscura::citadel {
namespace {

using namespace test;
using model::PositionSide;

ports::SignedRequest sign(model::VenueOperation const& operation) {
    auto request = sign_binance_futures(endpoints, hmac_credentials(), operation, window);
    EXPECT_TRUE(request) << to_json(operation).dump();
    return request.value_or(ports::SignedRequest{});
}

/// What is signed before the window.
std::string parameters_of(model::VenueOperation const& operation) {
    auto const request = sign(operation);
    auto const& text = request.method == "POST" ? request.body : request.url;
    auto const from = request.method == "POST" ? 0 : text.find('?') + 1;
    auto const to = text.find("&recvWindow=");
    return text.substr(from, to == std::string::npos ? to : to - from);
}

model::PlaceOrder market_sell() {
    return {.symbol = "BTCUSDT",
            .side = model::Side::sell,
            .quantity = *base::Quantity::parse("0.002"),
            .client_order_id = "leg-1"};
}

model::PlaceTriggerOrder stop() {
    return {.symbol = "BTCUSDT",
            .side = model::Side::sell,
            .trigger_price = *base::Price::parse("80000.5"),
            .client_order_id = "stop-1"};
}

// developers.binance.com/docs/derivatives/usds-margined-futures/general-info, "SIGNED Endpoint
// Examples".
TEST(BinanceFuturesTest, DocumentedSignature) {
    auto const credentials = ApiCredentials::from_fields(
        binance.credentials,
        fields({{"api_key", "dbefbc809e3e83c283a984c3a1459732ea7db1360ca80c5c2c8867408d28cc83"},
                {"secret", "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"}}));
    ASSERT_TRUE(credentials);
    EXPECT_EQ(credentials->sign("symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&"
                                "timeInForce=GTC&recvWindow=5000&timestamp=1591702613943",
                                SignatureForm::sha256_hex),
              "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9");
}

TEST(BinanceFuturesTest, AnOrder) {
    auto const request = sign(limit_order());
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.url, "https://futures.test:443/fapi/v1/order");
    EXPECT_EQ(header(request, "X-MBX-APIKEY"), binance_key);
    EXPECT_EQ(header(request, "Content-Type"), "application/x-www-form-urlencoded");
    EXPECT_EQ(request.body, with_signature("symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&"
                                           "quantity=1&price=0.1&newClientOrderId=leg-1&"
                                           "newOrderRespType=RESULT&" +
                                           std::string(window_text)));
    EXPECT_EQ(base::to_unix_ms(request.expires_at), 1'499'827'324'559);
}

TEST(BinanceFuturesTest, OneWayReducesAndHedgeNamesThePosition) {
    constexpr std::string_view start =
        "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.002&newClientOrderId=leg-1&";
    auto const order = [&](PositionSide side, bool reduce_only) {
        auto made = market_sell();
        made.position_side = side;
        made.reduce_only = reduce_only;
        return made;
    };
    auto const text = [&](PositionSide side, bool reduce_only) {
        auto const parameters = parameters_of(order(side, reduce_only));
        EXPECT_TRUE(parameters.starts_with(start)) << parameters;
        return parameters.substr(start.size());
    };
    EXPECT_EQ(text(PositionSide::both, false), "newOrderRespType=RESULT");
    EXPECT_EQ(text(PositionSide::both, true), "reduceOnly=true&newOrderRespType=RESULT");
    EXPECT_EQ(text(PositionSide::long_side, false), "positionSide=LONG&newOrderRespType=RESULT");
    EXPECT_EQ(text(PositionSide::short_side, false), "positionSide=SHORT&newOrderRespType=RESULT");
    for (auto const side : {PositionSide::long_side, PositionSide::short_side}) {
        auto const request =
            sign_binance_futures(endpoints, hmac_credentials(), order(side, true), window);
        ASSERT_FALSE(request);
        EXPECT_EQ(request.error().fields.at(0).pointer, "/operation/reduce_only");
    }
}

TEST(BinanceFuturesTest, TriggerOrders) {
    auto const request = sign(stop());
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.url, "https://futures.test:443/fapi/v1/algoOrder");
    EXPECT_EQ(parameters_of(stop()),
              "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&triggerPrice=80000.5&"
              "workingType=MARK_PRICE&closePosition=true&clientAlgoId=stop-1");
    auto target = stop();
    target.trigger = model::TriggerKind::take_profit;
    target.watches = model::TriggerPrice::last;
    target.quantity = base::Quantity(2);
    EXPECT_EQ(parameters_of(target),
              "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=TAKE_PROFIT_MARKET&"
              "triggerPrice=80000.5&workingType=CONTRACT_PRICE&quantity=2&reduceOnly=true&"
              "clientAlgoId=stop-1");
    target.position_side = PositionSide::long_side;
    EXPECT_EQ(parameters_of(target),
              "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=TAKE_PROFIT_MARKET&"
              "triggerPrice=80000.5&workingType=CONTRACT_PRICE&quantity=2&positionSide=LONG&"
              "clientAlgoId=stop-1");
}

struct PlainCase {
    model::VenueOperation operation;
    std::string_view method, path, parameters;
};

TEST(BinanceFuturesTest, SettingsAndReads) {
    PlainCase const cases[] = {
        {model::QueryOrder{"BTCUSDT", "leg-1"}, "GET", "/fapi/v1/order",
         "symbol=BTCUSDT&origClientOrderId=leg-1&"},
        {model::CancelOrder{"BTCUSDT", "leg-1"}, "DELETE", "/fapi/v1/order",
         "symbol=BTCUSDT&origClientOrderId=leg-1&"},
        {model::QueryTriggerOrder{"BTCUSDT", "stop-1"}, "GET", "/fapi/v1/algoOrder",
         "clientAlgoId=stop-1&"},
        {model::CancelTriggerOrder{"BTCUSDT", "stop-1"}, "DELETE", "/fapi/v1/algoOrder",
         "clientAlgoId=stop-1&"},
        {model::SetLeverage{"BTCUSDT", 3}, "POST", "/fapi/v1/leverage",
         "symbol=BTCUSDT&leverage=3&"},
        {model::SetMarginMode{"BTCUSDT", model::MarginMode::isolated}, "POST",
         "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=ISOLATED&"},
        {model::SetMarginMode{"BTCUSDT", model::MarginMode::cross}, "POST", "/fapi/v1/marginType",
         "symbol=BTCUSDT&marginType=CROSSED&"},
        {model::ReadPositions{}, "GET", "/fapi/v3/positionRisk", ""},
        {model::ReadPositions{"BTCUSDT"}, "GET", "/fapi/v3/positionRisk", "symbol=BTCUSDT&"},
        {model::ReadPositionMode{}, "GET", "/fapi/v1/accountConfig", ""},
        {model::ReadAccount{}, "GET", "/fapi/v3/account", ""},
        {model::ListTrades{.symbol = "BTCUSDT", .from_id = 9, .limit = 5}, "GET",
         "/fapi/v1/userTrades", "symbol=BTCUSDT&fromId=9&limit=5&"}};
    for (auto const& c : cases) {
        auto const request = sign(c.operation);
        auto const text = with_signature(std::string(c.parameters) + std::string(window_text));
        auto const url = "https://futures.test:443" + std::string(c.path);
        bool const in_body = c.method == "POST";
        EXPECT_EQ(request.method, c.method);
        EXPECT_EQ(request.url, in_body ? url : url + "?" + text);
        EXPECT_EQ(request.body, in_body ? text : "");
        EXPECT_EQ(header(request, "X-MBX-APIKEY"), binance_key);
    }
}

// The venue wants the key of the account and nothing else: no signature that somebody could use.
TEST(BinanceFuturesTest, ListenKeysCarryTheApiKeyAlone) {
    using Action = model::ListenKey::Action;
    for (auto const& [action, method] :
         {std::pair(Action::create, "POST"), std::pair(Action::keep_alive, "PUT"),
          std::pair(Action::close, "DELETE")}) {
        auto const request = sign(model::ListenKey{action});
        EXPECT_EQ(request.method, method);
        EXPECT_EQ(request.url, "https://futures.test:443/fapi/v1/listenKey");
        EXPECT_EQ(request.body, "");
        ASSERT_EQ(request.headers.size(), 1U);
        EXPECT_EQ(header(request, "X-MBX-APIKEY"), binance_key);
        EXPECT_EQ(base::to_unix_ms(request.expires_at), 1'499'827'324'559);
    }
}

TEST(BinanceFuturesTest, OneHostServesBothOnPaper) {
    VenueEndpoints const paper{.rest = "http://127.0.0.1:8010", .websocket = "", .futures = ""};
    auto const request = sign_binance_futures(paper, hmac_credentials(), limit_order(), window);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->url, "http://127.0.0.1:8010/fapi/v1/order");
}

TEST(BinanceFuturesTest, BadOperations) {
    auto const order = [](auto change) {
        auto made = market_sell();
        change(made);
        return model::VenueOperation(made);
    };
    auto const trigger = [](auto change) {
        auto made = stop();
        change(made);
        return model::VenueOperation(made);
    };
    using Order = model::PlaceOrder;
    using Trigger = model::PlaceTriggerOrder;
    std::pair<model::VenueOperation, std::string_view> const cases[] = {
        {order([](Order& o) { o.symbol = "btcusdt"; }), "/operation/symbol"},
        {order([](Order& o) { o.quantity = {}; }), "/operation/quantity"},
        {order([](Order& o) { o.leverage = 3; }), "/operation/leverage"},
        {order([](Order& o) { o.client_order_id = "a&b"; }), "/operation/client_order_id"},
        {order([](Order& o) { o.type = model::OrderType::limit; }), "/operation/limit_price"},
        {trigger([](Trigger& o) { o.symbol = "BTC USDT"; }), "/operation/symbol"},
        {trigger([](Trigger& o) { o.client_order_id = std::string(37, 'a'); }),
         "/operation/client_order_id"},
        {trigger([](Trigger& o) { o.trigger_price = {}; }), "/operation/trigger_price"},
        {trigger([](Trigger& o) { o.quantity = base::Quantity(0); }), "/operation/quantity"},
        {trigger([](Trigger& o) { o.position_side = PositionSide::short_side; }),
         "/operation/side"},
        {trigger([](Trigger& o) {
             o.side = model::Side::buy;
             o.position_side = PositionSide::long_side;
         }),
         "/operation/side"},
        {model::QueryOrder{"BTCUSDT", ""}, "/operation/client_order_id"},
        {model::CancelTriggerOrder{"BTCUSDT", "a b"}, "/operation/client_order_id"},
        {model::QueryTriggerOrder{"b", "a"}, "/operation/symbol"},
        {model::SetLeverage{"BTCUSDT", 0}, "/operation/leverage"},
        {model::SetLeverage{"BTCUSDT", 126}, "/operation/leverage"},
        {model::SetLeverage{"BTC&x=1", 1}, "/operation/symbol"},
        {model::SetMarginMode{"x", model::MarginMode::cross}, "/operation/symbol"},
        {model::ReadPositions{"x y"}, "/operation/symbol"},
        {model::ListTrades{.symbol = "BTCUSDT", .limit = 1001}, "/operation/limit"}};
    for (auto const& [operation, pointer] : cases) {
        auto const request = sign_binance_futures(endpoints, hmac_credentials(), operation, window);
        ASSERT_FALSE(request) << to_json(operation).dump();
        EXPECT_EQ(request.error().code, base::Errc::invalid_argument);
        ASSERT_EQ(request.error().fields.size(), 1U) << to_json(operation).dump();
        EXPECT_EQ(request.error().fields[0].pointer, pointer) << to_json(operation).dump();
    }
    auto const login = sign_binance_futures(endpoints, hmac_credentials(),
                                            model::StreamLogin{.request_id = "1"}, window);
    ASSERT_FALSE(login);
    EXPECT_EQ(login.error().reason, "not_supported");
}

}  // namespace
}  // namespace obscura::citadel
