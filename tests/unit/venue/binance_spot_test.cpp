#include "venue/binance_spot.hpp"

#include "golden.hpp"
#include "loopback_venue.hpp"
#include "support/coroutine.hpp"

#include <gtest/gtest.h>

namespace obscura::venue {
namespace {

using namespace std::chrono_literals;

class BinanceSpotTest : public testing::Test {
protected:
    BinanceSpotTest() {
        config.endpoints[model::Environment::paper] = {venue.rest(), venue.stream()};
        config.order_timeout = 2s;
    }
    ports::SignedRequest order_request() {
        return {.method = "POST",
                .url = venue.rest() + "/api/v3/order",
                .body = "symbol=BTCUSDT",
                .expires_at = clock.now() + 5s};
    }
    ports::SubmitOutcome submit(ports::SignedRequest request) {
        BinanceSpot spot(http, config, clock);
        return test::run(io, spot.submit(std::move(request)));
    }
    ports::SubmitOutcome submit_answered(unsigned status, std::string body) {
        venue.order_status = status;
        venue.order_answer = std::move(body);
        return submit(order_request());
    }
    void TearDown() override {
        http.close();
        test::run(io, venue.stop());
    }

    boost::asio::io_context io;
    test::ShiftedClock clock;
    test::LoopbackVenue venue{io.get_executor(), clock};
    net::HttpClient http{io.get_executor(), {.allowed_origins = {"*"}}, clock};
    BinanceSpotConfig config;
};

TEST_F(BinanceSpotTest, AcceptedCarriesTheOrder) {
    auto const outcome = submit_answered(200, test::golden_text("order_full_market_buy"));
    auto const* accepted = std::get_if<ports::Accepted>(&outcome);
    ASSERT_NE(accepted, nullptr);
    EXPECT_EQ(accepted->order.venue_order_id, "28457123");
}

TEST_F(BinanceSpotTest, AYesThatCannotBeReadIsUnknown) {
    for (auto const* body : {"", "{}", "not json", R"({"orderId":1})"})
        EXPECT_TRUE(std::holds_alternative<ports::OutcomeUnknown>(submit_answered(200, body)))
            << body;
}

TEST_F(BinanceSpotTest, AConnectionThatEndsWithoutAnAnswerIsUnknown) {
    EXPECT_TRUE(std::holds_alternative<ports::OutcomeUnknown>(submit_answered(0, "")));
}

TEST_F(BinanceSpotTest, NobodyThereMeansNotSent) {
    config.endpoints[model::Environment::paper].rest = "http://127.0.0.1:1";
    auto request = order_request();
    request.url = "http://127.0.0.1:1/api/v3/order";
    EXPECT_TRUE(std::holds_alternative<ports::NotSent>(submit(std::move(request))));
}

TEST_F(BinanceSpotTest, ForeignAddressesAreNotSent) {
    auto foreign = order_request();
    foreign.url = "http://127.0.0.1:2/api/v3/order";
    EXPECT_TRUE(std::holds_alternative<ports::NotSent>(submit(std::move(foreign))));
    auto broken = order_request();
    broken.url = "venue";
    EXPECT_TRUE(std::holds_alternative<ports::NotSent>(submit(std::move(broken))));
}

TEST_F(BinanceSpotTest, QueryTellsAbsenceFromDoubt) {
    auto const query = [&](unsigned status, std::string body) {
        venue.order_status = status;
        venue.order_answer = std::move(body);
        BinanceSpot spot(http, config, clock);
        return test::run(io, spot.query(order_request()));
    };
    auto const found = query(200, test::golden_text("order_query_partially_filled"));
    ASSERT_TRUE(std::holds_alternative<ports::OrderState>(found));
    auto const absent = query(400, R"({"code":-2013,"msg":"Order does not exist."})");
    EXPECT_TRUE(std::holds_alternative<ports::OrderAbsent>(absent));
    for (auto const& [status, body] : std::initializer_list<std::pair<unsigned, char const*>>{
             {500, R"({"code":-2013,"msg":"Order does not exist."})"},
             {400, R"({"code":-2026,"msg":"Order was archived."})"},
             {404, "<html>"}})
        EXPECT_TRUE(std::holds_alternative<ports::OutcomeUnknown>(query(status, body))) << status;
}

TEST_F(BinanceSpotTest, AQueryOverALimitSaysForHowLong) {
    venue.order_status = 429;
    venue.order_headers = {{"Retry-After", "7"}};
    venue.order_answer = R"({"code":-1003,"msg":"Too much request weight used."})";
    BinanceSpot spot(http, config, clock);
    auto const outcome = test::run(io, spot.query(order_request()));
    auto const* throttled = std::get_if<ports::Throttled>(&outcome);
    ASSERT_NE(throttled, nullptr);
    EXPECT_EQ(throttled->retry_after, 7s);
    EXPECT_EQ(throttled->whose, ports::Throttled::Whose::address);
}

TEST_F(BinanceSpotTest, TheWeightItIsToldIsKept) {
    BinanceSpot spot(http, config, clock);
    EXPECT_FALSE(spot.weight_used(model::Environment::paper));
    auto const before = clock.steady();
    for (auto const status : {200U, 400U, 429U}) {
        venue.order_status = status;
        venue.order_headers = {{"X-MBX-USED-WEIGHT-1M", std::to_string(status)}};
        (void)test::run(io, spot.submit(order_request()));
        auto const told = spot.weight_used(model::Environment::paper);
        ASSERT_TRUE(told);
        EXPECT_EQ(told->weight, status);
        EXPECT_GT(told->at, before);
    }
    venue.order_headers = {};
    (void)test::run(io, spot.query(order_request()));
    EXPECT_EQ(spot.weight_used(model::Environment::paper)->weight, 429);
    EXPECT_FALSE(spot.weight_used(model::Environment::live));
}

TEST_F(BinanceSpotTest, TheClockIsTheVenues) {
    BinanceSpot spot(http, config, clock);
    venue.time_answer = R"({"serverTime":1800000000123})";
    EXPECT_EQ(test::run(io, spot.server_time(model::Environment::paper)),
              base::from_unix_ms(1'800'000'000'123));
    for (auto const* body : {"{}", R"({"serverTime":"soon"})", R"({"serverTime":-1})", ""}) {
        venue.time_answer = body;
        EXPECT_FALSE(test::run(io, spot.server_time(model::Environment::paper))) << body;
    }
    EXPECT_FALSE(test::run(io, spot.server_time(model::Environment::live)));
}

TEST_F(BinanceSpotTest, FillsAreListed) {
    venue.fill(7, clock.now());
    BinanceSpot spot(http, config, clock);
    ports::SignedRequest request{.method = "GET",
                                 .url = venue.rest() + "/api/v3/myTrades?symbol=BTCUSDT",
                                 .expires_at = clock.now() + 5s};
    auto const fills = test::run(io, spot.list_fills(request));
    ASSERT_TRUE(fills);
    EXPECT_EQ(fills->at(0).venue_trade_id, "7");
    venue.rest_is_down = true;
    EXPECT_FALSE(test::run(io, spot.list_fills(request)));
}

TEST(BinanceEndpointsTest, EveryOriginIsListedWithItsPort) {
    auto const origins = origins_of(binance_endpoints("http://127.0.0.1:8010"));
    for (auto const* origin :
         {"https://api.binance.com:443", "wss://ws-api.binance.com:443", "http://127.0.0.1:8010",
          "ws://127.0.0.1:8010", "https://testnet.binance.vision:443"})
        EXPECT_NE(std::ranges::find(origins, origin), origins.end()) << origin;
    EXPECT_EQ(binance_endpoints("").count(model::Environment::paper), 0U);
    EXPECT_THROW((void)binance_endpoints("nonsense"), std::invalid_argument);
}

}  // namespace
}  // namespace obscura::venue
