// Requests that citadel does not hand out: the same answers come another way.
#include "venue/binance_spot.hpp"

#include "golden.hpp"
#include "support/coroutine.hpp"

#include <gtest/gtest.h>

namespace obscura::venue {
namespace {

using Kind = ports::RelayFailure::Kind;

class FakeRelay final : public Relay {
public:
    Answer answer = net::Response{};
    std::vector<ports::SignItem> items;

    [[nodiscard]] ports::Task<Answer> send(ports::SignItem item) override {
        items.push_back(std::move(item));
        co_return answer;
    }
    void fails(Kind kind, std::string reason) {
        answer = std::unexpected(ports::RelayFailure{
            kind, {.code = base::Errc::unavailable, .reason = std::move(reason), .detail = "so"}});
    }
};

class BinanceRelayTest : public ::testing::Test {
protected:
    boost::asio::io_context io;
    base::SystemClock clock;
    net::HttpClient http{io.get_executor(), {}, clock};  // may go nowhere
    FakeRelay relay;
    BinanceSpotConfig config{
        .endpoints = {{model::Environment::live, {"https://venue.test", "wss://venue.test/"}}},
        .relay = &relay};
    ports::SignItem const item{
        .id = "a", .venue = "binance", .environment = model::Environment::live};

    ports::SubmitOutcome submit() {
        BinanceSpot spot(http, config, clock);
        return test::run(io, spot.submit(item));
    }
    ports::QueryOutcome query() {
        BinanceSpot spot(http, config, clock);
        return test::run(io, spot.query(item));
    }
};

TEST_F(BinanceRelayTest, AnAnswerIsReadAsAnyOther) {
    relay.answer = net::Response{.status = 200, .body = test::golden_text("order_full_market_buy")};
    auto const outcome = submit();
    auto const* accepted = std::get_if<ports::Accepted>(&outcome);
    ASSERT_NE(accepted, nullptr);
    EXPECT_EQ(accepted->order.venue_order_id, "28457123");
    EXPECT_EQ(relay.items.at(0).id, "a");
    relay.answer = net::Response{.status = 400, .body = R"({"code":-2010,"msg":"no balance"})"};
    EXPECT_TRUE(std::holds_alternative<ports::Rejected>(submit()));
    relay.answer =
        net::Response{.status = 400, .body = R"({"code":-2013,"msg":"Order does not exist."})"};
    EXPECT_TRUE(std::holds_alternative<ports::OrderAbsent>(query()));
}

TEST_F(BinanceRelayTest, WhatBecameOfAnOrderWithoutAnswer) {
    relay.fails(Kind::refused, "limit_daily_notional");
    auto const refused = submit();
    auto const* not_signed = std::get_if<ports::NotSigned>(&refused);
    ASSERT_NE(not_signed, nullptr);
    EXPECT_EQ(not_signed->error.reason, "limit_daily_notional");
    relay.fails(Kind::not_sent, "relay_busy");
    EXPECT_TRUE(std::holds_alternative<ports::NotSent>(submit()));
    relay.fails(Kind::unknown_outcome, "relay_broken");
    EXPECT_TRUE(std::holds_alternative<ports::OutcomeUnknown>(submit()));
    for (auto const kind : {Kind::refused, Kind::not_sent, Kind::unknown_outcome}) {
        relay.fails(kind, "whatever");
        EXPECT_TRUE(std::holds_alternative<ports::OutcomeUnknown>(query()))
            << "nothing is known of the order";
    }
}

TEST_F(BinanceRelayTest, AReadTellsWhyThereIsNoAnswer) {
    relay.fails(Kind::refused, "operation_not_allowed");
    BinanceSpot spot(http, config, clock);
    auto const fills = test::run(io, spot.list_fills(item));
    ASSERT_FALSE(fills);
    EXPECT_EQ(fills.error().reason, "operation_not_allowed");
}

TEST_F(BinanceRelayTest, TheWeightItTellsIsKept) {
    BinanceSpot spot(http, config, clock);
    relay.answer = net::Response{.status = 429, .headers = {{"X-MBX-USED-WEIGHT-1M", "17"}}};
    (void)test::run(io, spot.query(item));
    ASSERT_TRUE(spot.weight_used(model::Environment::live));
    EXPECT_EQ(spot.weight_used(model::Environment::live)->weight, 17);
}

TEST_F(BinanceRelayTest, WithoutARelayNothingIsSent) {
    config.relay = nullptr;
    EXPECT_TRUE(std::holds_alternative<ports::NotSent>(submit()));
    config.relay = &relay;
    config.endpoints.clear();
    EXPECT_TRUE(std::holds_alternative<ports::NotSent>(submit())) << "an environment without place";
    EXPECT_TRUE(relay.items.empty());
}

}  // namespace
}  // namespace obscura::venue
