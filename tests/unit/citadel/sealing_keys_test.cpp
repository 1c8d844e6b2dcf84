#include "citadel/sealing_keys.hpp"

#include "attest/binding.hpp"
#include "crypto/base64.hpp"
#include "crypto/hash.hpp"
#include "crypto/hex.hpp"

#include <gtest/gtest.h>

namespace obscura::citadel {
namespace {

using namespace std::chrono_literals;

class SealingKeysTest : public ::testing::Test {
protected:
    base::ManualClock clock_{base::from_unix_ms(1'764'000'000'000)};
    base::SeededRandom random_{9};
    SealingKeys keys_{clock_, random_, {.lifetime = 1h, .max_uses = 2, .max_keys = 3}};

    base::Uuid uuid() { return base::make_uuid_v7(clock_.now(), random_); }
    std::string use(std::string const& key) {
        auto const used = keys_.use(key, uuid(), model::ConnectionId{uuid()});
        return used ? "" : used.error().reason;
    }
};

TEST_F(SealingKeysTest, TheIdIsOfTheKeyAndTheEvidenceClaimsNothing) {
    auto const key = keys_.current();
    auto const raw = crypto::base64url_decode(key.public_key).value();
    EXPECT_EQ(key.id, crypto::base64url_encode(crypto::sha256(raw)));
    EXPECT_EQ(key.evidence.format, "software");
    EXPECT_FALSE(key.evidence.attested);
    EXPECT_EQ(key.evidence.binding,
              crypto::hex_encode(attest::sealing_key_report_data(raw, key.expires_at)));
    auto const secret = keys_.find(key.id);
    ASSERT_TRUE(secret);
    EXPECT_TRUE(std::ranges::equal((*secret)->public_key(), raw));
}

TEST_F(SealingKeysTest, AFullKeyMakesRoomForTheNext) {
    auto const first = keys_.current().id;
    EXPECT_EQ(use(first), "");
    EXPECT_EQ(use(first), "");
    EXPECT_EQ(use(first), "sealing_busy");
    auto const second = keys_.current().id;
    EXPECT_NE(second, first);
    EXPECT_EQ(use(second), "");
}

TEST_F(SealingKeysTest, HowManyThereAreIsBounded) {
    std::set<std::string> seen;
    for (int i = 0; i < 10; ++i) {
        auto const id = keys_.current().id;
        seen.insert(id);
        for (int n = 0; n < 3 && use(id).empty(); ++n) {
        }
    }
    EXPECT_EQ(seen.size(), 3U);
    clock_.advance(1h);
    EXPECT_EQ(use(keys_.current().id), "");
}

TEST_F(SealingKeysTest, WhatIsOverIsForgotten) {
    auto const id = keys_.current().id;
    clock_.advance(1h - 1ms);
    EXPECT_TRUE(keys_.find(id));
    clock_.advance(1ms);
    keys_.forget_expired();
    auto const gone = keys_.find(id);
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().reason, "sealing_key_expired");
    EXPECT_EQ(keys_.use(id, uuid(), model::ConnectionId{uuid()}).error().code,
              base::Errc::internal);
    EXPECT_EQ(keys_.find("never was").error().reason, "sealing_key_unknown");
}

}  // namespace
}  // namespace obscura::citadel
