// What every request passes: limits, idempotency, CORS, failures of the record; and /health.
#include "gateway_fixture.hpp"

namespace obscura::test {
namespace {

using namespace std::chrono_literals;

class Door : public GatewayFixture {
protected:
    static gateway::GatewayConfig config() {
        gateway::GatewayConfig config;
        config.cors_origins = {"https://app.example.org"};
        return config;
    }
    Door() : GatewayFixture(config()) {}
    std::string pool_body = R"({"name":"P"})";
    net::Headers const key{{"Idempotency-Key", "k-1"}};
};

TEST_F(Door, CountsAndTells) {
    auto const answer = get("/me", token_of(ada));
    EXPECT_EQ(answer.header("RateLimit-Policy"), "\"general\";q=1000;w=60");
    EXPECT_EQ(answer.header("RateLimit"), "\"general\";r=999;t=60");
    EXPECT_EQ(answer.header("X-Request-Id"), "req-" + std::to_string(requests));
    EXPECT_EQ(get("/health").header("RateLimit"), "") << "probes are not counted";
}

TEST_F(Door, GuessingIsLimitedByAddress) {
    limiter.used_by["address:127.0.0.1"] = 1000;
    EXPECT_EQ(get("/me", "nonsense").status, 429U);
    EXPECT_EQ(get("/me").status, 429U);
    EXPECT_EQ(post("/auth/login", "", "{}").status, 429U);
    remote_address = "198.51.100.7";
    EXPECT_EQ(get("/me", "nonsense").status, 401U);
}

TEST_F(Door, ATenantsServerCountsByItsKey) {
    limiter.used_by["address:127.0.0.1"] = 1000;
    auto const body = R"({"email":"x@example.org","password":"a good password","tenant":"acme"})";
    EXPECT_EQ(post("/auth/register", acme_key, body).status, 201U);
}

TEST_F(Door, LimitsHoldWithoutRedis) {
    auto const token = token_of(ada);
    limiter.is_down = true;
    record.tenants[platform].settings =
        *base::parse_json(R"({"rate_limits":{"general_per_min":2}})");
    clock.advance(2s);
    EXPECT_EQ(get("/me", token).status, 200U);
    EXPECT_EQ(get("/me", token).status, 200U);
    EXPECT_EQ(get("/me", token).status, 429U);
}

TEST_F(Door, TheSameKeyAndBodyGetTheFirstAnswer) {
    auto const token = token_of(ada);
    auto const first = post("/v2/pools", token, pool_body, key);
    ASSERT_EQ(first.status, 201U);
    EXPECT_EQ(first.header("Idempotent-Replayed"), "");
    auto const again = post("/v2/pools", token, "{ \"name\" : \"P\" }", key);
    EXPECT_EQ(again.status, 201U) << "the same JSON, written otherwise";
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(record.pools.size(), 1U);
    auto const other = post("/v2/pools", token, R"({"name":"Q"})", key);
    EXPECT_EQ(other.status, 422U);
    EXPECT_EQ(other.code(), "idempotency_mismatch");
    EXPECT_EQ(post("/v2/pools", token_of(admin), pool_body, key).status, 201U)
        << "keys are each caller's own";
    EXPECT_EQ(record.pools.size(), 2U);
}

TEST_F(Door, AKeyIsForOnePathToo) {
    auto const token = token_of(bob);
    auto const body = base::Json::object({{"connection_id", add_connection(bob).to_string()},
                                          {"total_investment_usd", 100}})
                          .dump();
    auto const first = add_pool(ports::PoolKind::partner, acme).to_string();
    auto const second = add_pool(ports::PoolKind::partner, acme).to_string();
    EXPECT_EQ(post("/v2/pools/" + first + "/subscribe", token, body, key).status, 201U);
    EXPECT_EQ(post("/v2/pools/" + second + "/subscribe", token, body, key).status, 422U);
}

TEST_F(Door, RefusalsAreReplayedAndFailuresAreNot) {
    auto const token = token_of(admin);
    auto const body = R"({"slug":"acme","name":"A"})";
    EXPECT_EQ(post("/v2/admin/tenants", token, body, key).code(), "slug_taken");
    record.tenants.erase(acme);
    auto const again = post("/v2/admin/tenants", token, body, key);
    EXPECT_EQ(again.code(), "slug_taken") << "the first status and body again";
    EXPECT_EQ(again.header("Content-Type"), "application/problem+json");
    vault.error = base::Error{.code = base::Errc::unavailable, .reason = "down"};
    auto const connection = R"({"exchange":"binance","environment":"paper","purpose":"follow",)"
                            R"("credentials":{"api_key":"a","secret":"b"}})";
    EXPECT_EQ(post("/exchanges/connections", token, connection, key).status, 503U);
    vault.error.reset();
    EXPECT_EQ(post("/exchanges/connections", token, connection, key).status, 201U);
    EXPECT_EQ(vault.contexts[0], vault.contexts[1]) << "the retry makes the same id";
}

TEST_F(Door, ARefusalForAHeaderOrARightIsNotKept) {
    auto const token = token_of(ada);
    auto headers = key;
    headers.add("Content-Type", "text/plain");
    EXPECT_EQ(send("POST", "/v2/pools", token, pool_body, headers).status, 415U);
    EXPECT_EQ(post("/v2/pools", token, pool_body, key).status, 201U);
}

TEST_F(Door, ARequestWhoseAnswerGotLostIsFound) {
    auto const token = token_of(ada);
    auto const made = post("/v2/pools", token, pool_body, key);
    idempotency.abandon_all();
    auto const retried = post("/v2/pools", token, pool_body, key);
    EXPECT_EQ(retried.text("id"), made.text("id")) << "found, not doubled";
    EXPECT_EQ(record.pools.size(), 1U);
}

TEST_F(Door, TheSameRequestUnderWayIsHeldBack) {
    auto const token = token_of(ada);
    (void)post("/v2/pools", token, pool_body, key);
    idempotency.reopen();
    auto const second = post("/v2/pools", token, pool_body, key);
    EXPECT_EQ(second.status, 409U);
    EXPECT_EQ(second.code(), "request_in_flight");
    EXPECT_EQ(second.header("Retry-After"), "1");
    EXPECT_EQ(record.pools.size(), 1U);
}

TEST_F(Door, ARegistrationIsReplayedWithoutItsTokens) {
    auto const body = R"({"email":"x@example.org","password":"a good password"})";
    auto const first = post("/auth/register", "", body, key);
    ASSERT_EQ(first.status, 201U) << last_raw_body;
    auto const again = post("/auth/register", "", body, key);
    EXPECT_EQ(again.status, 201U);
    EXPECT_EQ(again.body["user"], first.body["user"]);
    EXPECT_EQ(again.body.find("access_token"), nullptr);
    EXPECT_EQ(again.body.find("refresh_token"), nullptr);
    EXPECT_EQ(idempotency.all_bodies().find(first.text("refresh_token")), std::string::npos);
}

TEST_F(Door, IdempotencyKeysHaveAForm) {
    auto const token = token_of(ada);
    for (auto const& bad :
         {std::string(), std::string("a b"), std::string(256, 'k'), std::string("é")}) {
        auto const answer = post("/v2/pools", token, pool_body, {{"Idempotency-Key", bad}});
        EXPECT_EQ(answer.status, 400U);
        EXPECT_EQ(answer.code(), "invalid_idempotency_key");
    }
    EXPECT_TRUE(record.pools.empty());
}

TEST_F(Door, TheRecordGoneIs503AndNothingElse) {
    auto const token = token_of(ada);
    EXPECT_EQ(get("/me", token).status, 200U);
    record.is_down = true;
    for (auto const& [method, path] : std::vector<std::pair<std::string, std::string>>{
             {"GET", "/me"}, {"GET", "/v2/pools"}, {"POST", "/v2/pools"}}) {
        auto const answer = send(method, path, token, method == "POST" ? pool_body : "");
        EXPECT_EQ(answer.status, 503U) << path;
        EXPECT_EQ(answer.code(), "store_unavailable");
        EXPECT_EQ(last_raw_body.find("took the record away"), std::string::npos);
        EXPECT_EQ(answer.header("Retry-After"), "1");
    }
    EXPECT_EQ(post("/v2/pools", token, pool_body, key).status, 503U);
    EXPECT_EQ(get("/livez").status, 200U);
}

TEST_F(Door, PagesOfAllowedOriginsMayRead) {
    net::Headers const ours{{"Origin", "https://app.example.org"}};
    net::Headers const other{{"Origin", "https://evil.example.org"}};
    auto const answer = send("GET", "/exchanges/supported", "", "", ours);
    EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), "https://app.example.org");
    EXPECT_EQ(answer.header("Vary"), "Origin");
    EXPECT_EQ(answer.header("Access-Control-Allow-Credentials"), "");
    EXPECT_EQ(send("GET", "/me", "", "", ours).header("Access-Control-Allow-Origin"),
              "https://app.example.org")
        << "errors are readable too";
    EXPECT_EQ(
        send("GET", "/exchanges/supported", "", "", other).header("Access-Control-Allow-Origin"),
        "");
    auto const preflight = send("OPTIONS", "/v2/pools/x", "", "", ours);
    EXPECT_EQ(preflight.status, 204U);
    EXPECT_NE(preflight.header("Access-Control-Allow-Methods").find("PATCH"), std::string::npos);
    EXPECT_NE(preflight.header("Access-Control-Allow-Headers").find("Idempotency-Key"),
              std::string::npos);
    EXPECT_EQ(send("OPTIONS", "/v2/pools", "", "", other).header("Access-Control-Allow-Methods"),
              "");
}

