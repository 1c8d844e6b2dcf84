// Bad bodies and query strings at every route: a problem+json that names the field, nothing stored.
#include "gateway_fixture.hpp"

namespace obscura::test {
namespace {

enum class As { nobody, user, key, admin };

struct BadInput {
    As as;
    std::string method;
    std::string path;
    std::string body;
    std::string pointers;  ///< expected, in order, joined with a blank
};

constexpr char const* some_id = "0190163d-8694-739b-aea5-966c26f8ad91";

std::vector<BadInput> const cases{
    // register and login
    {As::nobody, "POST", "/auth/register", "{}", "/email /password"},
    {As::nobody, "POST", "/auth/register", "[]", ""},
    {As::nobody, "POST", "/auth/register", R"({"email":"x","password":"short","more":1})",
     "/email /password /more"},
    {As::nobody, "POST", "/auth/register", R"({"email":"x@y","password":"long enough"})", "/email"},
    {As::nobody, "POST", "/auth/register", R"({"email":"@a.b","password":"long enough"})",
     "/email"},
    {As::nobody, "POST", "/auth/register", R"({"email":"a@b@c.d","password":"long enough"})",
     "/email"},
    {As::nobody, "POST", "/auth/register", R"({"email":"a b@c.de","password":"long enough"})",
     "/email"},
    {As::nobody, "POST", "/auth/register", R"({"email":7,"password":null,"tenant":""})",
     "/email /password /tenant"},
    {As::nobody, "POST", "/auth/register",
     R"({"email":"a@b.cd","password":"with \u0000 inside it"})", "/password"},
    {As::nobody, "POST", "/auth/login", R"({"email":"a@b.cd"})", "/password"},
    {As::nobody, "POST", "/auth/refresh", R"({"refresh_token":""})", "/refresh_token"},
    {As::nobody, "POST", "/auth/refresh", R"({"token":"x"})", "/refresh_token /token"},
    {As::nobody, "POST", "/auth/logout", R"({"refresh_token":5})", "/refresh_token"},
    {As::nobody, "GET", "/exchanges/supported?x=1", "", "?x"},
    // connections
    {As::user, "POST", "/exchanges/connections", "{}", "/venue /environment /purpose /sealed"},
    {As::user, "POST", "/exchanges/connections",
     R"({"exchange":"ftx","environment":"moon","purpose":"hodl","credentials":[],"label":""})",
     "/exchange /environment /purpose /label /credentials"},
    {As::user, "POST", "/exchanges/connections",
     R"({"exchange":"binance","venue":"binance","environment":"paper","purpose":"lead",)"
     R"("credentials":{"api_key":"a","secret":"b"}})",
     "/venue"},
    {As::user, "POST", "/exchanges/connections",
     R"({"exchange":"binance","environment":"paper","purpose":"lead",)"
     R"("credentials":{"api_key":"","secret":7,"passphrase":"x"}})",
     "/credentials/api_key /credentials/secret /credentials/passphrase"},
    {As::user, "POST", "/exchanges/connections",
     R"({"exchange":"binance","environment":"paper","purpose":"lead",)"
     R"("credentials":{"api_key":"a\u0007","secret":null}})",
     "/credentials/api_key /credentials/secret"},
    {As::user, "GET", "/exchanges/connections?limit=0", "", "?limit"},
    {As::user, "GET", "/exchanges/connections?limit=201", "", "?limit"},
    {As::user, "GET", "/exchanges/connections?limit=2x", "", "?limit"},
    {As::user, "GET", "/exchanges/connections?limit=1&limit=2", "", "?limit"},
    {As::user, "GET", "/exchanges/connections?cursor=x", "", "?cursor"},
    {As::user, "GET", "/exchanges/connections?cursor=", "", "?cursor"},
    {As::user, "GET", "/exchanges/connections?%zz", "", "?"},
    // traders and pools
    {As::user, "POST", "/v2/traders", R"({"connection_id":"x","display_name":""})",
     "/connection_id /display_name"},
    {As::user, "POST", "/v2/traders", R"({"display_name":"A","user_id":"me"})",
     "/connection_id /user_id"},
    {As::user, "GET", "/v2/traders?sort=best", "", "?sort"},
    {As::user, "POST", "/v2/pools", "{}", "/name"},
    {As::user, "POST", "/v2/pools",
     R"({"name":7,"kind":"secret","description":1,"performance_fee_bps":999,"traders":{}})",
     "/kind /name /description /performance_fee_bps /traders"},
    {As::user, "POST", "/v2/pools", R"({"name":"P","performance_fee_bps":1000.5})",
     "/performance_fee_bps"},
    {As::user, "POST", "/v2/pools", R"({"name":"P","platform_fee_bps":0})", "/platform_fee_bps"},
    {As::user, "POST", "/v2/pools", R"({"name":"P","traders":[7,{"trader_id":"x","w":1}]})",
     "/traders/0 /traders/1/trader_id /traders/1/w"},
    {As::user, "POST", "/v2/pools",
     R"({"name":"P","traders":[{"trader_id":"0190163d-8694-739b-aea5-966c26f8ad91"},)"
     R"({"trader_id":"0190163d-8694-739b-aea5-966c26f8ad91"}]})",
     "/traders/1/trader_id"},
    {As::user, "POST", "/v2/pools",
     R"({"name":"P","traders":[{"trader_id":"0190163d-8694-739b-aea5-966c26f8ad91"}]})",
     "/traders/0/trader_id"},
    {As::user, "GET", "/v2/pools?kind=x&status=y&z=1", "", "?kind ?status ?z"},
    {As::user, "PATCH", std::string("/v2/pools/") + some_id, R"({"status":"active"})", "/status"},
    {As::user, "PATCH", std::string("/v2/pools/") + some_id, R"({"name":""})", "/name"},
    // subscriptions
    {As::user, "POST", std::string("/v2/pools/") + some_id + "/subscribe", "{}",
     "/connection_id /total_investment_usd"},
    {As::user, "POST", std::string("/v2/pools/") + some_id + "/subscribe",
     R"({"connection_id":7,"total_investment_usd":0,"max_loss_usd":-1,)"
     R"("profit_target_usd":"NaN","daily_loss_limit_usd":1e30,"per_pair_config":{}})",
     "/connection_id /total_investment_usd /max_loss_usd /profit_target_usd "
     "/daily_loss_limit_usd /per_pair_config"},
    {As::user, "POST", std::string("/v2/pools/") + some_id + "/subscribe",
     R"({"connection_id":"0190163d-8694-739b-aea5-966c26f8ad91",)"
     R"("total_investment_usd":0.0000000000001})",
     "/total_investment_usd"},
    {As::user, "GET", "/v2/subscriptions?status=sleepy", "", "?status"},
    {As::user, "PATCH", std::string("/v2/subscriptions/") + some_id,
     R"({"total_investment_usd":"-5","mode":"advanced"})", "/total_investment_usd /mode"},
    // signals
    {As::key, "POST", std::string("/v2/pools/") + some_id + "/signals", "{}",
     "/symbol /side /quantity"},
    {As::key, "POST", std::string("/v2/pools/") + some_id + "/signals",
     R"({"symbol":"BTCUSDT","side":"hold","quantity":"-1"})", "/side /quantity"},
    {As::key, "GET", std::string("/v2/pools/") + some_id + "/signals?limit=x", "", "?limit"},
    // records
    {As::user, "GET", "/v2/executions?signal_id=x&pool_id=y", "", "?pool_id ?signal_id"},
    {As::user, "GET", "/v2/positions?held=maybe", "", "?held"},
    {As::user, "GET", "/v2/positions?cursor=x:y", "", "?cursor"},
    {As::user, "DELETE", "/me?positions=keep", "", "?positions"},
    // admin
    {As::admin, "POST", "/v2/admin/tenants", R"({"slug":"-Bad","name":""})", "/name /slug"},
    {As::admin, "POST", "/v2/admin/tenants",
     R"({"slug":"ok","name":"n","rate_limits":{"general_per_min":0,"other":1}})",
     "/rate_limits/general_per_min /rate_limits/other"},
    {As::admin, "POST", std::string("/v2/admin/tenants/") + some_id + "/api-keys", "{}",
     "/mode /name"},
    {As::admin, "POST", std::string("/v2/admin/tenants/") + some_id + "/api-keys",
     R"({"mode":"live","name":"n","scopes":["all","signal:write","signal:write"],)"
     R"("ip_allow":["here",7],"expires_at":"2001-01-01T00:00:00Z"})",
     "/scopes/0 /scopes/2 /ip_allow/0 /ip_allow/1 /expires_at"},
    {As::admin, "POST", std::string("/v2/admin/tenants/") + some_id + "/api-keys",
     R"({"mode":"live","name":"n","expires_at":"tomorrow"})", "/expires_at"},
    {As::admin, "POST",
     std::string("/v2/admin/tenants/") + some_id + "/api-keys/" + some_id + "/rotate",
     R"({"overlap_seconds":-1})", "/overlap_seconds"},
    {As::admin, "GET", "/v2/admin/tenants?page=2", "", "?page"},
};

class BadInputTest : public GatewayFixture {
protected:
    std::string token(As as) {
        switch (as) {
            case As::nobody:
                return "";
            case As::user:
                return user_token;
            case As::key:
                return acme_key;
            case As::admin:
                return admin_token;
        }
        return "";
    }
    std::string user_token = token_of(ada);
    std::string admin_token = token_of(admin);
};

TEST_F(BadInputTest, NamesTheFieldsAndStoresNothing) {
    auto const keys = record.api_keys.size();
    for (auto const& c : cases) {
        auto const answer = send(c.method, c.path, token(c.as), c.body);
        auto const what = c.method + " " + c.path + " " + c.body + " -> " + last_raw_body;
        EXPECT_EQ(answer.status, 400U) << what;
        EXPECT_EQ(answer.header("Content-Type"), "application/problem+json") << what;
        EXPECT_EQ(answer.code(), "invalid_request") << what;
        EXPECT_EQ(answer.text("instance"), "req-" + std::to_string(requests));
        if (c.body != "[]") EXPECT_EQ(answer.pointers(), c.pointers) << what;
        for (auto const& error : answer.body["errors"].as_array())
            EXPECT_FALSE(error["detail"].as_string().empty()) << what;
    }
    EXPECT_EQ(record.writes, 0);
    EXPECT_EQ(record.api_keys.size(), keys);
    EXPECT_TRUE(intake.calls.empty());
    EXPECT_TRUE(vault.contexts.empty());
}

/// Every route with a body, given what is no JSON object at all.
TEST_F(BadInputTest, WhatIsNoJsonIsRefusedEverywhere) {
    for (auto const& route : router->routes()) {
        auto const access = static_cast<gateway::Access>(route.access);
        // Routes without a body of their own take whatever comes.
        bool const bodiless =
            route.pattern.ends_with("/activate") || route.pattern.ends_with("/pause") ||
            route.pattern.ends_with("/resume") || route.pattern.ends_with("/archive") ||
            route.pattern.ends_with("/revoke") || route.pattern.ends_with("/test");
        if ((route.method != "POST" && route.method != "PATCH") || bodiless) continue;
        auto target = route.pattern;
        for (auto at = target.find('{'); at != std::string::npos; at = target.find('{'))
            target.replace(at, target.find('}') - at + 1, some_id);
        auto const as = access == gateway::Access::admin           ? As::admin
                        : access == gateway::Access::signal_writer ? As::key
                        : access == gateway::Access::open          ? As::nobody
                                                                   : As::user;
        for (auto const& body :
             {std::string("{"), std::string("{}x"), std::string("{\"a\":\"\xff\"}"),
              std::string("{\"a\":1,\"a\":2}"), std::string(10'000, '['),
              std::string("\xef\xbb\xbf{}"), std::string("null"), std::string("7")}) {
            auto const answer = send(route.method, target, token(as), body);
            EXPECT_EQ(answer.status, 400U) << route.method << " " << target << " " << last_raw_body;
            EXPECT_FALSE(answer.code().empty());
        }
        net::Headers const form{{"Content-Type", "application/x-www-form-urlencoded"}};
        net::Request request{.method = route.method, .target = target, .headers = form};
        if (as != As::nobody) request.headers.add("Authorization", "Bearer " + token(as));
        request.body = "a=1";
        EXPECT_EQ(run(io, router->dispatch(request)).status, 415U) << target;
    }
    EXPECT_EQ(record.writes, 0);
    EXPECT_TRUE(intake.calls.empty());
}

TEST_F(BadInputTest, UnknownPathsAndMethodsAreTold) {
    EXPECT_EQ(get("/v2/nothing", user_token).status, 404U);
    auto const wrong = send("PUT", "/v2/pools", user_token);
    EXPECT_EQ(wrong.status, 405U);
    EXPECT_NE(wrong.header("Allow").find("POST"), std::string::npos);
}

}  // namespace
}  // namespace obscura::test
