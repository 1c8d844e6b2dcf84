#include "gateway/jwt.hpp"

#include "crypto/base64.hpp"
#include "crypto/hmac.hpp"
#include "crypto/jws.hpp"

#include <gtest/gtest.h>

namespace obscura::gateway {
namespace {

using namespace std::chrono_literals;

crypto::Ed25519PrivateKey key(std::uint8_t fill) {
    std::vector<std::uint8_t> const seed(32, fill);
    return std::move(crypto::Ed25519PrivateKey::from_seed(seed).value());
}

Jwt trusting(crypto::Ed25519PublicKey key) {
    Jwt out({});
    std::vector<crypto::Ed25519PublicKey> keys;
    keys.push_back(std::move(key));
    out.trust(std::move(keys));
    return out;
}

class JwtTest : public ::testing::Test {
protected:
    /// As citadel signs it.
    std::string issue(base::Timestamp at) const {
        auto const input =
            crypto::jwt_signing_input(crypto::jwk_thumbprint(signing.public_key()),
                                      model::payload_of(jwt.token_for(claims, base::Uuid{}, at)));
        return crypto::jwt_of(input, signing.sign(input));
    }
    std::string sign(std::string const& header, std::string const& payload,
                     crypto::Ed25519PrivateKey const& with) const {
        auto const input = crypto::base64url_encode(crypto::as_bytes(header)) + "." +
                           crypto::base64url_encode(crypto::as_bytes(payload));
        return input + "." + crypto::base64url_encode(with.sign(input));
    }
    std::string header() const {
        return R"({"alg":"EdDSA","typ":"JWT","kid":")" +
               jwt.key_set()["keys"].as_array()[0]["kid"].as_string() + "\"}";
    }
    std::string payload(std::string const& change = "", std::string const& to = "") const {
        std::string text = R"({"iss":"obscura","aud":"obscura-api","sub":")" +
                           claims.user.to_string() + R"(","tenant":")" + claims.tenant.to_string() +
                           R"(","iat":1790000000,"nbf":1790000000,"exp":1790003600,"jti":"1"})";
        if (change.empty()) return text;
        auto const at = text.find(change);
        EXPECT_NE(at, std::string::npos) << change;
        return text.replace(at, change.size(), to);
    }
    std::string verify(std::string const& token, base::Timestamp at) const {
        auto const result = jwt.verify(token, at);
        return result ? "ok" : result.error().reason;
    }

    base::Timestamp now = base::from_unix_ms(1'790'000'000'000);
    crypto::Ed25519PrivateKey signing = key(1);
    Jwt jwt = trusting(key(1).public_key());
    AccessClaims claims{.tenant = *model::TenantId::parse("0190163d-8694-739b-aea5-966c26f8ad91"),
                        .user = *model::UserId::parse("0190163d-8694-739b-aea5-966c26f8ad92")};
};

TEST_F(JwtTest, VerifiesWhatItIssued) {
    auto const token = issue(now);
    auto const verified = jwt.verify(token, now + 30min);
    ASSERT_TRUE(verified);
    EXPECT_EQ(verified->user, claims.user);
    EXPECT_EQ(verified->tenant, claims.tenant);
}

TEST_F(JwtTest, IsGoodForItsTimeAndALittle) {
    auto const token = issue(now);
    EXPECT_EQ(verify(token, now - 30s), "ok");
    EXPECT_EQ(verify(token, now - 31s), "invalid_token");
    EXPECT_EQ(verify(token, now + 1h + 29s), "ok");
    EXPECT_EQ(verify(token, now + 1h + 30s), "token_expired");
}

TEST_F(JwtTest, RefusesEveryChangedByte) {
    auto const token = issue(now);
    for (std::size_t i = 0; i < token.size(); ++i) {
        auto changed = token;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_EQ(verify(changed, now), "invalid_token") << "at " << i;
    }
    for (std::size_t i = 0; i < token.size(); ++i)
        EXPECT_EQ(verify(token.substr(0, i), now), "invalid_token");
}

TEST_F(JwtTest, TheTestSignsAsTheIssuerDoes) {
    EXPECT_EQ(verify(sign(header(), payload(), signing), now), "ok");
}

