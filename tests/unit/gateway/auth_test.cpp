#include "gateway_fixture.hpp"

namespace obscura::test {
namespace {

using namespace std::chrono_literals;

class Auth : public GatewayFixture {
protected:
    using GatewayFixture::GatewayFixture;
    static std::string login_body(std::string const& email, std::string const& password,
                                  std::string const& tenant = "") {
        auto json = base::Json::object({{"email", email}, {"password", password}});
        if (!tenant.empty()) json.set("tenant", tenant);
        return json.dump();
    }
    static std::string refresh_body(std::string const& token) {
        return base::Json::object({{"refresh_token", token}}).dump();
    }
    Answer register_user(std::string const& email, std::string const& tenant = "",
                         std::string const& key = "") {
        return post("/auth/register", key, login_body(email, "a good password", tenant));
    }
};

TEST_F(Auth, RegistersAndLetsTheNewUserIn) {
    auto const made = register_user("Eve@Example.org");
    ASSERT_EQ(made.status, 201U) << last_raw_body;
    EXPECT_EQ(made.body["user"]["email"].as_string(), "eve@example.org");
    EXPECT_EQ(made.body["user"]["role"].as_string(), "user");
    EXPECT_EQ(made.body["expires_in"].to_int64(), 3600);
    EXPECT_EQ(made.text("token_type"), "Bearer");
    EXPECT_EQ(last_raw_body.find("hash"), std::string::npos);
    auto const me = get("/me", made.text("access_token"));
    EXPECT_EQ(me.status, 200U);
    EXPECT_EQ(me.text("id"), made.body["user"]["id"].as_string());
    auto const again = post("/auth/login", "", login_body("EVE@example.org", "a good password"));
    EXPECT_EQ(again.status, 200U);
}

TEST_F(Auth, RefusesAnAddressTwice) {
    EXPECT_EQ(register_user("ada@example.org").code(), "email_taken");
    EXPECT_EQ(register_user("bob@example.org").status, 201U) << "bob is another tenant's";
}

TEST_F(Auth, AnotherTenantNeedsThatTenantsKey) {
    EXPECT_EQ(register_user("x@example.org", "acme").code(), "tenant_key_required");
    EXPECT_EQ(register_user("x@example.org", "nobody").code(), "tenant_key_required")
        << "the same answer, so that tenants cannot be found out";
    auto const other = add_tenant("other", ports::TenantKind::b2b);
    auto const others_key = add_key(other, {});
    EXPECT_EQ(register_user("x@example.org", "acme", others_key).code(), "tenant_key_required");
    EXPECT_EQ(register_user("x@example.org", "acme", token_of(ada)).code(), "tenant_key_required");
    EXPECT_EQ(register_user("x@example.org", "acme", "obsc_live_bad").code(), "invalid_api_key");
    EXPECT_EQ(record.writes, 0);
    auto const made = register_user("x@example.org", "acme", acme_key);
    ASSERT_EQ(made.status, 201U);
    EXPECT_EQ(made.body["user"]["tenant_id"].as_string(), acme.to_string());
}

TEST_F(Auth, TellsNothingAboutWhoHasAnAccount) {
    std::string bodies;
    for (auto const& body : {login_body("ada@example.org", "wrong password"),
                             login_body("nobody@example.org", "wrong password"),
                             login_body("ada@example.org", "right password", "acme"),
                             login_body("ada@example.org", "right password", "no-such-tenant"),
                             login_body("nobody@example.org", "nobody has this password")}) {
        auto const answer = post("/auth/login", "", body);
        EXPECT_EQ(answer.status, 401U);
        EXPECT_EQ(answer.code(), "wrong_login");
        if (bodies.empty()) bodies = answer.text("detail");
        EXPECT_EQ(answer.text("detail"), bodies);
    }
}

TEST_F(Auth, FiveTriesForOneAddressAndAccount) {
    auto const wrong = login_body("ada@example.org", "wrong password");
    for (int i = 0; i < 5; ++i) EXPECT_EQ(post("/auth/login", "", wrong).status, 401U);
    auto const refused = post("/auth/login", "", wrong);
    EXPECT_EQ(refused.status, 429U);
    EXPECT_FALSE(refused.header("Retry-After").empty());
    EXPECT_EQ(post("/auth/login", "", login_body("ADA@example.org", "right password")).status, 429U)
        << "the right password does not help any more";
    EXPECT_EQ(post("/auth/login", "", login_body("root@example.org", "right password")).status,
              200U)
        << "another account";
    remote_address = "198.51.100.7";
    EXPECT_EQ(post("/auth/login", "", login_body("ada@example.org", "right password")).status, 200U)
        << "another address";
}

/// Small bounds, so that they can be reached beside the five of account and network.
class Guessing : public Auth {
protected:
    static gateway::GatewayConfig tight() {
        gateway::GatewayConfig config;
        config.login = {.per_pair = 5, .per_account = 8, .per_address = 12};
        return config;
    }
    Guessing() : Auth(tight()) {}
    unsigned guess(std::string const& email, std::string const& from,
                   std::string const& password = "wrong password") {
        remote_address = from;
        return post("/auth/login", "", login_body(email, password)).status;
    }
    static std::string host(int i) { return "198.51.100." + std::to_string(i); }
};

TEST_F(Guessing, OneAccountFromManyNetworksIsBounded) {
    for (auto const* email : {"ada@example.org", "nobody@example.org"}) {
        for (int i = 1; i <= 8; ++i) EXPECT_EQ(guess(email, host(i)), 401U) << email;
        EXPECT_EQ(guess(email, host(9)), 429U) << email << ": the same whether it exists or not";
    }
    EXPECT_EQ(guess("ada@example.org", host(10), "right password"), 429U)
        << "guessing right must not show";
    EXPECT_EQ(guess("root@example.org", host(11), "right password"), 200U) << "another account";
}

TEST_F(Guessing, StrangersDoNotLockOutWhoIsAtHome) {
    EXPECT_EQ(guess("ada@example.org", "192.0.2.1", "right password"), 200U);
    for (int i = 1; i <= 20; ++i) (void)guess("ada@example.org", host(i));
    EXPECT_EQ(guess("ada@example.org", host(21), "right password"), 429U);
    EXPECT_EQ(guess("ada@example.org", "192.0.2.1", "right password"), 200U);
    clock.advance(91 * 24h);
    EXPECT_EQ(guess("ada@example.org", "192.0.2.1", "right password"), 429U)
        << "a network that was not used for long is a stranger's";
}

TEST_F(Guessing, ManyAccountsFromOneNetworkAreBounded) {
    for (int i = 0; i < 12; ++i)
        EXPECT_EQ(guess("user" + std::to_string(i) + "@example.org", host(1)), 401U);
    EXPECT_EQ(guess("user12@example.org", host(1)), 429U);
    EXPECT_EQ(guess("ada@example.org", host(1), "right password"), 429U);
    EXPECT_EQ(guess("ada@example.org", host(2), "right password"), 200U);
    remote_address = host(1);
    EXPECT_EQ(register_user("new@example.org").status, 429U) << "that tells who is there, too";
}

TEST_F(Guessing, SuccessesAreNotTries) {
    for (int i = 0; i < 40; ++i)
        EXPECT_EQ(guess("ada@example.org", host(1), "right password"), 200U);
    for (int i = 0; i < 20; ++i) {
        remote_address = "203.0.113." + std::to_string(i);
        EXPECT_EQ(guess("root@example.org", remote_address, "right password"), 200U);
    }
    for (int i = 0; i < 40; ++i)
        EXPECT_EQ(register_user("new" + std::to_string(i) + "@example.org").status, 201U);
}

TEST_F(Guessing, ATenantsServerSpeaksForMany) {
    remote_address = host(1);
    net::Headers const server{{"X-API-Key", acme_key}};
    for (int i = 0; i < 30; ++i) {
        auto const email = "user" + std::to_string(i) + "@example.org";
        EXPECT_EQ(
            post("/auth/login", "", login_body(email, "wrong password", "acme"), server).status,
            401U);
    }
}

TEST_F(Guessing, TheRecordIsAskedAsOftenForNobody) {
    auto const asked = [&](std::string const& email, std::string const& tenant) {
        auto const before = record.calls;
        EXPECT_EQ(post("/auth/login", "", login_body(email, "wrong password", tenant)).status,
                  401U);
        return record.calls - before;
    };
    auto const somebody = asked("ada@example.org", "obscura");
    EXPECT_EQ(asked("nobody@example.org", "obscura"), somebody);
    EXPECT_EQ(asked("ada@example.org", "no-such-tenant"), somebody);
}

TEST_F(Auth, ASuccessForgetsTheTries) {
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 4; ++i)
            EXPECT_EQ(
                post("/auth/login", "", login_body("ada@example.org", "wrong password")).status,
                401U);
        EXPECT_EQ(post("/auth/login", "", login_body("ada@example.org", "right password")).status,
                  200U);
    }
}

