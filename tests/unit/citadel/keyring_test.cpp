#include "citadel/keyring.hpp"

#include "crypto/base64.hpp"
#include "crypto/hex.hpp"
#include "crypto/hkdf.hpp"

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

// With a context the key is the record's own, so that random nonces are spread over many keys.
TEST_F(KeyringTest, ARecordHasAKeyOfItsOwn) {
    auto const sealed = keyring_.encrypt("secret", "a context");
    auto const blob = crypto::base64_decode(std::string_view(sealed).substr(7)).value();
    crypto::Aead::Nonce nonce{};
    std::copy_n(blob.begin(), 12, nonce.begin());
    auto const rest = std::span(blob).subspan(12);
    crypto::Aead master(key_of(1));
    EXPECT_FALSE(master.open(nonce, crypto::as_bytes("a context"), rest));
    crypto::Aead own(crypto::hkdf_sha256(key_of(1).bytes(),
                                         crypto::as_bytes("obscura/citadel/record-key/v1"),
                                         crypto::as_bytes("a context"), 32));
    EXPECT_EQ(own.open(nonce, crypto::as_bytes("a context"), rest)->reveal(), "secret");
    EXPECT_EQ(reason(keyring_.decrypt(sealed, "another")), "decryption_failed");
    EXPECT_EQ(reason(keyring_.decrypt(sealed, "")), "decryption_failed");
}

// One call keeps the key that it derived last: versions and contexts must not be mistaken for it.
TEST_F(KeyringTest, OneRecordOpensFieldsOfAllVersions) {
    Keyring keyring(keys_of({1, 2}), random_);
    auto const old = keyring_.encrypt("old", "a context");
    auto const held = keyring_.encrypt("held", "a context", Sealing::held_key);
    auto const recent = keyring.encrypt("new", "a context");
    auto const other = keyring.encrypt("other", "another");
    for (int round = 0; round < 2; ++round) {  // the second has the first's cipher
        auto record = keyring.record("a context");
        EXPECT_EQ(record.decrypt(old)->reveal(), "old");
        EXPECT_EQ(record.decrypt(recent)->reveal(), "new");
        EXPECT_EQ(reason(record.decrypt(other)), "decryption_failed");
        EXPECT_EQ(reason(record.decrypt(held)), "decryption_failed");
        auto beside = keyring.record("another");
        EXPECT_EQ(beside.decrypt(other)->reveal(), "other");
        EXPECT_EQ(record.decrypt(old)->reveal(), "old");
        auto const made = record.encrypt("made");
        EXPECT_TRUE(made.starts_with("nil:v2:"));
        EXPECT_EQ(keyring.decrypt(made, "a context")->reveal(), "made");
        EXPECT_EQ(reason(beside.decrypt(made)), "decryption_failed");
        EXPECT_TRUE(record.rewrap(old)->starts_with("nil:v2:"));
    }
}

// An API key is shown to whoever has something signed: a secret that opened in its place would be.
TEST_F(KeyringTest, AFieldOpensUnderItsOwnNameAlone) {
    auto record = keyring_.record("a context");
    auto const sealed = record.encrypt("secret", "secret");
    EXPECT_EQ(record.decrypt(sealed, "secret")->reveal(), "secret");
    for (std::string_view const other : {"api_key", "", "secre", "secret|", "|secret", "Secret"})
        EXPECT_EQ(reason(record.decrypt(sealed, other)), "decryption_failed") << other;
    EXPECT_EQ(reason(keyring_.decrypt(sealed, "a context|secret")), "decryption_failed");
    EXPECT_EQ(record.rewrap(sealed, "secret"), sealed) << "it is the newest already";
    EXPECT_EQ(record.rewrap(sealed, "api_key").error().reason, "decryption_failed");
    // Without a context it stays plain AES-GCM, and keys that are held have no fields.
    auto bare = keyring_.record("");
    EXPECT_EQ(keyring_.decrypt(bare.encrypt("text", "a name"), "")->reveal(), "text");
    auto held = keyring_.record("a context", Sealing::held_key);
    auto const key = held.encrypt("key", "a name");
    EXPECT_EQ(keyring_.decrypt(key, "a context", Sealing::held_key)->reveal(), "key");
}

