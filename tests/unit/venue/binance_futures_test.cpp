#include "venue/binance_futures.hpp"

#include "golden.hpp"
#include "loopback_venue.hpp"
#include "support/coroutine.hpp"

#include <gtest/gtest.h>

namespace obscura::venue {
namespace {

using namespace std::chrono_literals;
using test::golden_text;

class BinanceFuturesTest : public testing::Test {
protected:
    BinanceFuturesTest() {
        config.endpoints[model::Environment::paper] = {venue.rest(), venue.futures_stream()};
        config.order_timeout = 2s;
    }
    ports::SignedRequest request(std::string method, std::string const& target) {
        return {.method = std::move(method),
                .url = venue.rest() + target,
                .expires_at = clock.now() + 5s};
    }
    void answer(unsigned status, std::string body) {
        venue.order_status = status;
        venue.order_answer = std::move(body);
    }
    BinanceFutures& futures() {
        if (!adapter) adapter.emplace(http, config, clock);
        return *adapter;
    }
    ports::SubmitOutcome submit_answered(unsigned status, std::string body) {
        answer(status, std::move(body));
        return test::run(io, futures().submit(request("POST", "/fapi/v1/order")));
    }
    void TearDown() override {
        http.close();
        test::run(io, venue.stop());
    }

    boost::asio::io_context io;
    test::ShiftedClock clock;
    test::LoopbackVenue venue{io.get_executor(), clock};
    net::HttpClient http{io.get_executor(), {.allowed_origins = {"*"}}, clock};
    BinanceFuturesConfig config;
    std::optional<BinanceFutures> adapter;
};

TEST_F(BinanceFuturesTest, AcceptedOrdersLeaveTheirFillsToBeAskedFor) {
    auto const outcome = submit_answered(200, golden_text("futures_order_result"));
    auto const* accepted = std::get_if<ports::Accepted>(&outcome);
    ASSERT_NE(accepted, nullptr);
    EXPECT_EQ(accepted->order.venue_order_id, "22542179");
    EXPECT_TRUE(accepted->order.executed_quantity.is_positive());
    EXPECT_TRUE(accepted->order.fills.empty());
    EXPECT_EQ(venue.last_request, "POST /fapi/v1/order");
}

TEST_F(BinanceFuturesTest, RefusalsAreJudgedByTheCodesOfFutures) {
    auto const refused =
        submit_answered(400, R"({"code":-2022,"msg":"ReduceOnly Order is rejected."})");
    ASSERT_TRUE(std::holds_alternative<ports::Rejected>(refused));
    EXPECT_FALSE(std::get<ports::Rejected>(refused).may_retry);
    for (auto const& [status, body] : std::initializer_list<std::pair<unsigned, char const*>>{
             {400, R"({"code":-4116,"msg":"ClientOrderId is duplicated."})"},
             {408, R"({"code":-1007,"msg":"Timeout waiting for response from backend server."})"},
             {503, R"({"code":-1008,"msg":"Request throttled by system-level protection."})"},
             {503, R"({"code":-2019,"msg":"Margin is insufficient."})"},
             {200, R"({"orderId":1})"},
             {400, "<html>"}})
        EXPECT_TRUE(std::holds_alternative<ports::OutcomeUnknown>(submit_answered(status, body)))
            << status << body;
    EXPECT_TRUE(std::holds_alternative<ports::Throttled>(
        submit_answered(429, R"({"code":-1003,"msg":"Too many requests."})")));
}

TEST_F(BinanceFuturesTest, TriggerOrdersGoTheSameWay) {
    answer(200, golden_text("futures_algo_order_new"));
    auto const placed = test::run(io, futures().submit(request("POST", "/fapi/v1/algoOrder")));
    ASSERT_TRUE(std::holds_alternative<ports::Accepted>(placed));
    EXPECT_EQ(std::get<ports::Accepted>(placed).order.status, ports::OrderState::Status::open);
    auto const target = "/fapi/v1/algoOrder?clientAlgoId=x";
    auto const found = test::run(io, futures().query(request("GET", target)));
    EXPECT_TRUE(std::holds_alternative<ports::OrderState>(found));
    answer(200, golden_text("futures_algo_order_canceled"));
    auto const canceled = test::run(io, futures().submit(request("DELETE", target)));
    ASSERT_TRUE(std::holds_alternative<ports::Accepted>(canceled));
    EXPECT_TRUE(std::get<ports::Accepted>(canceled).order.is_final());
    answer(400, R"({"code":-2013,"msg":"Order does not exist."})");
    auto const absent = test::run(io, futures().query(request("GET", target)));
    EXPECT_TRUE(std::holds_alternative<ports::OrderAbsent>(absent));
    answer(400, R"({"code":-2021,"msg":"Order would immediately trigger."})");
    EXPECT_TRUE(std::holds_alternative<ports::Rejected>(
        test::run(io, futures().submit(request("POST", "/fapi/v1/algoOrder")))));
}

TEST_F(BinanceFuturesTest, NothingToChangeIsContent) {
    auto const configured = [&](unsigned status, std::string body) {
        answer(status, std::move(body));
        return test::run(io, futures().configure(request("POST", "/fapi/v1/marginType")));
    };
    EXPECT_TRUE(configured(200, R"({"code":200,"msg":"success"})"));
    EXPECT_TRUE(configured(400, R"({"code":-4046,"msg":"No need to change margin type."})"));
    EXPECT_FALSE(configured(500, R"({"code":-4046,"msg":"No need to change margin type."})"));
}

TEST_F(BinanceFuturesTest, RefusedSettingsSayWhy) {
    auto const failure = [&](unsigned status, std::string body) {
        answer(status, std::move(body));
        auto const made = test::run(io, futures().configure(request("POST", "/fapi/v1/leverage")));
        return made ? base::Error{} : made.error();
    };
    auto const refused = failure(400, R"({"code":-4028,"msg":"Leverage 200 is not valid"})");
    EXPECT_EQ(refused.code, base::Errc::invalid_argument);
    EXPECT_NE(refused.detail.find("Leverage 200 is not valid"), std::string::npos);
    for (int const code : {-4047, -4048, -4161, -4168, -4209, -2015})
        EXPECT_EQ(failure(400, R"({"code":)" + std::to_string(code) + R"(,"msg":"x"})").code,
                  base::Errc::invalid_argument)
            << code;
    EXPECT_EQ(failure(429, R"({"code":-1003,"msg":"x"})").code, base::Errc::rate_limited);
    EXPECT_EQ(failure(400, R"({"code":-1021,"msg":"x"})").code, base::Errc::bad_gateway);
    EXPECT_EQ(failure(400, R"({"code":-7777,"msg":"x"})").code, base::Errc::bad_gateway);
    EXPECT_EQ(failure(503, R"({"code":-4028,"msg":"x"})").code, base::Errc::bad_gateway);
    auto foreign = request("POST", "/fapi/v1/leverage");
    foreign.url = "http://127.0.0.1:2/fapi/v1/leverage";
    auto const unsent = test::run(io, futures().configure(foreign));
    ASSERT_FALSE(unsent);
    EXPECT_EQ(unsent.error().reason, "venue_not_called");
}

TEST_F(BinanceFuturesTest, PositionsAndModeAreRead) {
    answer(200, golden_text("futures_position_risk"));
    auto const positions =
        test::run(io, futures().positions(request("GET", "/fapi/v3/positionRisk")));
    ASSERT_TRUE(positions);
    EXPECT_EQ(positions->size(), 2U);
    answer(200, R"({"dualSidePosition":true})");
    EXPECT_EQ(test::run(io, futures().position_mode(request("GET", "/fapi/v1/accountConfig"))),
              model::PositionMode::hedge);
    answer(429, "");
    EXPECT_EQ(
        test::run(io, futures().positions(request("GET", "/fapi/v3/positionRisk"))).error().code,
        base::Errc::rate_limited);
}

TEST_F(BinanceFuturesTest, WhatAnAccountHoldsIsItsPositionOfThatSide) {
    auto const held = [&](std::string symbol, model::PositionSide side) {
        answer(200, golden_text("futures_position_risk"));
        auto const told = test::run(
            io, futures().holding(
                    request("GET", "/fapi/v3/positionRisk"),
                    {.symbol = std::move(symbol), .base_asset = "ADA", .position_side = side}));
        return told.value().to_string();
    };
    using model::PositionSide;
    EXPECT_EQ(held("ADAUSDT", PositionSide::both), "30");
    EXPECT_EQ(held("ADAUSDT", PositionSide::long_side), "0");
    EXPECT_EQ(held("COMPUSDT", PositionSide::short_side), "-1");
    EXPECT_EQ(held("BTCUSDT", PositionSide::both), "0");  // left out
    answer(503, "");
    EXPECT_FALSE(test::run(io, futures().holding(request("GET", "/fapi/v3/positionRisk"), {})));
}

TEST_F(BinanceFuturesTest, FillsAreListed) {
    venue.fill(7, clock.now());
    auto const fills =
        test::run(io, futures().list_fills(request("GET", "/fapi/v1/userTrades?symbol=BTCUSDT")));
    ASSERT_TRUE(fills) << fills.error().detail;
    EXPECT_EQ(fills->at(0).venue_trade_id, "7");
    EXPECT_EQ(fills->at(0).market, model::Market::futures);
}

TEST_F(BinanceFuturesTest, PublicDataComesFromItsOwnPaths) {
    auto const paper = model::Environment::paper;
    venue.order_headers = {{"X-MBX-USED-WEIGHT-1M", "12"}};
    answer(200, golden_text("futures_exchange_info"));
    auto const instruments = test::run(io, futures().instruments(paper));
    ASSERT_TRUE(instruments);
    EXPECT_EQ(instruments->at(0).kind, model::InstrumentKind::linear_perpetual);
    EXPECT_EQ(venue.last_request, "GET /fapi/v1/exchangeInfo");
    EXPECT_EQ(futures().weight_used(paper)->weight, 12);
    venue.time_answer = R"({"serverTime":1800000000123})";
    EXPECT_EQ(test::run(io, futures().server_time(paper)), base::from_unix_ms(1'800'000'000'123));
    EXPECT_FALSE(test::run(io, futures().instruments(model::Environment::live)));
}

TEST_F(BinanceFuturesTest, PricesOfOneOrOfAll) {
    auto const paper = model::Environment::paper;
    venue.prices_answer = R"({"symbol":"BTCUSDT","price":"86000.1","time":1589437530011})";
    auto const one = test::run(io, futures().prices(paper, {"BTCUSDT"}));
    ASSERT_TRUE(one);
    EXPECT_EQ(one->at(0).second.to_string(), "86000.1");
    EXPECT_EQ(venue.last_request, "GET /fapi/v2/ticker/price?symbol=BTCUSDT");
    venue.prices_answer = R"([{"symbol":"BTCUSDT","price":"86000.1","time":1},)"
                          R"({"symbol":"ETHUSDT","price":"3000","time":1},)"
                          R"({"symbol":"XRPUSDT","price":"2","time":1}])";
    auto const some = test::run(io, futures().prices(paper, {"ETHUSDT", "BTCUSDT"}));
    ASSERT_TRUE(some);
    EXPECT_EQ(some->size(), 2U);
    EXPECT_EQ(venue.last_request, "GET /fapi/v2/ticker/price");
}

TEST(BinanceFuturesEndpointsTest, HaveHostsOfTheirOwn) {
    auto const origins = origins_of(binance_futures_endpoints("http://127.0.0.1:8010"));
    for (auto const* origin :
         {"https://fapi.binance.com:443", "wss://fstream.binance.com:443",
          "https://demo-fapi.binance.com:443", "wss://demo-fstream.binance.com:443",
          "http://127.0.0.1:8010", "ws://127.0.0.1:8010"})
        EXPECT_NE(std::ranges::find(origins, origin), origins.end()) << origin;
    EXPECT_EQ(std::ranges::find(origins, "https://api.binance.com:443"), origins.end());
    EXPECT_EQ(
        binance_futures_endpoints("http://127.0.0.1:8010").at(model::Environment::paper).stream,
        "ws://127.0.0.1:8010/private/ws");
    EXPECT_EQ(binance_futures_endpoints("").count(model::Environment::paper), 0U);
}

}  // namespace
}  // namespace obscura::venue
