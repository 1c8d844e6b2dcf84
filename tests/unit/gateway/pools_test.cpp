// Traders, pools and subscriptions over the router.
#include "gateway_fixture.hpp"

namespace obscura::test {
namespace {

using base::Json;
using ports::PoolKind;
using ports::PoolStatus;

class Pools : public GatewayFixture {
protected:
    static std::string path(model::PoolId id, std::string const& rest = "") {
        return "/v2/pools/" + id.to_string() + rest;
    }
    static std::string subscribe_body(model::ConnectionId connection) {
        return Json::object({{"connection_id", connection.to_string()},
                             {"total_investment_usd", "1000.50"},
                             {"max_loss_usd", 100}})
            .dump();
    }
};

TEST_F(Pools, ATraderLeadsWithAConnectionOfTheirOwnMadeToLead) {
    auto const token = token_of(ada);
    auto const body = [](model::ConnectionId id) {
        return Json::object({{"connection_id", id.to_string()}, {"display_name", "Ada"}}).dump();
    };
    auto const lead = add_connection(ada, ports::ConnectionPurpose::lead);
    auto const made = post("/v2/traders", token, body(lead));
    ASSERT_EQ(made.status, 201U) << last_raw_body;
    EXPECT_EQ(made.text("display_name"), "Ada");
    EXPECT_EQ(made.text("status"), "active");
    EXPECT_EQ(post("/v2/traders", token, body(lead)).code(), "trader_exists");
    auto const follow = post("/v2/traders", token, body(add_connection(ada)));
    EXPECT_EQ(follow.status, 400U);
    EXPECT_EQ(follow.body["errors"].as_array()[0]["code"].as_string(), "wrong_purpose");
    auto const others = add_connection(admin, ports::ConnectionPurpose::lead);
    auto const stolen = post("/v2/traders", token, body(others));
    EXPECT_EQ(stolen.status, 400U);
    EXPECT_EQ(stolen.pointers(), "/connection_id");
    auto const list = get("/v2/traders", token);
    EXPECT_EQ(list.body["data"].as_array().size(), 1U);
    EXPECT_EQ(get("/v2/traders", acme_key).body["data"].as_array().size(), 0U);
}

TEST_F(Pools, EachKindIsMadeByWhomItIsFor) {
    auto const body = [](std::string const& kind) {
        return Json::object({{"kind", kind}, {"name", "P"}}).dump();
    };
    auto const user = token_of(ada);
    auto const root = token_of(admin);
    auto const weak_key = add_key(acme, {"signal:write"});
    EXPECT_EQ(post("/v2/pools", user, body("custom")).status, 201U);
    EXPECT_EQ(post("/v2/pools", user, body("curated")).status, 403U);
    EXPECT_EQ(post("/v2/pools", user, body("partner")).status, 403U);
    EXPECT_EQ(post("/v2/pools", root, body("curated")).status, 201U);
    EXPECT_EQ(post("/v2/pools", acme_key, body("partner")).status, 201U);
    EXPECT_EQ(post("/v2/pools", acme_key, body("custom")).status, 403U);
    EXPECT_EQ(post("/v2/pools", acme_key, body("curated")).status, 403U);
    EXPECT_EQ(post("/v2/pools", weak_key, body("partner")).code(), "scope_missing");
    EXPECT_EQ(post("/v2/pools", user, R"({"name":"P"})").text("kind"), "custom");
    auto const partner = post("/v2/pools", acme_key, R"({"name":"P"})");
    EXPECT_EQ(partner.text("kind"), "partner");
    EXPECT_EQ(partner.text("status"), "draft");
    EXPECT_EQ(partner.body["platform_fee_bps"].to_int64(), 300);
    EXPECT_EQ(record.pools.size(), 5U);
}

TEST_F(Pools, TakesTradersWithWeights) {
    auto const trader = add_trader(ada);
    auto const pool = [&](std::string const& weight) {
        return R"({"name":"P","traders":[{"trader_id":")" + trader.to_string() + R"(","weight":)" +
               weight + "}]}";
    };
    auto const token = token_of(ada);
    auto const made = post("/v2/pools", token, pool("\"0.25\""));
    ASSERT_EQ(made.status, 201U) << last_raw_body;
    auto const& traders = made.body["traders"].as_array();
    ASSERT_EQ(traders.size(), 1U);
    EXPECT_EQ(traders[0]["weight"].as_string(), "0.25");
    for (auto const* weight : {"0", "1.1", "-1", "0.0000001", "\"x\"", "true", "1e400"}) {
        auto const refused = post("/v2/pools", token, pool(weight));
        EXPECT_EQ(refused.status, 400U) << weight;
        EXPECT_EQ(refused.pointers(), "/traders/0/weight") << weight;
    }
}

TEST_F(Pools, OnlyTheMakerChangesAPool) {
    auto const curated = add_pool(PoolKind::curated, platform, admin);
    auto const custom = add_pool(PoolKind::custom, platform, ada);
    auto const partner = add_pool(PoolKind::partner, acme);
    auto const foreign = add_pool(PoolKind::partner, platform);
    auto const change = [&](model::PoolId id, std::string const& token) {
        return send("PATCH", path(id), token, R"({"name":"New"})").status;
    };
    auto const user = token_of(ada);
    auto const root = token_of(admin);
    auto const bobs = token_of(bob);
    EXPECT_EQ(change(curated, root), 200U);
    EXPECT_EQ(change(curated, user), 403U);
    EXPECT_EQ(change(curated, bobs), 403U);
    EXPECT_EQ(change(curated, acme_key), 403U);
    EXPECT_EQ(change(custom, user), 200U);
    EXPECT_EQ(change(custom, root), 404U) << "not even seen";
    EXPECT_EQ(change(custom, bobs), 404U);
    EXPECT_EQ(change(partner, acme_key), 200U);
    EXPECT_EQ(change(partner, bobs), 403U);
    EXPECT_EQ(change(partner, user), 404U);
    EXPECT_EQ(change(foreign, acme_key), 404U);
    EXPECT_EQ(change(new_id<model::PoolId>(), user), 404U);
}

TEST_F(Pools, GoThroughTheirStates) {
    auto const token = token_of(ada);
    auto const id = add_pool(PoolKind::custom, platform, ada, PoolStatus::draft);
    EXPECT_EQ(post(path(id, "/pause"), token, "").code(), "pool_not_active");
    EXPECT_EQ(post(path(id, "/activate"), token, "").text("status"), "active");
    EXPECT_EQ(post(path(id, "/activate"), token, "{}").status, 200U);
    EXPECT_EQ(send("PATCH", path(id), token, R"({"performance_fee_bps":2000})").code(),
              "fee_fixed");
    EXPECT_EQ(post(path(id, "/pause"), token, "").text("status"), "paused");
    EXPECT_EQ(post(path(id, "/archive"), token, "").text("status"), "archived");
    EXPECT_EQ(post(path(id, "/activate"), token, "").code(), "pool_archived");
}

TEST_F(Pools, ListsPageByPage) {
    std::vector<std::string> ids;
    for (int i = 0; i < 3; ++i)
        ids.push_back(add_pool(PoolKind::curated, platform, admin).to_string());
    auto const token = token_of(bob);
    auto const first = get("/v2/pools?limit=2", token);
    ASSERT_EQ(first.body["data"].as_array().size(), 2U);
    EXPECT_EQ(first.body["data"].as_array()[0]["id"].as_string(), ids[2]);
    EXPECT_EQ(first.body["data"].as_array()[0].find("traders"), nullptr)
        << "another tenant's traders";
    auto const second = get("/v2/pools?limit=2&cursor=" + first.text("next_cursor"), token);
    ASSERT_EQ(second.body["data"].as_array().size(), 1U);
    EXPECT_EQ(second.body["data"].as_array()[0]["id"].as_string(), ids[0]);
    EXPECT_TRUE(second.body["next_cursor"].is_null());
    EXPECT_EQ(get("/v2/pools?limit=3", token).body["next_cursor"], Json()) << "exactly full";
    EXPECT_TRUE(get("/v2/pools?kind=partner", token).body["data"].as_array().empty());
}

TEST_F(Pools, AUserSubscribesWithAConnectionOfTheirOwn) {
    auto const pool = add_pool(PoolKind::curated, platform, admin);
    auto const token = token_of(bob);
    auto const connection = add_connection(bob);
    auto const made = post(path(pool, "/subscribe"), token, subscribe_body(connection));
    ASSERT_EQ(made.status, 201U) << last_raw_body;
    EXPECT_EQ(made.text("total_investment_usd"), "1000.5");
    EXPECT_EQ(made.text("max_loss_usd"), "100") << "decimals are strings";
    EXPECT_TRUE(made.body["profit_target_usd"].is_null());
    EXPECT_EQ(made.text("mode"), "fixed_amount");
    EXPECT_EQ(record.subscriptions.begin()->second.tenant, acme) << "the follower's tenant";
    EXPECT_EQ(post(path(pool, "/subscribe"), token, subscribe_body(connection)).code(),
              "already_subscribed");
    auto const others = post(path(pool, "/subscribe"), token, subscribe_body(add_connection(ada)));
    EXPECT_EQ(others.pointers(), "/connection_id");
    auto const lead = add_connection(bob, ports::ConnectionPurpose::lead);
    EXPECT_EQ(post(path(pool, "/subscribe"), token, subscribe_body(lead)).status, 400U);
}

TEST_F(Pools, SubscribesOnlyToPoolsThatAreSeenAndActive) {
    auto const token = token_of(bob);
    auto const connection = add_connection(bob);
    auto const to = [&](model::PoolId pool) {
        return post(path(pool, "/subscribe"), token, subscribe_body(connection));
    };
    EXPECT_EQ(to(add_pool(PoolKind::curated, platform, admin, PoolStatus::paused)).code(),
              "pool_not_active");
    EXPECT_EQ(to(add_pool(PoolKind::curated, platform, admin, PoolStatus::draft)).status, 404U);
    EXPECT_EQ(to(add_pool(PoolKind::custom, acme, ada)).status, 404U);
    EXPECT_EQ(to(add_pool(PoolKind::partner, platform)).status, 404U);
    EXPECT_EQ(to(new_id<model::PoolId>()).status, 404U);
    EXPECT_TRUE(record.subscriptions.empty());
    EXPECT_EQ(to(add_pool(PoolKind::partner, acme)).status, 201U);
}

TEST_F(Pools, AdvancedModeIsRefusedByName) {
    auto const pool = add_pool(PoolKind::curated, platform, admin);
    auto body = *base::parse_json(subscribe_body(add_connection(bob)));
    body.set("mode", "advanced");
    auto const refused = post(path(pool, "/subscribe"), token_of(bob), body.dump());
    EXPECT_EQ(refused.status, 400U);
    EXPECT_EQ(refused.pointers(), "/mode");
    EXPECT_EQ(refused.body["errors"].as_array()[0]["code"].as_string(), "not_allowed");
}

TEST_F(Pools, ASubscriptionIsChangedPausedAndClosedByItsOwner) {
    auto const id = add_subscription(bob, add_pool(PoolKind::curated, platform, admin));
    auto const at = "/v2/subscriptions/" + id.to_string();
    auto const token = token_of(bob);
    auto const stranger = token_of(ada);
    for (auto const& [method, rest] : std::vector<std::pair<std::string, std::string>>{
             {"GET", ""}, {"DELETE", ""}, {"POST", "/pause"}, {"POST", "/resume"}})
        EXPECT_EQ(send(method, at + rest, stranger).status, 404U) << method << rest;
    EXPECT_EQ(send("PATCH", at, stranger, "{}").status, 404U);
    auto const changed = send("PATCH", at, token, R"({"max_loss_usd":"50","profit_target_usd":9})");
    EXPECT_EQ(changed.text("max_loss_usd"), "50");
    EXPECT_EQ(changed.text("profit_target_usd"), "9");
    auto const freed = send("PATCH", at, token, R"({"max_loss_usd":null})");
    EXPECT_TRUE(freed.body["max_loss_usd"].is_null());
    EXPECT_EQ(freed.text("profit_target_usd"), "9") << "what is not named stays";
    EXPECT_EQ(send("PATCH", at, token, R"({"total_investment_usd":null})").status, 200U);
    EXPECT_EQ(get(at, token).text("total_investment_usd"), "1000");
    EXPECT_EQ(post(at + "/pause", token, "").text("status"), "paused");
    EXPECT_EQ(post(at + "/resume", token, "").text("status"), "active");
    EXPECT_EQ(get("/v2/subscriptions?status=active", token).body["data"].as_array().size(), 1U);
    EXPECT_EQ(send("DELETE", at, token).text("status"), "closed");
    EXPECT_EQ(post(at + "/resume", token, "").code(), "subscription_closed");
    EXPECT_EQ(send("PATCH", at, token, R"({"max_loss_usd":1})").code(), "subscription_closed");
}

TEST_F(Pools, ASubscriptionThatHoldsSomethingIsClosing) {
    auto const id = add_subscription(bob, add_pool(PoolKind::curated, platform, admin));
    record.with_open_legs.insert(id);
    auto const answer = send("DELETE", "/v2/subscriptions/" + id.to_string(), token_of(bob));
    EXPECT_EQ(answer.text("status"), "closing");
    EXPECT_TRUE(answer.body["closed_at"].is_null());
}

}  // namespace
}  // namespace obscura::test
