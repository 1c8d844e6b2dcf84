#include "crypto/password.hpp"

#include <gtest/gtest.h>

namespace obscura::crypto {
namespace {

/// The least that libsodium takes: tests are about the form, not the price.
constexpr PasswordCost cheap{.passes = 1, .memory_bytes = 8192};

TEST(PasswordTest, VerifiesWhatItHashed) {
    auto const hash = hash_password("correct horse battery staple", cheap);
    EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$")) << hash;
    EXPECT_TRUE(verify_password(hash, "correct horse battery staple"));
    EXPECT_FALSE(verify_password(hash, "correct horse battery stapl"));
    EXPECT_FALSE(verify_password(hash, "correct horse battery staple "));
    EXPECT_FALSE(verify_password(hash, ""));
}

TEST(PasswordTest, SaltsDiffer) {
    EXPECT_NE(hash_password("same", cheap), hash_password("same", cheap));
}

TEST(PasswordTest, AnyBytesAreAPassword) {
    std::string const binary("a\0b\xff", 4);
    auto const hash = hash_password(binary, cheap);
    EXPECT_TRUE(verify_password(hash, binary));
    EXPECT_FALSE(verify_password(hash, "a"));
    EXPECT_TRUE(verify_password(hash_password("", cheap), ""));
}

TEST(PasswordTest, WhatIsNoHashVerifiesNothing) {
    for (std::string const bad : {"", "secret", "$argon2id$", "$2b$12$abcdefghijklmnopqrstuv",
                                  "$argon2id$v=19$m=8,t=1,p=1$AAAA"}) {
        EXPECT_FALSE(verify_password(bad, "secret")) << bad;
        EXPECT_TRUE(needs_rehash(bad, cheap)) << bad;
    }
    EXPECT_FALSE(verify_password(std::string(4096, '$'), "secret"));
}

TEST(PasswordTest, AnotherCostNeedsARehash) {
    auto const hash = hash_password("secret", cheap);
    EXPECT_FALSE(needs_rehash(hash, cheap));
    EXPECT_TRUE(needs_rehash(hash, {.passes = 2, .memory_bytes = 8192}));
    EXPECT_TRUE(needs_rehash(hash, {.passes = 1, .memory_bytes = 16384}));
    EXPECT_TRUE(needs_rehash(hash));
}

TEST(PasswordTest, TheDefaultIsRfc9106sSecondChoiceInMemoryAndPasses) {
    EXPECT_TRUE(hash_password("secret").starts_with("$argon2id$v=19$m=65536,t=3,p=1$"));
}

}  // namespace
}  // namespace obscura::crypto
