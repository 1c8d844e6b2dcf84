#include "paper/protocol/params.hpp"
#include "paper/protocol/order_request.hpp"

#include <gtest/gtest.h>

namespace obscura::paper {
namespace {

TEST(PaperParams, SignedBytesAreQueryAndBodyWithoutTheSignature) {
    struct Case {
        std::string query, body, signed_bytes;
    };
    for (auto const& c :
         {Case{"a=1&b=2&signature=xyz", "", "a=1&b=2"}, Case{"a=1", "b=2&signature=xyz", "a=1b=2"},
          Case{"a=1&signature=xyz", "b=2", "a=1b=2"}, Case{"", "signature=xyz&a=1", "a=1"},
          Case{"a=1&signature=xyz&b=2", "", "a=1&b=2"}, Case{"", "signature=xyz", ""},
          Case{"a=%20x&signatures=1&b=+", "", "a=%20x&signatures=1&b=+"}}) {
        auto const params = Params::from_http(c.query, c.body);
        ASSERT_TRUE(params) << c.query;
        EXPECT_EQ(params->signed_bytes(), c.signed_bytes);
    }
}

TEST(PaperParams, WebSocketParamsAreSignedSortedByKey) {
    auto const json = base::parse_json(
        R"({"symbol":"BTCUSDT","apiKey":"k","signature":"s","price":"0.2","timestamp":1660801715830})");
    auto const params = Params::from_json(*json);
    ASSERT_TRUE(params);
    EXPECT_EQ(params->signed_bytes(), "apiKey=k&price=0.2&symbol=BTCUSDT&timestamp=1660801715830");
    EXPECT_EQ(params->find("signature"), "s");
}

TEST(PaperParams, WhatIsExtractedStaysSigned) {
    auto const json = base::parse_json(R"({"returnRateLimits":false,"apiKey":"k"})");
    auto params = Params::from_json(*json);
    ASSERT_TRUE(params);
    EXPECT_EQ(params->extract("returnRateLimits"), "false");
    EXPECT_EQ(params->extract("returnRateLimits"), std::nullopt);
    EXPECT_EQ(params->size(), 1U);
    EXPECT_EQ(params->signed_bytes(), "apiKey=k&returnRateLimits=false");
}

TEST(PaperParams, BadFormsAreRefused) {
    EXPECT_EQ(Params::from_http("a=1&a=2", "").error().code, -1101);
    EXPECT_EQ(Params::from_http("a=1", "a=2").error().code, -1101);
    EXPECT_EQ(Params::from_http("a=%zz", "").error().code, -1100);
    std::string many;
    for (int i = 0; i < 65; ++i) many += "p" + std::to_string(i) + "=1&";
    EXPECT_EQ(Params::from_http(many, "").error().code, -1101);
    EXPECT_EQ(Params::from_json(*base::parse_json("[1]")).error().code, -1102);
    EXPECT_EQ(Params::from_json(*base::parse_json(R"({"a":{}})")).error().code, -1100);
}

struct BadOrder {
    std::string form;
    int code;
    std::string message;
};

class PaperOrderRequest : public testing::TestWithParam<BadOrder> {};

TEST_P(PaperOrderRequest, IsRefusedInTheVenuesWords) {
    Catalogue const catalogue;
    auto const params = Params::from_http("", GetParam().form);
    ASSERT_TRUE(params);
    ParamReader reader(*params);
    (void)read_order(reader, catalogue);
    auto const read = reader.finish();
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, GetParam().code) << read.error().message;
    EXPECT_EQ(read.error().message, GetParam().message);
}

std::string mandatory(std::string const& name) {
    return "Mandatory parameter '" + name + "' was not sent, was empty/null, or malformed.";
}
std::string const legal_amount = "; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.";

INSTANTIATE_TEST_SUITE_P(
    Table, PaperOrderRequest,
    testing::Values(
        BadOrder{"side=BUY&type=MARKET&quantity=1", -1102, mandatory("symbol")},
        BadOrder{"symbol=NOPE&side=BUY&type=MARKET&quantity=1", -1121, "Invalid symbol."},
        BadOrder{"symbol=BTCUSDT&type=MARKET&quantity=1", -1102, mandatory("side")},
        BadOrder{"symbol=BTCUSDT&side=HOLD&type=MARKET&quantity=1", -1117, "Invalid side."},
        BadOrder{"symbol=BTCUSDT&side=BUY&type=STOP_LOSS&quantity=1", -1116, "Invalid orderType."},
        BadOrder{"symbol=BTCUSDT&side=BUY&type=MARKET", -1102, mandatory("quantity")},
        BadOrder{"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=", -1105,
                 "Parameter 'quantity' was empty."},
        BadOrder{"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=-1", -1100,
                 "Illegal characters found in parameter 'quantity'" + legal_amount},
        BadOrder{"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1e2", -1100,
                 "Illegal characters found in parameter 'quantity'" + legal_amount},
        BadOrder{"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1.", -1100,
                 "Illegal characters found in parameter 'quantity'" + legal_amount},
        BadOrder{"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.000000001", -1111,
                 "Parameter 'quantity' has too much precision."},
        BadOrder{"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&price=3", -1106,
                 "Parameter 'price' sent when not required."},
        BadOrder{"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&timeInForce=GTC", -1106,
                 "Parameter 'timeInForce' sent when not required."},
        BadOrder{"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&quoteOrderQty=5", -1128,
                 "Combination of optional parameters invalid."},
        BadOrder{"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=3", -1102,
                 mandatory("timeInForce")},
        BadOrder{"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=3&timeInForce=DAY", -1115,
                 "Invalid timeInForce."},
        BadOrder{"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&timeInForce=GTC", -1102,
                 mandatory("price")},
        BadOrder{"symbol=BTCUSDT&side=BUY&type=LIMIT_MAKER&quantity=1&price=3&timeInForce=GTC",
                 -1106, "Parameter 'timeInForce' sent when not required."},
        BadOrder{"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&newClientOrderId=a%20b", -1100,
                 "Illegal characters found in parameter 'newClientOrderId'; legal range is "
                 "'^[\\.A-Z\\:/a-z0-9_-]{1,36}$'."},
        BadOrder{"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&newOrderRespType=MAYBE", -1130,
                 "Data sent for parameter 'newOrderRespType' is not valid."},
        BadOrder{"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&colour=red", -1104,
                 "Not all sent parameters were read; read '4' parameter(s) but was sent '5'."}));

TEST(PaperOrderRequestGood, IsReadWhole) {
    Catalogue const catalogue;
    auto const params = Params::from_http(
        "",
        "symbol=ETHUSDT&side=SELL&type=LIMIT&timeInForce=IOC&quantity=00001.50&price=3000.10"
        "&newClientOrderId=x-1&newOrderRespType=ACK&timestamp=1&recvWindow=5&signature=s");
    ParamReader reader(*params);
    auto const request = read_order(reader, catalogue);
    ASSERT_TRUE(reader.finish());
    EXPECT_EQ(catalogue.instrument(request.order.symbol).symbol, "ETHUSDT");
    EXPECT_EQ(request.order.quantity.to_string(), "1.5");
    EXPECT_EQ(request.order.price.to_string(), "3000.1");
    EXPECT_EQ(request.order.time_in_force, TimeInForce::ioc);
    EXPECT_EQ(request.order.client_id, "x-1");
    EXPECT_EQ(request.response, ResponseType::ack);
}

}  // namespace
}  // namespace obscura::paper
