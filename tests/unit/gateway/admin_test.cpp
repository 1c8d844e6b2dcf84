#include "gateway_fixture.hpp"

namespace obscura::test {
namespace {

using namespace std::chrono_literals;
using base::Json;

class Admin : public GatewayFixture {
protected:
    Admin() { root = token_of(admin); }
    std::string keys_path(model::TenantId tenant) {
        return "/v2/admin/tenants/" + tenant.to_string() + "/api-keys";
    }
    std::string root;
    std::string key_body =
        R"({"mode":"live","name":"server","scopes":["signal:write"],"ip_allow":["127.0.0.0/8"]})";
};

TEST_F(Admin, MakesATenantWithItsLimits) {
    auto const made =
        post("/v2/admin/tenants", root,
             R"({"slug":"zeta","name":"Zeta","rate_limits":{"execution_per_min":600}})");
    ASSERT_EQ(made.status, 201U) << last_raw_body;
    EXPECT_EQ(made.text("slug"), "zeta");
    EXPECT_EQ(made.text("kind"), "b2b");
    EXPECT_EQ(made.body["rate_limits"]["execution_per_min"].to_int64(), 600);
    EXPECT_EQ(get("/v2/admin/tenants/" + made.text("id"), root).status, 200U);
    EXPECT_EQ(post("/v2/admin/tenants", root, R"({"slug":"zeta","name":"Z"})").code(),
              "slug_taken");
    EXPECT_EQ(get("/v2/admin/tenants", root).body["data"].as_array().size(), 3U);
}

TEST_F(Admin, ATenantsLimitsApplyToItsKeys) {
    record.tenants[acme].settings =
        *base::parse_json(R"({"rate_limits":{"general_per_min":2,"execution_per_min":1}})");
    auto const pool = add_pool(ports::PoolKind::partner, acme).to_string();
    EXPECT_EQ(get("/v2/pools", acme_key).header("RateLimit-Policy"), "\"general\";q=2;w=60");
    EXPECT_EQ(get("/v2/pools", acme_key).status, 200U);
    auto const refused = get("/v2/pools", acme_key);
    EXPECT_EQ(refused.status, 429U);
    EXPECT_EQ(refused.header("Retry-After"), "2");
    auto const body = R"({"symbol":"BTCUSDT","side":"buy","quantity":1})";
    auto const signal = post("/v2/pools/" + pool + "/signals", acme_key, body);
    EXPECT_EQ(signal.status, 202U) << "the execution class is counted apart";
    EXPECT_EQ(signal.header("RateLimit-Policy"), "\"execution\";q=1;w=60");
    EXPECT_EQ(post("/v2/pools/" + pool + "/signals", acme_key, body).status, 429U);
    EXPECT_EQ(intake.calls.size(), 1U);
}

TEST_F(Admin, AKeyIsShownOnceAndWorks) {
    auto const made = post(keys_path(acme), root, key_body);
    ASSERT_EQ(made.status, 201U) << last_raw_body;
    auto const key = made.text("key");
    EXPECT_TRUE(key.starts_with("obsc_live_"));
    EXPECT_EQ(get("/v2/traders", key).status, 200U);
    auto const list = get(keys_path(acme), root);
    EXPECT_EQ(list.body["data"].as_array().size(), 2U);
    EXPECT_EQ(last_raw_body.find("\"key\":"), std::string::npos);
    EXPECT_EQ(last_raw_body.find("mac"), std::string::npos);
    for (auto const& [id, row] : record.api_keys)
        EXPECT_EQ(row.secret_mac.find(key.substr(27, 52)), std::string::npos);
}

TEST_F(Admin, TheSecretIsNotReplayed) {
    net::Headers const idempotent{{"Idempotency-Key", "make-key"}};
    auto const made = post(keys_path(acme), root, key_body, idempotent);
    ASSERT_EQ(made.status, 201U);
    auto const again = post(keys_path(acme), root, key_body, idempotent);
    EXPECT_EQ(again.status, 201U);
    EXPECT_EQ(again.text("id"), made.text("id"));
    EXPECT_EQ(again.body.find("key"), nullptr);
    EXPECT_TRUE(again.body["secret_not_replayed"].as_bool());
    EXPECT_EQ(idempotency.all_bodies().find(made.text("key")), std::string::npos);
    EXPECT_EQ(record.api_keys.size(), 2U);
}

TEST_F(Admin, AKeyWhoseAnswerGotLostIsNotMadeTwice) {
    net::Headers const idempotent{{"Idempotency-Key", "make-key"}};
    auto const made = post(keys_path(acme), root, key_body, idempotent);
    // The gateway died between the key's commit and its answer's: the record says "under way".
    idempotency.abandon_all();
    auto const again = post(keys_path(acme), root, key_body, idempotent);
    EXPECT_EQ(again.status, 409U) << last_raw_body;
    EXPECT_EQ(again.code(), "secret_not_replayable");
    EXPECT_EQ(record.api_keys.size(), 2U);
}

TEST_F(Admin, RotationKeepsBothKeysForAWhile) {
    auto const made = post(keys_path(acme), root, key_body);
    auto const at = keys_path(acme) + "/" + made.text("id");
    auto const next = post(at + "/rotate", root, R"({"overlap_seconds":60})");
    ASSERT_EQ(next.status, 201U) << last_raw_body;
    EXPECT_EQ(next.body["scopes"], made.body["scopes"]);
    EXPECT_EQ(next.text("mode"), "live");
    EXPECT_EQ(get("/v2/traders", made.text("key")).status, 200U);
    EXPECT_EQ(get("/v2/traders", next.text("key")).status, 200U);
    clock.advance(61s);
    EXPECT_EQ(get("/v2/traders", made.text("key")).status, 401U);
    EXPECT_EQ(get("/v2/traders", next.text("key")).status, 200U);
    EXPECT_EQ(post(at + "/rotate", root, "").code(), "key_not_active");
}

TEST_F(Admin, RevocationIsForGood) {
    auto const made = post(keys_path(acme), root, key_body);
    auto const at = keys_path(acme) + "/" + made.text("id");
    auto const revoked = post(at + "/revoke", root, "");
    EXPECT_EQ(revoked.status, 200U);
    EXPECT_FALSE(revoked.text("revoked_at").empty());
    clock.advance(2s);
    EXPECT_EQ(get("/v2/traders", made.text("key")).status, 401U);
    EXPECT_EQ(post(at + "/rotate", root, "").code(), "key_not_active");
    EXPECT_EQ(post(at + "/revoke", root, "").status, 200U);
}

TEST_F(Admin, WhatAdministratorsDoIsInTheAuditLog) {
    clock.advance(1ms);  // rows are told apart by the millisecond
    auto const made = post(keys_path(acme), root, key_body);
    auto const at = keys_path(acme) + "/" + made.text("id");
    clock.advance(1ms);
    remote_address = "198.51.100.9";
    (void)post(at + "/revoke", root, "");
    auto const answer = get("/v2/admin/audit?limit=2&tenant_id=" + acme.to_string(), root);
    ASSERT_EQ(answer.status, 200U) << last_raw_body;
    auto const& rows = answer.body["data"].as_array();
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0]["action"].as_string(), "api_key.revoke");
    EXPECT_EQ(rows[1]["action"].as_string(), "api_key.create");
    EXPECT_EQ(rows[0]["actor"].as_string(), "user:" + admin.to_string());
    EXPECT_EQ(rows[0]["subject"].as_string(), "api_key:" + made.text("id"));
    EXPECT_EQ(rows[0]["tenant_id"].as_string(), acme.to_string());
    EXPECT_EQ(rows[0]["at"].as_string(), base::to_rfc3339(clock.now()));
    EXPECT_EQ(last_raw_body.find(made.text("key")), std::string::npos);
    auto const path = "/v2/admin/audit?limit=1&action=api_key.create&actor=user:";
    auto const page = get(path + admin.to_string(), root);
    EXPECT_EQ(page.body["data"].as_array().size(), 1U);
    EXPECT_TRUE(page.body["next_cursor"].is_null());
    auto const first = get("/v2/admin/audit?limit=1", root);
    auto const second = get("/v2/admin/audit?limit=1&cursor=" + first.text("next_cursor"), root);
    EXPECT_EQ(second.body["data"].as_array()[0]["action"].as_string(), "api_key.create");
    EXPECT_EQ(get("/v2/admin/audit", token_of(ada)).status, 403U);
    EXPECT_EQ(get("/v2/admin/audit?tenant_id=x", root).pointers(), "?tenant_id");
}

TEST_F(Admin, UnknownTenantsAndKeysAre404) {
    auto const nobody = new_id<model::TenantId>();
    EXPECT_EQ(get("/v2/admin/tenants/" + nobody.to_string(), root).status, 404U);
    EXPECT_EQ(post(keys_path(nobody), root, key_body).code(), "tenant_not_found");
    EXPECT_EQ(get(keys_path(nobody), root).status, 404U);
    auto const made = post(keys_path(acme), root, key_body);
    auto const wrong = keys_path(platform) + "/" + made.text("id");
    EXPECT_EQ(post(wrong + "/revoke", root, "").status, 404U) << "another tenant's key";
    EXPECT_EQ(post(wrong + "/rotate", root, "").status, 404U);
    EXPECT_EQ(post(keys_path(acme) + "/nonsense/revoke", root, "").status, 404U);
}

}  // namespace
}  // namespace obscura::test
