// The client against a scripted conductor on a loopback socket.
#include "peers/conductor_client.hpp"

#include "crypto/signed_header.hpp"
#include "net/problem.hpp"
#include "net/server.hpp"
#include "support/coroutine.hpp"

#include <gtest/gtest.h>

namespace obscura::peers {
namespace {

using namespace std::chrono_literals;
using obscura::test::run;

class ConductorClientTest : public ::testing::Test {
protected:
    net::Router router() {
        net::Router out;
        auto const handler = [this](net::Request& request) { return answer(request); };
        for (auto const* method : {"GET", "POST"})
            out.add({.method = method,
                     .pattern = "/internal/pools/{pool}/signals",
                     .handler = handler});
        out.add({.method = "GET",
                 .pattern = "/internal/pools/{pool}/signals/{signal}",
                 .handler = handler});
        return out;
    }
    net::Task<base::Result<net::Response>> answer(net::Request request) {
        seen = std::move(request);
        co_return reply;
    }
    void SetUp() override { server.start(); }
    void TearDown() override {
        http.close();
        run(io, server.stop(1s));
    }
    [[nodiscard]] ConductorClient client() {
        return {http,
                {.url = "http://127.0.0.1:" + std::to_string(server.port()), .deadline = 5s},
                key,
                clock};
    }
    base::Result<ports::SignalAccepted> submit() {
        auto conductor = client();
        model::SignalRequest request;
        request.body = *base::parse_json(R"({"symbol":"BTCUSDT","quantity":0.10})");
        return run(io, conductor.submit(caller, pool, request, "req-1"));
    }
    base::Error error_for(unsigned status, std::string body, net::Headers headers = {}) {
        reply = {.status = status, .headers = std::move(headers), .body = std::move(body)};
        auto const result = submit();
        EXPECT_FALSE(result);
        return result ? base::Error{} : result.error();
    }

