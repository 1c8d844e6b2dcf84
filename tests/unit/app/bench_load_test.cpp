#include "app/bench_load.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace obscura::app::bench {
namespace {

TEST(BenchLoad, RequestsComeOutOfTheFileAsTheyWentIn) {
    std::vector<std::string> const requests{"GET / HTTP/1.1\r\n\r\n", "", std::string("a\0\n7", 4)};
    EXPECT_EQ(unpack_requests(pack_requests(requests)), requests);
    EXPECT_EQ(unpack_requests(""), std::vector<std::string>{});
}

TEST(BenchLoad, AFileThatIsCutIsRefused) {
    auto const whole = pack_requests({"abc", "defgh"});
    for (auto size : {whole.size() - 1, whole.size() - 5, std::size_t{1}})
        EXPECT_EQ(unpack_requests(whole.substr(0, size)), std::nullopt) << size;
    EXPECT_EQ(unpack_requests("x\nabc"), std::nullopt);
    EXPECT_EQ(unpack_requests("99999999999999999999\nabc"), std::nullopt);
}

TEST(BenchLoad, ABodyHasItsLength) {
    EXPECT_EQ(render_request("POST", "/a", "h", {"X: 1"}, "xy"),
              "POST /a HTTP/1.1\r\nHost: h\r\nX: 1\r\nContent-Length: 2\r\n\r\nxy");
    EXPECT_EQ(render_request("GET", "/a", "h", {}, ""), "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_NE(render_request("POST", "/a", "h", {}, "").find("Content-Length: 0"),
              std::string::npos);
}

TEST(BenchLoad, AnAnswerIsKnownWhenItsHeaderIsWhole) {
    std::string const answer = "HTTP/1.1 202 Accepted\r\ncontent-length:  5\r\nX: y\r\n\r\nhello";
    EXPECT_EQ(answer_head(answer.substr(0, 40)), std::nullopt);
    auto const head = answer_head(answer);
    ASSERT_TRUE(head);
    EXPECT_EQ(head->status, 202);
    EXPECT_EQ(head->size, answer.size());
    EXPECT_EQ(answer_head("HTTP/1.1 204 No Content\r\nX: y\r\n\r\n")->size, 33U);
}

TEST(BenchLoad, WhatIsNoAnswerOfKnownLengthIsAnError) {
    EXPECT_THROW((void)answer_head("HTTP/1.1 200 OK\r\nX: y\r\n\r\n"), std::runtime_error);
    EXPECT_THROW((void)answer_head("SSH-2.0 hello there\r\n\r\n"), std::runtime_error);
    EXPECT_THROW((void)answer_head("HTTP/1.1 2x0 OK\r\n\r\n"), std::runtime_error);
}

TEST(BenchLoad, AResultTravelsAsText) {
    LoadResult result;
    result.started = base::from_unix_us(1'000'000);
    result.ended = base::from_unix_us(3'500'000);
    result.statuses = {{200, 7}, {429, 1}};
    result.failures = 2;
    result.latencies_ms = {3, 1, 2};
    auto const back = LoadResult::from_json(result.to_json());
    EXPECT_EQ(back.seconds(), 2.5);
    EXPECT_EQ(back.statuses, result.statuses);
    EXPECT_EQ(back.answers(429), 1);
    EXPECT_EQ(back.answers(500), 0);
    EXPECT_EQ(back.failures, 2);
    EXPECT_EQ(back.latencies_ms, (std::vector<double>{1, 2, 3}));
    EXPECT_THROW((void)LoadResult::from_json(base::Json::object()), std::runtime_error);
}

TEST(BenchLoad, OfManyLatenciesTheSmallestAndLargestStay) {
    LoadResult result;
    for (int i = 10'000; i >= 1; --i) result.latencies_ms.push_back(i);
    auto const back = LoadResult::from_json(result.to_json());
    ASSERT_EQ(back.latencies_ms.size(), max_latencies);
    EXPECT_EQ(back.latencies_ms.front(), 1);
    EXPECT_EQ(back.latencies_ms.back(), 10'000);
}

}  // namespace
}  // namespace obscura::app::bench
