#include "crypto/x25519.hpp"

#include "crypto/hex.hpp"

#include <gtest/gtest.h>

namespace obscura::crypto {
namespace {

X25519PrivateKey private_key(std::string_view hex) {
    auto key = X25519PrivateKey::from_bytes(*hex_decode(hex));
    EXPECT_TRUE(key);
    return std::move(*key);
}

X25519PublicKey public_key(std::string_view hex) {
    X25519PublicKey key{};
    EXPECT_TRUE(hex_decode_into(hex, key));
    return key;
}

// RFC 7748 §6.1.
constexpr std::string_view alice_private =
    "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";
constexpr std::string_view bob_private =
    "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb";
constexpr std::string_view bob_public =
    "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";

TEST(X25519Test, Rfc7748) {
    auto const alice = private_key(alice_private);
    auto const bob = private_key(bob_private);
    EXPECT_EQ(hex_encode(alice.public_key()),
              "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    EXPECT_EQ(hex_encode(bob.public_key()), bob_public);
    EXPECT_EQ(hex_encode(alice.bytes().bytes()), alice_private);
    for (auto const& shared : {alice.agree(bob.public_key()), bob.agree(alice.public_key())}) {
        ASSERT_TRUE(shared);
        EXPECT_EQ(hex_encode(shared->bytes()),
                  "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    }
}

// Bernstein, "Curve25519", "How do I validate Curve25519 public keys?": with these every private
// key gives zero.
TEST(X25519Test, RefusesPointsOfSmallOrder) {
    auto const alice = private_key(alice_private);
    for (std::string_view const point :
         {"0000000000000000000000000000000000000000000000000000000000000000",
          "0100000000000000000000000000000000000000000000000000000000000000",
          "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
          "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
          "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
          "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
        auto const shared = alice.agree(public_key(point));
        ASSERT_FALSE(shared) << point;
        EXPECT_EQ(shared.error().code, base::Errc::invalid_argument);
        EXPECT_EQ(shared.error().reason, "invalid_key");
    }
    EXPECT_TRUE(alice.agree(public_key(bob_public)));
}

TEST(X25519Test, PrivateKeysHave32Bytes) {
    for (std::size_t const size : {0U, 31U, 33U, 64U}) {
        EXPECT_FALSE(X25519PrivateKey::from_bytes(std::vector<std::uint8_t>(size, 7))) << size;
    }
}

}  // namespace
}  // namespace obscura::crypto