TEST_F(Auth, TheTriesAreCountedWithoutRedisToo) {
    limiter.is_down = true;
    auto const wrong = login_body("ada@example.org", "wrong password");
    for (int i = 0; i < 5; ++i) EXPECT_EQ(post("/auth/login", "", wrong).status, 401U);
    EXPECT_EQ(post("/auth/login", "", wrong).status, 429U);
}

TEST_F(Auth, WhoCannotBeGivenATokenIsNotRegisteredEither) {
    token_signer.error = base::Error{base::Errc::unavailable, "citadel_down", "Nobody signs."};
    EXPECT_EQ(register_user("eve@example.org").status, 503U);
    token_signer.error.reset();
    EXPECT_EQ(register_user("eve@example.org").status, 201U) << last_raw_body;
}

TEST_F(Auth, RefreshRotatesAndReuseEndsTheSession) {
    auto const first = register_user("eve@example.org");
    auto const second = post("/auth/refresh", "", refresh_body(first.text("refresh_token")));
    ASSERT_EQ(second.status, 200U) << last_raw_body;
    EXPECT_NE(second.text("refresh_token"), first.text("refresh_token"));
    EXPECT_EQ(get("/me", second.text("access_token")).status, 200U);
    auto const reused = post("/auth/refresh", "", refresh_body(first.text("refresh_token")));
    EXPECT_EQ(reused.code(), "refresh_token_reused");
    auto const after = post("/auth/refresh", "", refresh_body(second.text("refresh_token")));
    EXPECT_EQ(after.code(), "invalid_refresh_token");
    EXPECT_EQ(after.status, 401U);
}

