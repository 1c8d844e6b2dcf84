#include "citadel/agent_nonces.hpp"

#include <gtest/gtest.h>

namespace obscura::citadel {
namespace {

using namespace std::chrono_literals;

class AgentNoncesTest : public ::testing::Test {
protected:
    AgentNonces nonces_;
    base::Timestamp now_ = base::from_unix_ms(1'764'000'000'000);
    base::Secret one_{std::string_view("one")}, other_{std::string_view("other")};

    [[nodiscard]] std::uint64_t next(base::Secret const& key) {
        auto const made = nonces_.next(key, now_);
        EXPECT_TRUE(made) << made.error().reason;
        return made.value_or(0);
    }
};

TEST_F(AgentNoncesTest, TheClocksAndMoreThanTheLast) {
    EXPECT_EQ(next(one_), 1'764'000'000'000U);
    EXPECT_EQ(next(one_), 1'764'000'000'001U);
    EXPECT_EQ(next(other_), 1'764'000'000'000U) << "of a key of its own";
    now_ += 1ms;
    EXPECT_EQ(next(one_), 1'764'000'000'002U);
    now_ += 10ms;
    EXPECT_EQ(next(one_), 1'764'000'000'011U);
}

TEST_F(AgentNoncesTest, AClockThatGoesBackGivesNoneTwice) {
    auto const first = next(one_);
    now_ -= 1h;
    EXPECT_EQ(next(one_), first + 1);
    EXPECT_GE(next(other_), first) << "it may have been forgotten since it signed";
    now_ -= 11h;
    auto const refused = nonces_.next(one_, now_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, base::Errc::unavailable);
    EXPECT_EQ(refused.error().reason, "nonces_ahead");
}

TEST_F(AgentNoncesTest, KeysAreForgottenButNotTheirNonces) {
    auto const first = next(one_);
    now_ += 1ms;
    for (int i = 0; i < 5'000; ++i) (void)next(base::Secret(std::string_view(std::to_string(i))));
    now_ -= 1s;
    EXPECT_GT(next(one_), first);
}

TEST_F(AgentNoncesTest, KeysAreBounded) {
    for (std::size_t i = 0; i < AgentNonces::max_keys; ++i)
        (void)next(base::Secret(std::string_view(std::to_string(i))));
    auto const refused = nonces_.next(one_, now_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, "nonces_full");
    now_ += 1ms;
    EXPECT_EQ(next(one_), 1'764'000'000'001U);
}

}  // namespace
}  // namespace obscura::citadel