    boost::asio::io_context io;
    base::SystemClock clock;
    base::SeededRandom random{3};
    base::Secret key{std::string_view("gateway@conductor")};
    model::PoolId pool = *model::PoolId::parse("0190163d-8694-739b-aea5-966c26f8ad91");
    ports::Caller caller{.tenant = *model::TenantId::parse("0190163d-8694-739b-aea5-966c26f8ad92"),
                         .scopes = {"signal:write"},
                         .is_test_key = true,
                         .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"};
    net::Request seen;
    net::Response reply;
    net::HttpServer server{io.get_executor(), {}, router(), clock, random};
    net::HttpClient http{io.get_executor(), {.allowed_origins = {"*"}}, clock};
};

std::string const accepted =
    R"({"signal_id":"sig_0190163d8694739baea5966c26f8ad93",)"
    R"("pool_id":"0190163d-8694-739b-aea5-966c26f8ad91","status":"queued",)"
    R"("queued_at":"2026-11-22T21:30:00.123Z","priority":"high","estimated_subscribers":50,)"
    R"("external_trade_id":"t1","was_known":true,"later":"more"})";

TEST_F(ConductorClientTest, SendsTheBodyAndWhoAsks) {
    reply = {.status = 200, .body = accepted};
    auto const result = submit();
    ASSERT_TRUE(result) << result.error().internal;
    EXPECT_EQ(seen.method, "POST");
    EXPECT_EQ(seen.path, "/internal/pools/0190163d-8694-739b-aea5-966c26f8ad91/signals");
    EXPECT_EQ(seen.body, R"({"symbol":"BTCUSDT","quantity":0.10})") << "digits as they came";
    EXPECT_EQ(seen.headers.find("X-Internal-API-Key"), "gateway@conductor");
    EXPECT_EQ(seen.id, "req-1");
    EXPECT_EQ(seen.headers.find("traceparent"), caller.traceparent);
    auto const payload =
        crypto::open_header(key, seen.headers.find("X-Obscura-Caller").value(), clock.now(), 30s);
    ASSERT_TRUE(payload);
    auto const who = ports::caller_from_json(*base::parse_json(*payload));
    ASSERT_TRUE(who);
    EXPECT_EQ(who->tenant, caller.tenant);
    EXPECT_TRUE(who->is_test_key);
}

TEST_F(ConductorClientTest, ReadsTheAcceptance) {
    reply = {.status = 200, .body = accepted};
    auto const result = submit();
    ASSERT_TRUE(result);
    EXPECT_EQ(result->id.to_string(), "sig_0190163d8694739baea5966c26f8ad93");
    EXPECT_EQ(result->pool, pool);
    EXPECT_EQ(base::to_rfc3339(result->queued_at), "2026-11-22T21:30:00.123Z");
    EXPECT_EQ(result->priority, model::Priority::high);
    EXPECT_EQ(result->estimated_subscribers, 50);
    EXPECT_EQ(result->external_trade_id, "t1");
    EXPECT_TRUE(result->was_known);
}

TEST_F(ConductorClientTest, AnAnswerThatMakesNoSenseIsNoAcceptance) {
    for (std::string const body : {"", "no json", "{}", "[]", R"({"signal_id":"sig_x"})"}) {
        reply = {.status = 202, .body = body};
        auto const result = submit();
        ASSERT_FALSE(result) << body;
        EXPECT_EQ(result.error().code, base::Errc::bad_gateway);
    }
}

TEST_F(ConductorClientTest, ItsProblemsComeBackAsTheErrorsTheyWere) {
    for (auto const code :
         {base::Errc::invalid_argument, base::Errc::forbidden, base::Errc::not_found,
          base::Errc::conflict, base::Errc::payload_too_large, base::Errc::rate_limited,
          base::Errc::unavailable, base::Errc::upstream_timeout}) {
        base::Error const error{.code = code,
                                .reason = "a_reason",
                                .detail = "The detail.",
                                .fields = {{"/quantity", "out_of_range", "Must be more."}},
                                .retry_after = 7s};
        reply = net::problem(error, "req-1");
        auto const result = submit();
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, code);
        EXPECT_EQ(result.error().reason, "a_reason");
        EXPECT_EQ(result.error().detail, "The detail.");
        EXPECT_EQ(result.error().fields, error.fields);
        EXPECT_EQ(result.error().retry_after, 7s);
    }
}

TEST_F(ConductorClientTest, WhatItSaysOfUsIsNotTheCallersBusiness) {
    auto const refused = error_for(401, R"({"code":"internal_key_required","detail":"x"})");
    EXPECT_EQ(refused.code, base::Errc::internal);
    EXPECT_EQ(refused.detail.find("internal_key"), std::string::npos);
    auto const broken = error_for(500, R"({"code":"internal","detail":"stack of words"})");
    EXPECT_EQ(broken.code, base::Errc::bad_gateway);
    EXPECT_EQ(broken.detail.find("stack"), std::string::npos);
    auto const plain = error_for(503, "over capacity", {{"Retry-After", "3"}});
    EXPECT_EQ(plain.code, base::Errc::unavailable);
    EXPECT_EQ(plain.retry_after, 3s);
    EXPECT_EQ(error_for(404, "<html>").code, base::Errc::bad_gateway);
    EXPECT_EQ(error_for(302, "").code, base::Errc::bad_gateway);
    EXPECT_FALSE(error_for(503, "x", {{"Retry-After", "tomorrow"}}).retry_after);
}

TEST_F(ConductorClientTest, AsksForStatusAndLists) {
    auto conductor = client();
    reply = {.status = 200, .body = R"({"status":"completed"})"};
    auto const signal = *model::SignalId::parse("sig_0190163d8694739baea5966c26f8ad93");
    auto const status = run(io, conductor.status(caller, pool, signal));
    ASSERT_TRUE(status);
    EXPECT_EQ((*status)["status"].as_string(), "completed");
    EXPECT_TRUE(seen.path.ends_with("/signals/sig_0190163d8694739baea5966c26f8ad93"));
    reply = {.status = 200, .body = R"({"data":[],"next_cursor":null})"};
    ASSERT_TRUE(run(io, conductor.list(caller, pool, "a&b=c", 7)));
    EXPECT_EQ(seen.query_param("limit"), "7");
    EXPECT_EQ(seen.query_param("cursor"), "a&b=c");
    ASSERT_TRUE(run(io, conductor.list(caller, pool, "", 50)));
    EXPECT_FALSE(seen.query_param("cursor"));
}

TEST_F(ConductorClientTest, ALostAnswerIsUnknownAndARefusedConnectionIsNot) {
    reply = {.drop = true};
    auto const lost = submit();
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().code, base::Errc::upstream_timeout);
    EXPECT_NE(lost.error().detail.find("Idempotency-Key"), std::string::npos);
    ConductorClient nobody(http, {.url = "http://127.0.0.1:1", .deadline = 2s}, key, clock);
    auto const refused = run(io, nobody.submit(caller, pool, {}, "req-2"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, base::Errc::unavailable);
    EXPECT_THROW(ConductorClient(http, {.url = "conductor"}, key, clock), std::invalid_argument);
}

}  // namespace
}  // namespace obscura::peers
