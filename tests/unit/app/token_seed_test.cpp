// What becomes of the seed that a stack of before has as text.
#include "app/token_seed.hpp"
#include "app/files.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/hex.hpp"
#include "unit/app/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace obscura::app {
namespace {

using namespace std::chrono_literals;

TEST(TokenSeed, IsWipedAndItsPublicKeyGoodForADay) {
    test::TemporaryFolder folder;
    StateFolder const state(folder.file("state"));
    auto const now = base::from_unix_ms(1'790'000'000'000);
    EXPECT_FALSE(key_of_plain_token_seed(state, now)) << "a new stack has none";

    auto const file = state.file("secrets/gateway-jwt-seed");
    write_file(file, std::string(64, '1') + "\n", 0600);
    auto const link = state.file("secrets/the-same-bytes");
    std::filesystem::create_hard_link(file, link);
    auto const key = key_of_plain_token_seed(state, now);
    std::vector<std::uint8_t> const seed(32, 0x11);
    auto const expected =
        crypto::hex_encode(crypto::Ed25519PrivateKey::from_seed(seed)->public_key().bytes());
    EXPECT_EQ(key, expected);
    EXPECT_FALSE(std::filesystem::exists(file));
    EXPECT_EQ(read_file(link), std::string(65, '0')) << "its bytes are gone, not its name alone";

    EXPECT_EQ(key_of_plain_token_seed(state, now + 24h), expected);
    EXPECT_FALSE(key_of_plain_token_seed(state, now + 24h + 1ms));
    EXPECT_FALSE(key_of_plain_token_seed(state, now)) << "forgotten";
}

TEST(TokenSeed, WhatIsNoneIsWipedToo) {
    test::TemporaryFolder folder;
    StateFolder const state(folder.file("state"));
    write_file(state.file("secrets/gateway-jwt-seed"), "half a se", 0600);
    EXPECT_FALSE(key_of_plain_token_seed(state, base::from_unix_ms(0)));
    EXPECT_FALSE(std::filesystem::exists(state.file("secrets/gateway-jwt-seed")));
}

}  // namespace
}  // namespace obscura::app
