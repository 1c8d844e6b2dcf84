#include "citadel/keyring.hpp"

#include "crypto/base64.hpp"
#include "crypto/hex.hpp"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

namespace obscura::citadel {
namespace {

base::Secret key_of(std::uint8_t byte) { return base::Secret(std::vector<std::uint8_t>(32, byte)); }

/// Keys for these versions, each its version repeated.
Keyring::Keys keys_of(std::initializer_list<int> versions) {
    Keyring::Keys keys;
    for (int const v : versions) {
        keys[static_cast<std::size_t>(v - 1)] = key_of(static_cast<std::uint8_t>(v));
    }
    return keys;
}

class KeyringTest : public testing::Test {
protected:
    base::SeededRandom random_{1};
    Keyring keyring_{keys_of({1}), random_};

    [[nodiscard]] static std::string reason(base::Result<base::Secret> const& result) {
        if (result) return "(opened)";
        EXPECT_EQ(result.error().code, base::Errc::invalid_argument);
        return result.error().reason;
    }
};

TEST_F(KeyringTest, RoundTrip) {
    for (std::string const& text : {std::string("a"), std::string("line\nbreak"),
                                    std::string(65536, 'x'), std::string("\0\xff", 2)}) {
        for (std::string const& context : {std::string(), std::string("tenant|user|binance|id")}) {
            auto const sealed = keyring_.encrypt(text, context);
            EXPECT_TRUE(sealed.starts_with("nil:v1:")) << sealed;
            auto const opened = keyring_.decrypt(sealed, context);
            ASSERT_TRUE(opened);
            EXPECT_EQ(opened->reveal(), text);
        }
    }
}

TEST_F(KeyringTest, TheFormIsNonceCiphertextTag) {
    auto const sealed = keyring_.encrypt("secret", "");
    auto const blob = crypto::base64_decode(std::string_view(sealed).substr(7));
    ASSERT_TRUE(blob);
    EXPECT_EQ(blob->size(), 12U + 6U + 16U);
    // The same thing made by hand.
    crypto::Aead aead(key_of(1));
    crypto::Aead::Nonce nonce{};
    std::copy_n(blob->begin(), 12, nonce.begin());
    auto const rest = aead.seal(nonce, {}, crypto::as_bytes("secret"));
    EXPECT_EQ(std::vector<std::uint8_t>(blob->begin() + 12, blob->end()), rest);
}

TEST_F(KeyringTest, NoncesNeverRepeat) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        EXPECT_TRUE(seen.insert(keyring_.encrypt("same", "").substr(7, 16)).second);
    }
}

TEST_F(KeyringTest, AnotherContextDoesNotOpen) {
    auto const sealed = keyring_.encrypt("secret", "alice");
    for (std::string_view const context : {"", "bob", "alice ", "Alice"}) {
        EXPECT_EQ(reason(keyring_.decrypt(sealed, context)), "decryption_failed") << context;
    }
    EXPECT_EQ(reason(keyring_.decrypt(keyring_.encrypt("secret", ""), "alice")),
              "decryption_failed");
}

TEST_F(KeyringTest, EveryBitOfThePayloadCounts) {
    auto const sealed = keyring_.encrypt("secret", "alice");
    auto const blob = *crypto::base64_decode(std::string_view(sealed).substr(7));
    for (std::size_t bit = 0; bit < blob.size() * 8; ++bit) {
        auto altered = blob;
        altered[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        EXPECT_EQ(reason(keyring_.decrypt("nil:v1:" + crypto::base64_encode(altered), "alice")),
                  "decryption_failed")
            << bit;
    }
    for (std::size_t size = 0; size < sealed.size(); ++size) {
        EXPECT_FALSE(keyring_.decrypt(sealed.substr(0, size), "alice")) << size;
    }
}

TEST_F(KeyringTest, HighestVersionSealsAllOpen) {
    Keyring newer(keys_of({1, 2, 9}), random_);
    EXPECT_EQ(newer.versions(), (std::vector<int>{1, 2, 9}));
    auto const sealed = newer.encrypt("secret", "");
    EXPECT_TRUE(sealed.starts_with("nil:v9:"));
    EXPECT_EQ(newer.decrypt(sealed, "")->reveal(), "secret");
    EXPECT_EQ(newer.decrypt(keyring_.encrypt("old", ""), "")->reveal(), "old");
    EXPECT_EQ(reason(keyring_.decrypt(sealed, "")), "unknown_key_version");
    // A version is a key, not a label.
    EXPECT_EQ(reason(newer.decrypt("nil:v2:" + sealed.substr(7), "")), "decryption_failed");
}

TEST_F(KeyringTest, LegacyFormIsVersionOne) {
    Keyring newer(keys_of({1, 2}), random_);
    auto const legacy = "nil:" + keyring_.encrypt("secret", "").substr(7);
    EXPECT_EQ(keyring_.decrypt(legacy, "")->reveal(), "secret");
    EXPECT_EQ(newer.decrypt(legacy, "")->reveal(), "secret");
    Keyring without_one(keys_of({2}), random_);
    EXPECT_EQ(reason(without_one.decrypt(legacy, "")), "unknown_key_version");
}

TEST_F(KeyringTest, OtherFormsAreRefused) {
    auto const payload = keyring_.encrypt("secret", "").substr(7);
    std::pair<std::string, std::string_view> const cases[] = {
        {"ev:v1:" + payload, "unsupported_ciphertext"},
        {"ev:", "unsupported_ciphertext"},
        {"", "invalid_ciphertext"},
        {"secret", "invalid_ciphertext"},
        {payload, "invalid_ciphertext"},
        {"NIL:v1:" + payload, "invalid_ciphertext"},
        {" nil:v1:" + payload, "invalid_ciphertext"},
        {"nil:V1:" + payload, "invalid_ciphertext"},
        {"nil:v0:" + payload, "invalid_ciphertext"},
        {"nil:v10:" + payload, "invalid_ciphertext"},
        {"nil:v01:" + payload, "invalid_ciphertext"},
        {"nil:v:" + payload, "invalid_ciphertext"},
        {"nil:1:" + payload, "invalid_ciphertext"},
        {"nil::" + payload, "invalid_ciphertext"},
        {"nil:v1:v1:" + payload, "invalid_ciphertext"},
        {"nil:v1:" + payload + "\n", "invalid_ciphertext"},
        {"nil:v1:" + payload + "====", "invalid_ciphertext"},
        {"nil:v1:", "invalid_ciphertext"},
        {"nil:v1", "invalid_ciphertext"},
        {"nil:", "invalid_ciphertext"},
        {"nil:v1:AAAA", "invalid_ciphertext"},
        {"nil:v3:" + payload, "unknown_key_version"}};
    for (auto const& [text, expected] : cases) {
        EXPECT_EQ(reason(keyring_.decrypt(text, "")), expected) << text;
    }
}

TEST_F(KeyringTest, NeedsAKeyOf32Bytes) {
    EXPECT_THROW(Keyring(Keyring::Keys{}, random_), std::invalid_argument);
    Keyring::Keys keys;
    keys[0] = base::Secret::zeroed(31);
    EXPECT_THROW(Keyring(keys, random_), std::invalid_argument);
}

}  // namespace
}  // namespace obscura::citadel
