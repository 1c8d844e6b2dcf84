#include "peers/credential_seal.hpp"

#include "crypto/base64.hpp"
#include "crypto/hash.hpp"
#include "crypto/hpke.hpp"

#include <gtest/gtest.h>

#include <set>

namespace obscura::peers {
namespace {

using namespace std::chrono_literals;

class CredentialSealTest : public ::testing::Test {
protected:
    base::SeededRandom random_{3};
    base::Timestamp const now_ = base::from_unix_ms(1'764'000'000'000);
    crypto::X25519PrivateKey const receiver_ = crypto::dhkem_generate_key(random_);

    ports::SealingKey key() {
        auto const raw = receiver_.public_key();
        return {.id = crypto::base64url_encode(crypto::sha256(raw)),
                .public_key = crypto::base64url_encode(raw),
                .created_at = now_,
                .expires_at = now_ + 1h};
    }
    static CredentialToSeal credential() {
        CredentialToSeal out{
            .tenant = *model::TenantId::parse("01234567-89ab-7def-8123-456789abcde1"),
            .user = *model::UserId::parse("01234567-89ab-7def-8123-456789abcde2"),
            .venue = "binance",
            .environment = model::Environment::live,
            .purpose = ports::ConnectionPurpose::lead,
            .limits = {.symbols = {"BTCUSDT"}}};
        out.credentials.emplace("api_key", base::Secret(std::string_view("k\"ey")));
        out.credentials.emplace("secret", base::Secret(std::string_view("line\nbreak")));
        return out;
    }
    std::string refusal(ports::SealingKey const& key,
                        attest::SealingPolicy const& policy = software_sealing()) {
        auto const sealed = seal_credential(key, credential(), now_, policy, random_);
        return sealed ? "" : sealed.error().reason;
    }
};

TEST_F(CredentialSealTest, SealsWhatTheFormatSays) {
    auto const sealed = seal_credential(key(), credential(), now_, software_sealing(), random_);
    ASSERT_TRUE(sealed) << sealed.error().detail;
    auto const info = ports::seal_info(sealed->binding);
    auto const opened = crypto::hpke_open(crypto::base64url_decode(sealed->enc).value(), receiver_,
                                          crypto::as_bytes(info), {},
                                          crypto::base64url_decode(sealed->ciphertext).value());
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->reveal(),
              R"({"credentials":{"api_key":"k\"ey","secret":"line\nbreak"},)"
              R"("owner":{"tenant_id":"01234567-89ab-7def-8123-456789abcde1",)"
              R"("user_id":"01234567-89ab-7def-8123-456789abcde2"},"venue":"binance",)"
              R"("environment":"live","purpose":"lead","one_time_id":")" +
                  sealed->binding.one_time_id.to_string() +
                  R"(","limits":{"symbols":["BTCUSDT"]}})");
    EXPECT_TRUE(ports::sealed_credential_from_json(to_json(*sealed), ""));
}

TEST_F(CredentialSealTest, NoIdIsMadeTwice) {
    std::set<base::Uuid> seen;
    for (int i = 0; i < 100; ++i) {
        auto const sealed = seal_credential(key(), credential(), now_, software_sealing(), random_);
        EXPECT_TRUE(seen.insert(sealed->binding.one_time_id).second);
    }
}

TEST_F(CredentialSealTest, SealsToNoKeyThatIsNotRight) {
    EXPECT_EQ(refusal(key()), "");
    EXPECT_EQ(refusal(key(), {}), "software") << "software must be asked for by name";
    auto other_id = key();
    other_id.id[0] = other_id.id[0] == 'A' ? 'B' : 'A';
    EXPECT_EQ(refusal(other_id), "sealing_key_invalid");
    auto expired = key();
    expired.expires_at = now_;
    EXPECT_EQ(refusal(expired), "sealing_key_expired");
    auto small = key();
    small.public_key = crypto::base64url_encode(crypto::X25519PublicKey{});
    small.id = crypto::base64url_encode(crypto::sha256(crypto::X25519PublicKey{}));
    EXPECT_EQ(refusal(small), "sealing_key_invalid");
    // A word alone makes no key attested, and none that claims hardware is taken for software.
    auto claimed = key();
    claimed.evidence = {.format = "snp", .attested = true, .binding = "00"};
    EXPECT_EQ(refusal(claimed), "evidence_format");
    claimed.evidence = {.format = "sev-snp", .attested = true, .binding = "00", .report = "AQID"};
    EXPECT_EQ(refusal(claimed), "measurement");
    claimed.evidence = {.format = "nilcc"};
    EXPECT_EQ(refusal(claimed), "auditor");
    EXPECT_EQ(refusal(claimed, {}), "auditor");
    claimed.evidence.statements.push_back(base::Json::object({{"v", 1}}));
    EXPECT_EQ(refusal(claimed), "statement_unreadable");
}

}  // namespace
}  // namespace obscura::peers