TEST_F(Door, HealthListsEverything) {
    conductor_probe.result.facts = *base::parse_json(
        R"({"version":"1.2.3","attested":false,"database":"internal words","deep":{}})");
    auto const answer = get("/health");
    ASSERT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.text("status"), "ok");
    EXPECT_EQ(answer.text("version"), "1.2.3");
    auto const& services = answer.body["services"];
    EXPECT_EQ(services["gateway"]["status"].as_string(), "up");
    EXPECT_EQ(services["conductor"]["status"].as_string(), "up");
    EXPECT_EQ(services["conductor"]["version"].as_string(), "1.2.3");
    EXPECT_FALSE(services["conductor"]["attested"].as_bool());
    EXPECT_EQ(services["conductor"].find("database"), nullptr);
    EXPECT_TRUE(services["citadel"]["latency_ms"].is_number());
    EXPECT_EQ(answer.body["dependencies"]["postgresql"]["status"].as_string(), "up");
    EXPECT_EQ(answer.body["dependencies"]["redis"]["status"].as_string(), "up");
}

TEST_F(Door, HealthTellsWhatIsDownAndAsksOnceASecond) {
    conductor_probe.result = {.is_up = false, .internal = "connection refused at 10.1.2.3"};
    EXPECT_EQ(get("/health").text("status"), "degraded");
    EXPECT_EQ(last_raw_body.find("10.1.2.3"), std::string::npos);
    EXPECT_EQ(get("/readyz").status, 200U) << "the rest works";
    EXPECT_EQ(conductor_probe.checks, 1);
    clock.advance(1s);
    database_probe.result.is_up = false;
    auto const down = get("/health");
    EXPECT_EQ(down.status, 503U);
    EXPECT_EQ(down.text("status"), "down");
    EXPECT_EQ(get("/readyz").status, 503U);
    EXPECT_EQ(conductor_probe.checks, 2);
}

