// Challenges are open to all: how many there are at once, and whose go when there are too many.
#include "citadel/release_desk.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace obscura::citadel {
namespace {

struct ReleaseDeskTest : ::testing::Test {
    base::ManualClock clock{base::Timestamp(std::chrono::seconds(1'790'000'000))};
    base::SeededRandom random{7};
    ReleaseDesk desk{clock, random};
    int asked = 0;

    custody::ReleaseNonce next() {
        custody::ReleaseNonce nonce{};
        std::ranges::copy(std::to_string(++asked), nonce.begin());
        return nonce;
    }
    /// A challenge that has its evidence.
    custody::ReleaseNonce challenge(std::string_view address) {
        auto const nonce = next();
        EXPECT_TRUE(desk.open(nonce, address));
        EXPECT_TRUE(desk.vouch(nonce, {}));
        return nonce;
    }
    /// What citadel says to keys that are none: whether it still has the challenge.
    std::string answer(custody::ReleaseNonce const& nonce) {
        std::vector<std::uint8_t> const enc(32, 9), sealed(48);
        return desk.take(nonce, std::vector{1}, enc, sealed).error().reason;
    }
};

TEST_F(ReleaseDeskTest, TheOldestGoesOfWhoHasMost) {
    auto const holders = challenge("192.0.2.1");
    auto const first = challenge("198.51.100.7");
    custody::ReleaseNonce last{};
    for (std::size_t i = 0; i < ReleaseDesk::max_open; ++i) last = challenge("198.51.100.7");
    EXPECT_EQ(answer(first), "challenge_unknown");
    EXPECT_EQ(answer(holders), "keys_unreadable");
    EXPECT_EQ(answer(last), "keys_unreadable");
}

TEST_F(ReleaseDeskTest, OfManyAddressesTheOldestGoes) {
    auto const first = challenge("192.0.2.1");
    auto const second = challenge("192.0.2.2");
    for (std::size_t i = 1; i < ReleaseDesk::max_open; ++i) (void)challenge(std::to_string(i));
    EXPECT_EQ(answer(first), "challenge_unknown");
    EXPECT_EQ(answer(second), "keys_unreadable");
}

TEST_F(ReleaseDeskTest, AFloodMakesItForgetNoNonceThatWasUsed) {
    auto const used = challenge("192.0.2.1");
    EXPECT_EQ(answer(used), "keys_unreadable");
    for (std::size_t i = 0; i < 2 * ReleaseDesk::max_open; ++i) (void)challenge("198.51.100.7");
    EXPECT_EQ(desk.open(used, "192.0.2.1").error().reason, "nonce_used");
}

TEST_F(ReleaseDeskTest, OfOneAddressFewWaitForEvidence) {
    std::vector<custody::ReleaseNonce> waiting;
    for (std::size_t i = 0; i < ReleaseDesk::max_unvouched; ++i)
        ASSERT_TRUE(desk.open(waiting.emplace_back(next()), "198.51.100.7"));
    EXPECT_EQ(desk.open(next(), "198.51.100.7").error().reason, "release_busy");
    EXPECT_TRUE(desk.open(next(), "192.0.2.1")) << "another is not held up";
    EXPECT_TRUE(desk.vouch(waiting[0], {}));
    EXPECT_TRUE(desk.open(next(), "198.51.100.7"));
    desk.give_up(waiting[1]);
    EXPECT_TRUE(desk.open(next(), "198.51.100.7"));
}

}  // namespace
}  // namespace obscura::citadel
