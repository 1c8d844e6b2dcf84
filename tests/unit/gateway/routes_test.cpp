#include "gateway/openapi.hpp"
#include "gateway_fixture.hpp"

#include <fstream>
#include <iterator>
#include <set>

namespace obscura::test {
namespace {

using gateway::Access;

class Routes : public GatewayFixture {};

TEST_F(Routes, HaveTheAccessClassTheyShould) {
    std::map<std::string, Access> const expected{
        {"POST /auth/register", Access::open},
        {"POST /auth/login", Access::open},
        {"POST /auth/refresh", Access::open},
        {"POST /auth/logout", Access::open},
        {"GET /me", Access::user},
        {"DELETE /me", Access::user},
        {"GET /me/export", Access::user},
        {"GET /exchanges/supported", Access::open},
        {"GET /exchanges/sealing-key", Access::user},
        {"POST /exchanges/connections", Access::user},
        {"GET /exchanges/connections", Access::user},
        {"GET /exchanges/connections/{id}", Access::user},
        {"DELETE /exchanges/connections/{id}", Access::user},
        {"POST /exchanges/connections/{id}/test", Access::user},
        {"POST /v2/traders", Access::user},
        {"GET /v2/traders", Access::user_or_key},
        {"POST /v2/pools", Access::pool_manager},
        {"GET /v2/pools", Access::user_or_key},
        {"GET /v2/pools/{id}", Access::user_or_key},
        {"PATCH /v2/pools/{id}", Access::pool_manager},
        {"POST /v2/pools/{id}/activate", Access::pool_manager},
        {"POST /v2/pools/{id}/pause", Access::pool_manager},
        {"POST /v2/pools/{id}/archive", Access::pool_manager},
        {"POST /v2/pools/{id}/subscribe", Access::user},
        {"GET /v2/subscriptions", Access::user},
        {"GET /v2/subscriptions/{id}", Access::user},
        {"PATCH /v2/subscriptions/{id}", Access::user},
        {"DELETE /v2/subscriptions/{id}", Access::user},
        {"POST /v2/subscriptions/{id}/pause", Access::user},
        {"POST /v2/subscriptions/{id}/resume", Access::user},
        {"POST /v2/pools/{id}/signals", Access::signal_writer},
        {"GET /v2/pools/{id}/signals", Access::key},
        {"GET /v2/pools/{id}/signals/{signal_id}", Access::key},
        {"GET /v2/executions", Access::user_or_key},
        {"GET /v2/positions", Access::user_or_key},
        {"GET /v2/receipts/{id}", Access::user_or_key},
        {"GET /.well-known/obscura-receipt-keys", Access::open},
        {"POST /v2/admin/tenants", Access::admin},
        {"GET /v2/admin/tenants", Access::admin},
        {"GET /v2/admin/tenants/{id}", Access::admin},
        {"POST /v2/admin/tenants/{id}/api-keys", Access::admin},
        {"GET /v2/admin/tenants/{id}/api-keys", Access::admin},
        {"POST /v2/admin/tenants/{id}/api-keys/{key_id}/rotate", Access::admin},
        {"POST /v2/admin/tenants/{id}/api-keys/{key_id}/revoke", Access::admin},
        {"GET /v2/admin/audit", Access::admin},
        {"GET /health", Access::probe},
        {"GET /livez", Access::probe},
        {"GET /readyz", Access::probe},
        {"GET /metrics", Access::probe},
        {"GET /openapi.json", Access::probe},
        {"GET /.well-known/jwks.json", Access::probe},
    };
    std::map<std::string, Access> actual;
    for (auto const& route : router->routes())
        if (route.method != "OPTIONS")
            actual[route.method + " " + route.pattern] = static_cast<Access>(route.access);
    for (auto const& [route, access] : expected)
        EXPECT_TRUE(actual.contains(route)) << route << " is missing";
    for (auto const& [route, access] : actual) {
        ASSERT_TRUE(expected.contains(route)) << route << " is not in this test's table";
        EXPECT_EQ(name_of(access), name_of(expected.at(route))) << route;
    }
}

/// Every route that needs a credential, asked without one, and with one that has not the right.
TEST_F(Routes, RefuseStrangersAndThoseWithoutTheRight) {
    auto const user = token_of(ada);
    auto const weak_key = add_key(acme, {});
    std::string const id = new_id<model::PoolId>().to_string();
    for (auto const& route : router->routes()) {
        auto const access = static_cast<Access>(route.access);
        if (!gateway::needs_credential(access)) continue;
        auto target = route.pattern;
        for (auto at = target.find('{'); at != std::string::npos; at = target.find('{'))
            target.replace(at, target.find('}') - at + 1, id);
        auto const stranger = send(route.method, target);
        EXPECT_EQ(stranger.status, 401U) << route.method << " " << target;
        EXPECT_EQ(stranger.code(), "unauthenticated");
        EXPECT_EQ(stranger.header("WWW-Authenticate"), "Bearer");
        if (access == Access::user || access == Access::admin || access == Access::pool_manager) {
            EXPECT_EQ(send(route.method, target, weak_key).status, 403U)
                << route.method << " " << target;
        }
        if (access == Access::admin || access == Access::key || access == Access::signal_writer) {
            EXPECT_EQ(send(route.method, target, user).status, 403U)
                << route.method << " " << target;
        }
    }
    EXPECT_EQ(record.writes, 0);
    EXPECT_TRUE(intake.calls.empty());
}

TEST_F(Routes, AreThoseOfTheApiDocument) {
    auto const document = base::parse_json(gateway::openapi_document());
    ASSERT_TRUE(document) << document.error().detail;
    std::set<std::string> written;
    for (auto const& [path, operations] : (*document)["paths"].as_object())
        for (auto const& [method, operation] : operations.as_object()) {
            std::string name = method;
            for (char& c : name) c = static_cast<char>(c - 32);
            written.insert(name + " " + path);
            EXPECT_TRUE(operation["summary"].is_string()) << path;
        }
    std::set<std::string> served;
    for (auto const& route : router->routes())
        if (route.method != "OPTIONS") served.insert(route.method + " " + route.pattern);
    EXPECT_EQ(written, served);
}

TEST_F(Routes, TheDocumentHasNoDanglingReference) {
    auto const text = std::string(gateway::openapi_document());
    auto const document = *base::parse_json(text);
    auto const& schemas = document["components"]["schemas"];
    std::string const mark = "#/components/schemas/";
    int found = 0;
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
        auto const begin = at + mark.size();
        auto const name = text.substr(begin, text.find('"', begin) - begin);
        EXPECT_NE(schemas.find(name), nullptr) << name;
        ++found;
    }
    EXPECT_GT(found, 20);
}

TEST_F(Routes, TheDocumentServedIsTheFile) {
    std::ifstream file(std::string(OBSCURA_TESTS_DIR) + "/../docs/openapi.json");
    std::string const text(std::istreambuf_iterator<char>(file), {});
    EXPECT_EQ(get("/openapi.json").status, 200U);
    EXPECT_EQ(last_raw_body, text);
}

}  // namespace
}  // namespace obscura::test