TEST_F(Door, TheMetricsAreForAFewAddresses) {
    auto const observe = gateway::observe_requests(metrics);
    auto const route = router->routes().front();
    observe(&route, {}, {.status = 201}, 1ms);
    observe(nullptr, {.path = "/../etc"}, {.status = 404}, 1ms);
    EXPECT_EQ(get("/metrics").status, 200U);
    EXPECT_NE(last_raw_body.find("route=\"/auth/register\""), std::string::npos);
    EXPECT_EQ(last_raw_body.find("etc"), std::string::npos) << "no label of the sender's choice";
    remote_address = "198.51.100.7";
    EXPECT_EQ(get("/metrics").status, 403U);
}

TEST_F(Door, TheKeySetVerifiesTheTokens) {
    (void)token_of(ada);
    auto const answer = get("/.well-known/jwks.json");
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.body["keys"].as_array().size(), 1U);
}

TEST_F(Door, TheBodyOfAKnownCallerIsNotOneOfAStranger) {
    auto const still_counts = [&](std::string const& target, std::string const& token) {
        net::Request request{.method = "POST", .target = target, .body = pool_body};
        request.body_hold = std::make_shared<int>();
        if (!token.empty()) request.headers.add("Authorization", "Bearer " + token);
        (void)run(io, router->dispatch(request));
        return request.body_hold != nullptr;
    };
    EXPECT_FALSE(still_counts("/v2/pools", token_of(ada)));
    EXPECT_FALSE(still_counts("/v2/pools", acme_key));
    EXPECT_TRUE(still_counts("/v2/pools", "nonsense"));
    EXPECT_TRUE(still_counts("/v2/pools", ""));
    EXPECT_TRUE(still_counts("/auth/login", ""));
}

}  // namespace
}  // namespace obscura::test
