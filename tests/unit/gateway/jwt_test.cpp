#include "gateway/jwt.hpp"

#include "crypto/base64.hpp"
#include "crypto/hmac.hpp"

#include <gtest/gtest.h>

namespace obscura::gateway {
namespace {

using namespace std::chrono_literals;

crypto::Ed25519PrivateKey key(std::uint8_t fill) {
    std::vector<std::uint8_t> const seed(32, fill);
    return std::move(crypto::Ed25519PrivateKey::from_seed(seed).value());
}

class JwtTest : public ::testing::Test {
protected:
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
    Jwt jwt{key(1), {}, {}};
    AccessClaims claims{.tenant = *model::TenantId::parse("0190163d-8694-739b-aea5-966c26f8ad91"),
                        .user = *model::UserId::parse("0190163d-8694-739b-aea5-966c26f8ad92")};
};

TEST_F(JwtTest, VerifiesWhatItIssued) {
    auto const token = jwt.issue(claims, "id", now);
    auto const verified = jwt.verify(token, now + 30min);
    ASSERT_TRUE(verified);
    EXPECT_EQ(verified->user, claims.user);
    EXPECT_EQ(verified->tenant, claims.tenant);
}

TEST_F(JwtTest, IsGoodForItsTimeAndALittle) {
    auto const token = jwt.issue(claims, "id", now);
    EXPECT_EQ(verify(token, now - 30s), "ok");
    EXPECT_EQ(verify(token, now - 31s), "invalid_token");
    EXPECT_EQ(verify(token, now + 1h + 29s), "ok");
    EXPECT_EQ(verify(token, now + 1h + 30s), "token_expired");
}

TEST_F(JwtTest, RefusesEveryChangedByte) {
    auto const token = jwt.issue(claims, "id", now);
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
    auto const token = jwt.issue(claims, "id", now);
    for (auto const& bad : {token + ".", "." + token, token + "=", token + " ", " " + token,
                            token + "." + token, std::string(), std::string("..")})
        EXPECT_EQ(verify(bad, now), "invalid_token") << bad;
    EXPECT_EQ(verify(token + std::string(4096, 'A'), now), "invalid_token");
}

TEST_F(JwtTest, VerifiesWithThePreviousKeyAndSignsWithTheNew) {
    std::vector<crypto::Ed25519PublicKey> previous;
    previous.push_back(signing.public_key());
    Jwt const rotated(key(9), std::move(previous), {});
    auto const old_token = jwt.issue(claims, "id", now);
    EXPECT_TRUE(rotated.verify(old_token, now));
    EXPECT_FALSE(jwt.verify(rotated.issue(claims, "id", now), now));
    EXPECT_EQ(rotated.key_set()["keys"].as_array().size(), 2U);
}

TEST_F(JwtTest, ItsKeySetIsThatOfRfc8037) {
    // RFC 8037 appendix A.1 and A.3: the key and its thumbprint.
    auto const d = *crypto::base64url_decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
    Jwt const example(std::move(crypto::Ed25519PrivateKey::from_seed(d).value()), {}, {});
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