TEST_F(Auth, AUserHasSoManySessionsAndNoMore) {
    auto const first = register_user("eve@example.org");
    Answer last;
    for (int i = 0; i < 20; ++i) {
        clock.advance(1s);
        last = post("/auth/login", "", login_body("eve@example.org", "a good password"));
    }
    auto const ended = post("/auth/refresh", "", refresh_body(first.text("refresh_token")));
    EXPECT_EQ(ended.code(), "invalid_refresh_token");
    EXPECT_EQ(post("/auth/refresh", "", refresh_body(last.text("refresh_token"))).status, 200U);
}

TEST_F(Auth, LoginsAndTheirFailuresAreInTheAuditLog) {
    auto const made = register_user("eve@example.org");
    auto const eve = "user:" + std::string(made.body["user"]["id"].as_string());
    for (int i = 0; i < 3; ++i)
        (void)post("/auth/login", "", login_body("eve@example.org", "wrong password"));
    (void)post("/auth/login", "", login_body("nobody@example.org", "wrong password"));
    (void)post("/auth/login", "", login_body("x@example.org", "wrong password", "no-such-tenant"));
    (void)post("/auth/logout", "", refresh_body(made.text("refresh_token")));
    std::map<std::string, std::int64_t> rows;
    for (auto const& [id, entry] : record.audit)
        rows[entry.actor + " " + entry.action + " " + entry.subject] +=
            entry.detail["count"].to_int64().value_or(1);
    std::map<std::string, std::int64_t> const expected{{"anonymous user.register " + eve, 1},
                                                       {eve + " session.start " + eve, 1},
                                                       {"anonymous session.end " + eve, 1},
                                                       {"anonymous login.failed " + eve, 3},
                                                       {"anonymous login.failed nobody", 2}};
    EXPECT_EQ(rows, expected);
}

TEST_F(Auth, LogoutEndsTheSessionWhateverItGets) {
    auto const tokens = register_user("eve@example.org");
    auto const body = refresh_body(tokens.text("refresh_token"));
    EXPECT_EQ(post("/auth/logout", "", body).status, 204U);
    EXPECT_EQ(post("/auth/refresh", "", body).status, 401U);
    EXPECT_EQ(post("/auth/logout", "", refresh_body("unknown")).status, 204U);
}

TEST_F(Auth, RefreshTokensAreKeptAsHashesOnly) {
    auto const tokens = register_user("eve@example.org");
    for (auto const& [hash, session] : record.sessions) {
        EXPECT_EQ(hash.size(), 32U);
        EXPECT_EQ(hash.find(tokens.text("refresh_token")), std::string::npos);
    }
}

