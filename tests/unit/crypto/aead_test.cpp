#include "crypto/aead.hpp"

#include "crypto/hex.hpp"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

namespace obscura::crypto {
namespace {

base::Secret key_from(std::string_view hex) {
    auto key = base::Secret::zeroed(hex.size() / 2);
    EXPECT_TRUE(hex_decode_into(hex, key.mutable_bytes()));
    return key;
}

Aead::Nonce nonce_from(std::string_view hex) {
    Aead::Nonce nonce{};
    EXPECT_TRUE(hex_decode_into(hex, nonce));
    return nonce;
}

struct GcmCase {
    std::string_view key, nonce, aad, plaintext, sealed;
};

constexpr std::string_view zero_key =
    "0000000000000000000000000000000000000000000000000000000000000000";
constexpr std::string_view spec_key =
    "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";

// McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 13, 14, 16.
constexpr GcmCase spec[] = {
    {zero_key, "000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {zero_key, "000000000000000000000000", "", "00000000000000000000000000000000",
     "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
    {spec_key, "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b"
     "5"
     "25b16aedf5aa0de657ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828"
     "8"
     "38c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"}};

TEST(AeadTest, GcmSpecification) {
    for (auto const& c : spec) {
        Aead aead(key_from(c.key));
        auto const nonce = nonce_from(c.nonce);
        auto const aad = *hex_decode(c.aad);
        auto const plaintext = *hex_decode(c.plaintext);
        auto const sealed = *hex_decode(c.sealed);
        EXPECT_EQ(hex_encode(aead.seal(nonce, aad, plaintext)), c.sealed);
        auto const opened = aead.open(nonce, aad, sealed);
        ASSERT_TRUE(opened);
        EXPECT_EQ(hex_encode(opened->bytes()), c.plaintext);
    }
}

TEST(AeadTest, EveryBitCounts) {
    Aead aead(key_from(spec_key));
    auto const nonce = nonce_from("000102030405060708090a0b");
    auto const aad = as_bytes("owner|venue");
    auto const sealed = aead.seal(nonce, aad, as_bytes("secret"));
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        auto altered = sealed;
        altered[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        EXPECT_FALSE(aead.open(nonce, aad, altered)) << bit;
    }
    for (std::size_t bit = 0; bit < nonce.size() * 8; ++bit) {
        auto altered = nonce;
        altered[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        EXPECT_FALSE(aead.open(altered, aad, sealed)) << bit;
    }
    // The context is still good after refusals.
    auto const opened = aead.open(nonce, aad, sealed);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->reveal(), "secret");
}

TEST(AeadTest, ContextAndKeyCount) {
    Aead aead(key_from(spec_key));
    Aead other(key_from(zero_key));
    Aead::Nonce const nonce{};
    auto const sealed = aead.seal(nonce, as_bytes("alice"), as_bytes("secret"));
    EXPECT_FALSE(aead.open(nonce, as_bytes("bob"), sealed));
    EXPECT_FALSE(aead.open(nonce, as_bytes("alice "), sealed));
    EXPECT_FALSE(aead.open(nonce, {}, sealed));
    EXPECT_FALSE(other.open(nonce, as_bytes("alice"), sealed));
    EXPECT_TRUE(aead.open(nonce, as_bytes("alice"), sealed));
}

TEST(AeadTest, TruncatedIsRefused) {
    Aead aead(key_from(spec_key));
    Aead::Nonce const nonce{};
    auto const sealed = aead.seal(nonce, {}, as_bytes("secret"));
    for (std::size_t size = 0; size < sealed.size(); ++size) {
        EXPECT_FALSE(aead.open(nonce, {}, Bytes(sealed).first(size))) << size;
    }
}

TEST(AeadTest, KeysHave32Bytes) {
    for (std::size_t const size : {0U, 16U, 24U, 31U, 33U, 64U}) {
        EXPECT_THROW(Aead{base::Secret::zeroed(size)}, std::invalid_argument) << size;
    }
    EXPECT_THROW(Aead(base::Secret::zeroed(32), AeadAlgorithm::aes_128_gcm), std::invalid_argument);
}

TEST(AeadTest, RandomNoncesComeFromTheSource) {
    base::SeededRandom one(7);
    base::SeededRandom same(7);
    EXPECT_EQ(random_nonce(one), random_nonce(same));
    std::set<Aead::Nonce> seen;
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(random_nonce(one)).second);
    EXPECT_EQ(random_key(one, 32).size(), 32U);
    EXPECT_NE(random_key(one, 32).reveal(), random_key(one, 32).reveal());
}

// What was sealed under the key before must not open, or the old key would have stayed.
TEST(Aead, RekeyingLeavesNothingOfTheOldKey) {
    Aead::Nonce const nonce{};
    Aead first(key_from(spec_key)), second(key_from(zero_key));
    auto const sealed = first.seal(nonce, {}, as_bytes("secret"));
    auto const expected = second.seal(nonce, {}, as_bytes("secret"));
    first.rekey(key_from(zero_key));
    EXPECT_FALSE(first.open(nonce, {}, sealed));
    EXPECT_EQ(first.seal(nonce, {}, as_bytes("secret")), expected);
    EXPECT_EQ(first.open(nonce, {}, expected)->reveal(), "secret");
    EXPECT_THROW(first.rekey(base::Secret("short")), std::invalid_argument);
}

}  // namespace
}  // namespace obscura::crypto