TEST_F(KeyringTest, WhatWasSealedBeforeFieldsHadNamesOpensAndIsRenewed) {
    auto const older = keyring_.encrypt("secret", "a context");
    auto record = keyring_.record("a context");
    EXPECT_EQ(record.decrypt(older, "secret")->reveal(), "secret");
    auto const renewed = record.rewrap(older, "secret").value();
    EXPECT_NE(renewed, older);
    EXPECT_EQ(record.decrypt(renewed, "secret")->reveal(), "secret");
    EXPECT_EQ(reason(record.decrypt(renewed, "api_key")), "decryption_failed");
}

TEST_F(KeyringTest, WhatWasSealedBeforeRecordsHadKeysOpens) {
    crypto::Aead master(key_of(1));
    auto blob = std::vector<std::uint8_t>(12, 7);
    crypto::Aead::Nonce nonce{};
    nonce.fill(7);
    auto const rest = master.seal(nonce, crypto::as_bytes("a context"), crypto::as_bytes("secret"));
    blob.insert(blob.end(), rest.begin(), rest.end());
    auto const older = "nil:v1:" + crypto::base64_encode(blob);
    EXPECT_EQ(keyring_.decrypt(older, "a context")->reveal(), "secret");
    EXPECT_EQ(reason(keyring_.decrypt(older, "another")), "decryption_failed");
    auto const renewed = keyring_.rewrap(older, "a context").value();
    EXPECT_NE(renewed, older);
    EXPECT_EQ(keyring_.rewrap(renewed, "a context"), renewed) << "it is the newest already";
}

TEST_F(KeyringTest, RewrapsToTheHighestVersion) {
    Keyring newer(keys_of({1, 3}), random_);
    for (std::string const context : {"", "a context"}) {
        auto const old = keyring_.encrypt("secret", context);
        auto const renewed = newer.rewrap(old, context);
        ASSERT_TRUE(renewed);
        EXPECT_TRUE(renewed->starts_with("nil:v3:"));
        EXPECT_EQ(newer.decrypt(*renewed, context)->reveal(), "secret");
        EXPECT_EQ(newer.rewrap(*renewed, context), *renewed);
        EXPECT_EQ(newer.rewrap(old, "other").error().reason, "decryption_failed");
    }
    auto const legacy = "nil:" + keyring_.encrypt("secret", "").substr(7);
    EXPECT_TRUE(keyring_.rewrap(legacy, "")->starts_with("nil:v1:"));
    EXPECT_EQ(newer.rewrap("ev:v1:AAAA", "").error().reason, "unsupported_ciphertext");
}

TEST_F(KeyringTest, RetiredVersionsOpenNothing) {
    Keyring newer(keys_of({1, 2}), random_, {.min_decrypt_version = 2, .min_encrypt_version = 2});
    auto const old = keyring_.encrypt("secret", "");
    EXPECT_EQ(reason(newer.decrypt(old, "")), "key_version_retired");
    EXPECT_EQ(reason(newer.decrypt("nil:" + old.substr(7), "")), "key_version_retired");
    EXPECT_EQ(newer.rewrap(old, "").error().reason, "key_version_retired");
    EXPECT_EQ(newer.decrypt(newer.encrypt("secret", ""), "")->reveal(), "secret");
    EXPECT_THROW(Keyring(keys_of({1}), random_, {.min_encrypt_version = 2}), std::invalid_argument);
}

// As Node's crypto makes and opens it, without a context: createCipheriv('aes-256-gcm', key of 32
// times 01, nonce of 12 times 09), nonce || ciphertext || tag in base64.
TEST_F(KeyringTest, IsTheAesGcmOfOthers) {
    EXPECT_EQ(keyring_.decrypt("nil:v1:CQkJCQkJCQkJCQkJon1Io+5+aaUaHHVyPxGlv3R5Q3ea8+RAfA==", "")
                  ->reveal(),
              "from Node");
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
