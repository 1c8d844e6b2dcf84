// Access tokens whose key is elsewhere: made at the first login, changed while people work, and out
// of reach.
#include "crypto/base64.hpp"
#include "gateway_fixture.hpp"

namespace obscura::gateway {
namespace {

using namespace std::chrono_literals;

class AccessTokensTest : public test::GatewayFixture {
protected:
    Answer log_in(std::string const& email = "ada@example.org") {
        auto const body = base::Json::object(
            {{"email", email}, {"password", "right password"}, {"tenant", "obscura"}});
        return post("/auth/login", "", body.dump());
    }
    std::string status_of(std::string const& token) {
        auto const answer = get("/me", token);
        return answer.status == 200 ? "ok" : answer.code();
    }
    std::size_t keys_shown() {
        return get("/.well-known/jwks.json").body["keys"].as_array().size();
    }
    static base::Error citadel_down() {
        return {.code = base::Errc::unavailable,
                .reason = "citadel_unavailable",
                .detail = "The signing service does not answer."};
    }
};

TEST_F(AccessTokensTest, TheFirstLoginHasTheKeyMadeAndTheNextUsesIt) {
    EXPECT_EQ(keys_shown(), 0U);
    auto const first = log_in();
    ASSERT_EQ(first.status, 200U) << last_raw_body;
    EXPECT_EQ(status_of(first.text("access_token")), "ok");
    EXPECT_EQ(log_in("root@example.org").status, 200U);
    EXPECT_EQ(token_keys.rows.size(), 1U);
    EXPECT_EQ(token_signer.keys.size(), 1U);
    EXPECT_EQ(keys_shown(), 1U);
}

TEST_F(AccessTokensTest, TokensOfARetiredKeyAreGoodUntilTheyExpire) {
    auto const old = log_in().text("access_token");
    token_keys.retire(clock.now());
    auto const fresh = log_in().text("access_token");
    EXPECT_EQ(token_keys.rows.size(), 2U);
    EXPECT_EQ(status_of(old), "ok");
    EXPECT_EQ(status_of(fresh), "ok");
    EXPECT_EQ(keys_shown(), 2U) << "others verify both";
    clock.advance(1h + 31s);
    EXPECT_EQ(status_of(old), "token_expired");
    clock.advance(24h);
    EXPECT_EQ(status_of(log_in().text("access_token")), "ok");
    EXPECT_EQ(keys_shown(), 1U) << "nothing that it signed can be good any more";
    EXPECT_EQ(status_of(old), "invalid_token");
}

TEST_F(AccessTokensTest, AKeyThatWasRetiredForThePastEndsItsTokensWithinHalfAMinute) {
    auto const token = log_in().text("access_token");
    EXPECT_EQ(status_of(token), "ok");
    token_keys.retire(clock.now() - std::chrono::days(365));
    clock.advance(30s);
    EXPECT_EQ(status_of(token), "invalid_token");
}

TEST_F(AccessTokensTest, AKeyThatAnotherReplicaHadMadeIsLookedFor) {
    auto const before = log_in().text("access_token");
    EXPECT_EQ(status_of(before), "ok");
    // Another gateway, on the same record.
    token_keys.retire(clock.now());
    AccessTokens other({.keys = token_keys, .signer = token_signer}, {}, {}, clock);
    auto const id = base::make_uuid_v7(clock.now(), random);
    auto const token = test::run(io, other.issue({.tenant = platform, .user = ada}, id));
    ASSERT_TRUE(token) << token.error().internal;
    clock.advance(1s);
    EXPECT_EQ(status_of(*token), "ok");
}

TEST_F(AccessTokensTest, StrangersDoNotHaveTheRecordAskedForEachOfTheirTokens) {
    auto const token = log_in().text("access_token");
    EXPECT_EQ(status_of(token), "ok");
    auto const header = R"({"alg":"EdDSA","typ":"JWT","kid":")" + std::string(43, 'x') + "\"}";
    auto const strange =
        crypto::base64url_encode(crypto::as_bytes(header)) + token.substr(token.find('.'));
    clock.advance(1s);
    auto const looks = token_keys.looks;
    for (int i = 0; i < 50; ++i) EXPECT_EQ(status_of(strange), "invalid_token");
    EXPECT_EQ(token_keys.looks, looks + 1);
}

TEST_F(AccessTokensTest, WithoutCitadelNobodyLogsInAndWhoIsInGoesOn) {
    auto const session = log_in();
    token_signer.error = citadel_down();
    auto const refused = log_in();
    EXPECT_EQ(refused.status, 503U);
    EXPECT_EQ(refused.code(), "tokens_unavailable");
    EXPECT_EQ(status_of(session.text("access_token")), "ok");
    auto const body = base::Json::object({{"refresh_token", session.text("refresh_token")}}).dump();
    EXPECT_EQ(post("/auth/refresh", "", body).status, 503U);
    token_signer.error.reset();
    auto const refreshed = post("/auth/refresh", "", body);
    EXPECT_EQ(refreshed.status, 200U) << "the refresh token was not used up: " << last_raw_body;
    EXPECT_EQ(status_of(refreshed.text("access_token")), "ok");
    EXPECT_EQ(post("/auth/refresh", "", body).code(), "refresh_token_reused");
}

TEST_F(AccessTokensTest, WhatIsNotTheSignatureOfItsTokenIsNotHandedOut) {
    token_signer.spoilt = "x";
    auto const refused = log_in();
    EXPECT_EQ(refused.status, 503U);
    EXPECT_EQ(refused.code(), "tokens_unavailable");
}

}  // namespace
}  // namespace obscura::gateway
