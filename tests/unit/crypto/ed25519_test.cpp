#include "crypto/ed25519.hpp"

#include "crypto/hex.hpp"

#include <gtest/gtest.h>

namespace obscura::crypto {
namespace {

struct SignatureCase {
    std::string_view seed, public_key, message, signature;
};

// RFC 8032 §7.1, tests 1 to 3.
constexpr SignatureCase rfc8032[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "4"
     "6bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d"
     "8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
     "6"
     "594a7c15e9716ed28dc027beceea1ec40a"}};

TEST(Ed25519Test, Rfc8032) {
    for (auto const& c : rfc8032) {
        auto const key = Ed25519PrivateKey::from_seed(*hex_decode(c.seed));
        ASSERT_TRUE(key);
        auto const message = *hex_decode(c.message);
        auto const signature = key->sign(message);
        EXPECT_EQ(hex_encode(signature), c.signature);
        EXPECT_EQ(hex_encode(key->public_key().bytes()), c.public_key);
        EXPECT_EQ(hex_encode(key->seed().bytes()), c.seed);
        auto const verifier = Ed25519PublicKey::from_bytes(*hex_decode(c.public_key));
        ASSERT_TRUE(verifier);
        EXPECT_TRUE(verifier->verify(message, signature));
    }
}

// RFC 8410 §10.3 and §10.1: one key pair in PEM.
constexpr std::string_view private_pem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
    "-----END PRIVATE KEY-----\n";
constexpr std::string_view public_pem =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
    "-----END PUBLIC KEY-----\n";

TEST(Ed25519Test, PemKeys) {
    auto const key = Ed25519PrivateKey::from_pem(private_pem);
    auto const verifier = Ed25519PublicKey::from_pem(public_pem);
    ASSERT_TRUE(key);
    ASSERT_TRUE(verifier);
    EXPECT_EQ(key->public_key().bytes(), verifier->bytes());
    EXPECT_EQ(key->pem().reveal(), private_pem);
    EXPECT_EQ(verifier->pem(), public_pem);
    EXPECT_TRUE(verifier->verify("payload", key->sign("payload")));
}

TEST(Ed25519Test, RefusesOtherKeys) {
    // A P-256 key, an encrypted header, a public key for a private one, rubbish.
    constexpr std::string_view p256 =
        "-----BEGIN PUBLIC KEY-----\n"
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n"
        "6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n"
        "-----END PUBLIC KEY-----\n";
    auto const truncated = private_pem.substr(0, 60);
    for (std::string_view const bad :
         {p256, public_pem, truncated, std::string_view("rubbish"), std::string_view("")}) {
        auto const key = Ed25519PrivateKey::from_pem(bad);
        ASSERT_FALSE(key) << bad;
        EXPECT_EQ(key.error().code, base::Errc::invalid_argument);
        EXPECT_EQ(key.error().reason, "invalid_key");
    }
    EXPECT_FALSE(Ed25519PublicKey::from_pem(p256));
    EXPECT_FALSE(Ed25519PublicKey::from_pem(private_pem));
    EXPECT_FALSE(Ed25519PrivateKey::from_pem(std::string(10'000, ' ') + std::string(private_pem)));
    EXPECT_FALSE(Ed25519PrivateKey::from_seed(std::vector<std::uint8_t>(31)));
    EXPECT_FALSE(Ed25519PrivateKey::from_seed(std::vector<std::uint8_t>(64)));
    EXPECT_FALSE(Ed25519PublicKey::from_bytes(std::vector<std::uint8_t>(33)));
}

TEST(Ed25519Test, EveryBitCounts) {
    base::SeededRandom random(1);
    auto const key = Ed25519PrivateKey::generate(random);
    auto const verifier = key.public_key();
    auto const signature = key.sign("message");
    ASSERT_TRUE(verifier.verify("message", signature));
    for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
        auto altered = signature;
        altered[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        EXPECT_FALSE(verifier.verify("message", altered)) << bit;
    }
    EXPECT_FALSE(verifier.verify("Message", signature));
    EXPECT_FALSE(verifier.verify("message", Bytes(signature).first(63)));
    EXPECT_FALSE(verifier.verify("message", {}));
    std::vector<std::uint8_t> longer(signature.begin(), signature.end());
    longer.push_back(0);
    EXPECT_FALSE(verifier.verify("message", longer));
    EXPECT_FALSE(Ed25519PrivateKey::generate(random).public_key().verify("message", signature));
}

// RFC 8032 §5.1.7: S must be below the group order, or signatures could be altered and stay good.
TEST(Ed25519Test, RefusesSPlusGroupOrder) {
    constexpr std::string_view order_little_endian =
        "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
    base::SeededRandom random(2);
    auto const key = Ed25519PrivateKey::generate(random);
    auto signature = key.sign("message");
    auto const order = *hex_decode(order_little_endian);
    unsigned carry = 0;
    for (std::size_t i = 0; i < 32; ++i) {
        auto const sum = signature[32 + i] + order[i] + carry;
        signature[32 + i] = static_cast<std::uint8_t>(sum);
        carry = sum >> 8;
    }
    ASSERT_EQ(carry, 0U);
    EXPECT_FALSE(key.public_key().verify("message", signature));
}

TEST(Ed25519Test, GenerationFollowsTheSource) {
    base::SeededRandom one(3);
    base::SeededRandom same(3);
    auto const key = Ed25519PrivateKey::generate(one);
    EXPECT_EQ(key.seed().reveal(), Ed25519PrivateKey::generate(same).seed().reveal());
    EXPECT_NE(key.seed().reveal(), Ed25519PrivateKey::generate(one).seed().reveal());
}

}  // namespace
}  // namespace obscura::crypto