TEST_F(Auth, AnAccessTokenEndsWithItsHourItsUserAndItsTenant) {
    auto const token = token_of(ada);
    EXPECT_EQ(get("/me", token).status, 200U);
    record.tenants[platform].is_active = false;
    EXPECT_EQ(get("/me", token).status, 200U) << "kept for two seconds";
    clock.advance(2s);
    EXPECT_EQ(get("/me", token).code(), "invalid_token");
    record.tenants[platform].is_active = true;
    EXPECT_EQ(get("/me", token).status, 200U);
    clock.advance(1h + 31s);
    EXPECT_EQ(get("/me", token).code(), "token_expired");
}

TEST_F(Auth, TheRoleIsTheRecordsAndOfThePlatformOnly) {
    auto const token = token_of(admin);
    EXPECT_EQ(get("/v2/admin/tenants", token).status, 200U);
    record.users[admin].is_admin = false;
    clock.advance(2s);
    EXPECT_EQ(get("/v2/admin/tenants", token).status, 403U);
    record.users[bob].is_admin = true;
    EXPECT_EQ(get("/v2/admin/tenants", token_of(bob)).status, 403U)
        << "a tenant's admin is no platform administrator";
}

TEST_F(Auth, BadCredentialsAreToldApartFromNone) {
    EXPECT_EQ(get("/me").code(), "unauthenticated");
    EXPECT_EQ(get("/me", "nonsense").code(), "invalid_token");
    EXPECT_EQ(get("/me", "obsc_live_nonsense").code(), "invalid_api_key");
    EXPECT_EQ(send("GET", "/me", "", "", {{"Authorization", "Basic abc"}}).code(),
              "invalid_credential");
    EXPECT_EQ(send("GET", "/me", "", "", {{"Authorization", "Bearer"}}).status, 401U);
    auto const both = send("GET", "/me", token_of(ada), "", {{"X-API-Key", acme_key}});
    EXPECT_EQ(both.status, 400U);
    EXPECT_EQ(both.code(), "two_credentials");
}

TEST_F(Auth, AnApiKeyWorksFromEitherHeader) {
    EXPECT_EQ(get("/v2/pools", acme_key).status, 200U);
    EXPECT_EQ(send("GET", "/v2/pools", "", "", {{"X-API-Key", acme_key}}).status, 200U);
    EXPECT_EQ(send("GET", "/v2/pools", "", "", {{"authorization", "bearer " + acme_key}}).status,
              200U);
}

TEST_F(Auth, AnApiKeyIsGoodWithItsSecretInItsTimeFromItsAddresses) {
    auto const restricted = add_key(acme, {}, ports::ApiKeyMode::live, {"192.0.2.0/24"});
    EXPECT_EQ(get("/v2/pools", restricted).code(), "address_not_allowed");
    remote_address = "192.0.2.9";
    EXPECT_EQ(get("/v2/pools", restricted).status, 200U);
    auto& row = record.api_keys[last_key];
    row.secret_mac[0] = static_cast<char>(row.secret_mac[0] ^ 1);
    clock.advance(2s);
    EXPECT_EQ(get("/v2/pools", restricted).code(), "invalid_api_key");
    row.secret_mac[0] = static_cast<char>(row.secret_mac[0] ^ 1);
    row.expires_at = clock.now() + 5s;
    clock.advance(2s);
    EXPECT_EQ(get("/v2/pools", restricted).status, 200U);
    clock.advance(3s);
    EXPECT_EQ(get("/v2/pools", restricted).code(), "invalid_api_key");
    row.expires_at.reset();
    row.revoked_at = clock.now();
    clock.advance(2s);
    EXPECT_EQ(get("/v2/pools", restricted).code(), "invalid_api_key");
}

TEST_F(Auth, TheLastUseOfAKeyIsWrittenOnceAMinute) {
    (void)get("/v2/pools", acme_key);
    auto const first = clock.now();
    EXPECT_EQ(record.api_keys[last_key].last_used_at, first);
    clock.advance(59s);
    (void)get("/v2/pools", acme_key);
    EXPECT_EQ(record.api_keys[last_key].last_used_at, first);
    clock.advance(1s);
    (void)get("/v2/pools", acme_key);
    EXPECT_EQ(record.api_keys[last_key].last_used_at, clock.now());
}

TEST_F(Auth, ThePasswordIsWipedFromTheRequest) {
    net::Request request{.method = "POST", .target = "/auth/login"};
    request.body = login_body("ada@example.org", "right password");
    auto const response = run(io, router->dispatch(request));
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(request.body.find("right"), std::string::npos);
}

}  // namespace
}  // namespace obscura::test
