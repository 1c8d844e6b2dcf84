#include "crypto/rsa.hpp"

#include "crypto/base64.hpp"
#include "support/rsa_keys.hpp"

#include <gtest/gtest.h>

#include <string>

namespace obscura::crypto {
namespace {

// printf 'what a venue signs' | openssl dgst -sha256 -sign key.pem | base64
TEST(RsaTest, SignsAsOpensslDoes) {
    auto const key = RsaPrivateKey::from_pem(test::rsa_private_pem);
    ASSERT_TRUE(key);
    EXPECT_EQ(base64_encode(key->sign("what a venue signs")),
              "yaOSnLvNzSnTBPr1ILGXFMgrJtnqPgYsrBdglzkF74AvjX7sVCb95m51LS8Ldex4azQmYwZn+kqH"
              "9Bo5AbgIp7AMAg7k/GF70RTJaWJKTl03FjQskD2XTIs2POCSaZ00F+NKQ8d+IOPsBlE5da+NaMPO"
              "mkqiS+a7N+xWYXWDQxkFMZ4oGZKr0OMNnwbvItUdsjn7zXY9lja82EwepG6oYVyqQStUOjuHXgVz"
              "IazaiunbT95oj+U3/3WDzdfT30SwZ5d5nD9ndcUt4hikVi6JpjqBmYhKuCPLrGRowSlpv5Dx1k78"
              "GQNSoKgFpa0kTMxiax6GucdmqeNmCxYOf3uJ5w==");
    EXPECT_NE(key->sign("what a venue signs"), key->sign("what a venue signs."));
}

TEST(RsaTest, RefusesOtherKeys) {
    // RFC 8410 §10.3: Ed25519.
    constexpr std::string_view ed25519 =
        "-----BEGIN PRIVATE KEY-----\n"
        "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
        "-----END PRIVATE KEY-----\n";
    auto const truncated = test::rsa_private_pem.substr(0, 800);
    for (auto const bad : {test::rsa_1024_pem, test::rsa_encrypted_pem, ed25519, truncated,
                           std::string_view(""), std::string_view("not a key")}) {
        auto const key = RsaPrivateKey::from_pem(bad);
        ASSERT_FALSE(key) << bad;
        EXPECT_EQ(key.error().code, base::Errc::invalid_argument);
    }
    EXPECT_FALSE(RsaPrivateKey::from_pem(std::string(9000, ' ')));
}

}  // namespace
}  // namespace obscura::crypto