TEST_F(JwtTest, RefusesOtherHeaders) {
    auto const kid = jwt.key_set()["keys"].as_array()[0]["kid"].as_string();
    auto const with = [&](std::string const& text) { return sign(text, payload(), signing); };
    for (std::string const& bad : std::vector<std::string>{
             R"({"alg":"none","typ":"JWT","kid":")" + kid + "\"}",
             R"({"alg":"HS256","typ":"JWT","kid":")" + kid + "\"}",
             R"({"alg":"eddsa","typ":"JWT","kid":")" + kid + "\"}",
             R"({"alg":"EdDSA","typ":"JWT"})", R"({"alg":"EdDSA","typ":"JWT","kid":""})",
             R"({"alg":"EdDSA","typ":"JWT","kid":"other"})",
             R"({"alg":"EdDSA","typ":"JWE","kid":")" + kid + "\"}",
             R"({"alg":"EdDSA","typ":"JWT","kid":")" + kid + R"(","crit":["exp"]})",
             R"({"alg":"EdDSA","typ":"JWT","kid":")" + kid + R"(","jwk":{}})",
             R"({"alg":"EdDSA","alg":"EdDSA","typ":"JWT","kid":")" + kid + "\"}", "[]", "", "{}"})
        EXPECT_EQ(verify(with(bad), now), "invalid_token") << bad;
}

TEST_F(JwtTest, RefusesAPublicKeyUsedAsAnHmacKey) {
    auto const x = jwt.key_set()["keys"].as_array()[0]["x"].as_string();
    auto const kid = jwt.key_set()["keys"].as_array()[0]["kid"].as_string();
    auto const head = R"({"alg":"HS256","typ":"JWT","kid":")" + kid + "\"}";
    auto const input = crypto::base64url_encode(crypto::as_bytes(head)) + "." +
                       crypto::base64url_encode(crypto::as_bytes(payload()));
    auto const mac = crypto::hmac_sha256(x, input);
    EXPECT_EQ(verify(input + "." + crypto::base64url_encode(mac), now), "invalid_token");
    EXPECT_EQ(verify(input + ".", now), "invalid_token");
}

TEST_F(JwtTest, RefusesOtherKeysClaimsAndForms) {
    EXPECT_EQ(verify(sign(header(), payload(), key(2)), now), "invalid_token");
    auto const user = claims.user.to_string();
    std::vector<std::pair<std::string, std::string>> const changes{
        {"\"obscura\"", "\"other\""},
        {"\"obscura-api\"", "\"other\""},
        {"\"obscura-api\"", "[\"obscura-api\"]"},
        {"\"exp\":1790003600,", ""},
        {"\"nbf\":1790000000,", ""},
        {"\"iat\":1790000000,", ""},
        {"1790003600", "\"1790003600\""},
        {"1790003600", "1790003600.5"},
        {"1790003600", "99999999999999999999"},
        {"1790003600", "1790003601"},
        {"1790003600", "-1"},
        {user, "x"},
        {user, ""},
        {claims.tenant.to_string(), "x"}};
    for (auto const& [from, to] : changes)
        EXPECT_EQ(verify(sign(header(), payload(from, to), signing), now), "invalid_token")
            << from << " -> " << to;
    EXPECT_EQ(verify(sign(header(), "[]", signing), now), "invalid_token");
    auto const token = issue(now);
    for (auto const& bad : {token + ".", "." + token, token + "=", token + " ", " " + token,
                            token + "." + token, std::string(), std::string("..")})
        EXPECT_EQ(verify(bad, now), "invalid_token") << bad;
    EXPECT_EQ(verify(token + std::string(4096, 'A'), now), "invalid_token");
}

TEST_F(JwtTest, KnowsTheKeysThatItTrustsAndNoOther) {
    auto const token = issue(now);
    EXPECT_TRUE(jwt.knows_key_of(token));
    auto other = trusting(key(9).public_key());
    EXPECT_FALSE(other.knows_key_of(token));
    EXPECT_FALSE(other.verify(token, now));
    for (auto const* nothing : {"", ".", "a.b.c", "e30.e30.e30"})
        EXPECT_TRUE(other.knows_key_of(nothing)) << "names no key that could be looked for";
    std::vector<crypto::Ed25519PublicKey> both;
    both.push_back(key(9).public_key());
    both.push_back(key(1).public_key());
    other.trust(std::move(both));
    EXPECT_TRUE(other.verify(token, now));
    EXPECT_EQ(other.key_set()["keys"].as_array().size(), 2U);
}

TEST_F(JwtTest, ItsKeySetIsThatOfRfc8037) {
    // RFC 8037 appendix A.1 and A.3: the key and its thumbprint.
    auto const d = *crypto::base64url_decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
    auto const example = trusting(crypto::Ed25519PrivateKey::from_seed(d)->public_key());
    auto const keys = example.key_set();
    auto const& jwk = keys["keys"].as_array()[0];
    EXPECT_EQ(jwk["x"].as_string(), "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    EXPECT_EQ(jwk["kid"].as_string(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    EXPECT_EQ(jwk["kty"].as_string(), "OKP");
    EXPECT_EQ(jwk["crv"].as_string(), "Ed25519");
    EXPECT_EQ(jwk.find("d"), nullptr);
}

}  // namespace
}  // namespace obscura::gateway
