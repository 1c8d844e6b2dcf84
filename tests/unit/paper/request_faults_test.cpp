#include "unit/paper/loopback_venue.hpp"

namespace obscura::paper::test {
namespace {

constexpr auto on_orders = R"("match":{"path":"/api/v3/order","method":"POST"})";

TEST(PaperRequestFaults, DroppedBeforeAcceptanceLeavesNoTrace) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    venue.fault(std::string(R"({"fault":"drop_before_accept","count":1,)") + on_orders + "}");
    EXPECT_EQ(venue.buy(keys, "x").status, 0U);
    EXPECT_EQ(venue.orders_in_ledger(), 0U);
    EXPECT_EQ(venue.buy(keys, "x").status, 200U);
    EXPECT_EQ(venue.orders_in_ledger(), 1U);
}

TEST(PaperRequestFaults, DroppedAfterAcceptanceIsDone) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    venue.fault(std::string(R"({"fault":"drop_after_accept","count":1,)") + on_orders + "}");
    EXPECT_EQ(venue.buy(keys, "x").status, 0U);
    EXPECT_EQ(venue.orders_in_ledger(), 1U);
    auto const queried =
        venue.call(keys, "GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=x");
    EXPECT_EQ(queried.body["status"].to_text(), "FILLED");
}

TEST(PaperRequestFaults, ServerErrorsComeWithAndWithoutAcceptance) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    venue.fault(std::string(R"({"fault":"http_5xx","count":1,)") + on_orders + "}");
    EXPECT_EQ(venue.buy(keys, "x").status, 503U);
    EXPECT_EQ(venue.orders_in_ledger(), 0U);
    venue.fault(std::string(R"({"fault":"http_5xx","accept":true,"count":1,)") + on_orders + "}");
    auto const lost = venue.buy(keys, "x");
    EXPECT_EQ(lost.status, 504U);
    EXPECT_EQ(lost.body["code"].to_int64(), -1007);
    EXPECT_EQ(venue.orders_in_ledger(), 1U);
}

TEST(PaperRequestFaults, AnswerThatBreaksOffIsOfADoneOrder) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    venue.fault(std::string(R"({"fault":"reset_mid_body","count":1,)") + on_orders + "}");
    EXPECT_EQ(venue.buy(keys, "x").status, 0U);
    EXPECT_EQ(venue.orders_in_ledger(), 1U);
    // As on the venue, the name is free again once its order has filled.
    EXPECT_EQ(venue.buy(keys, "x").status, 200U);
    EXPECT_EQ(venue.orders_in_ledger(), 2U);
}

TEST(PaperRequestFaults, PartOfAnOrderIsFilledInSeveralTradesAndTheRestExpires) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    venue.fault(std::string(R"({"fault":"partial_fill","share":0.3,"count":1,)") + on_orders + "}");
    auto const placed = venue.buy(keys, "x", "0.1");
    EXPECT_EQ(placed.status, 200U);
    EXPECT_EQ(placed.body["status"].to_text(), "EXPIRED");
    EXPECT_EQ(placed.body["executedQty"].to_text(), "0.03000000");
    EXPECT_EQ(placed.body["fills"].as_array().size(), 2U);
    EXPECT_EQ(venue.buy(keys, "y", "0.1").body["status"].to_text(), "FILLED");
}

TEST(PaperRequestFaults, FaultsOfOneAccountSpareTheOthers) {
    LoopbackVenue venue;
    auto const a = venue.account("a");
    auto const b = venue.account("b");
    venue.fault(R"({"fault":"http_5xx","match":{"account":")" + a.account + R"("}})");
    EXPECT_EQ(venue.buy(b, "x").status, 200U);
    EXPECT_EQ(venue.buy(a, "x").status, 503U);
    EXPECT_EQ(venue.admin("GET", "/admin/faults").body["data"].as_array()[0]["fired"].to_int64(),
              1);
    EXPECT_EQ(venue.admin("DELETE", "/admin/faults").status, 204U);
    EXPECT_EQ(venue.buy(a, "x").status, 200U);
}

/// Sends an order into a latency fault, moves the clock while it waits, and returns the answer.
LoopbackVenue::Answer delayed_buy(LoopbackVenue& venue, LoopbackVenue::Keys const& keys,
                                  std::chrono::milliseconds clock_moves) {
    venue.fault(std::string(R"({"fault":"latency","ms":30,"count":1,)") + on_orders + "}");
    boost::asio::steady_timer meanwhile(venue.io, 10ms);
    meanwhile.async_wait([&](auto const&) { venue.clock.advance(clock_moves); });
    return venue.buy(keys, "slow");
}

TEST(PaperRequestFaults, WindowIsJudgedWhenTheEngineAccepts) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    auto const late = delayed_buy(venue, keys, 5'001ms);
    EXPECT_EQ(late.status, 400U);
    EXPECT_EQ(late.body["code"].to_int64(), -1021);
    EXPECT_EQ(venue.orders_in_ledger(), 0U);
    EXPECT_EQ(delayed_buy(venue, keys, 5'000ms).status, 200U);
}

TEST(PaperRequestFaults, DelayedOrderIsAcceptedAlthoughItsClientHungUp) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    venue.fault(std::string(R"({"fault":"latency","ms":60,"count":1,)") + on_orders + "}");
    auto const params =
        "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.1&timestamp=" + venue.now_ms();
    net::Request request{
        .method = "POST",
        .target = "/api/v3/order",
        .headers = {{"X-MBX-APIKEY", keys.api_key}},
        .body = params + "&signature=" + crypto::hmac_sha256_hex(keys.secret, params)};
    auto const origin = "http://127.0.0.1:" + std::to_string(venue.service().port());
    net::HttpClient impatient(venue.io.get_executor(), {.allowed_origins = {"*"}}, venue.clock);
    auto const answer = obscura::test::run(venue.io, impatient.fetch(origin, request, 15ms));
    ASSERT_FALSE(answer);
    EXPECT_TRUE(answer.error().timed_out);
    impatient.close();
    EXPECT_EQ(venue.orders_in_ledger(), 0U);
    for (int i = 0; i < 500 && venue.orders_in_ledger() == 0; ++i) venue.io.run_one();
    EXPECT_EQ(venue.orders_in_ledger(), 1U);
}

}  // namespace
}  // namespace obscura::paper::test
