#include "crypto/keccak.hpp"

#include "crypto/hex.hpp"

#include <gtest/gtest.h>

#include <string>

namespace obscura::crypto {
namespace {

std::string keccak_hex(std::string_view message) { return hex_encode(keccak256(message)); }

// The Keccak team's ShortMsgKAT_256 (lengths 0 and 8), and texts whose hashes are known from
// Ethereum's documentation.
TEST(KeccakTest, KnownAnswers) {
    EXPECT_EQ(keccak_hex(""), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    EXPECT_EQ(keccak_hex("\xcc"),
              "eead6dbfc7340a56caedc044696a168870549a6a7f6f56961e84a54bd9970b8a");
    EXPECT_EQ(keccak_hex("abc"),
              "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
    EXPECT_EQ(keccak_hex("The quick brown fox jumps over the lazy dog"),
              "4d741b6f1eb29cb2a9b9911c82f56fa8d73b04959d3d9d222895df6c0b28aa15");
}

// A block has 136 bytes; the padding takes one or more.
TEST(KeccakTest, AroundTheBlockSize) {
    EXPECT_EQ(keccak_hex(std::string(135, 'a')),
              "34367dc248bbd832f4e3e69dfaac2f92638bd0bbd18f2912ba4ef454919cf446");
    EXPECT_EQ(keccak_hex(std::string(136, 'a')),
              "a6c4d403279fe3e0af03729caada8374b5ca54d8065329a3ebcaeb4b60aa386e");
    EXPECT_EQ(keccak_hex(std::string(137, 'a')),
              "d869f639c7046b4929fc92a4d988a8b22c55fbadb802c0c66ebcd484f1915f39");
    EXPECT_EQ(keccak_hex(std::string(1'000'000, 'a')),
              "fadae6b49f129bbb812be8407b7b2894f34aecf6dbd1f9b0f0c7e9853098fc96");
}

// FIPS 202's SHA3-256 of the empty text: the other padding.
TEST(KeccakTest, IsNotSha3) {
    EXPECT_NE(keccak_hex(""), "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
}

}  // namespace
}  // namespace obscura::crypto
