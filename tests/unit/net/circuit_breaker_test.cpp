#include "net/circuit_breaker.hpp"

#include <gtest/gtest.h>

namespace obscura::net {
namespace {

using namespace std::chrono_literals;
using State = CircuitBreaker::State;

TEST(CircuitBreaker, OpensAfterFailuresInARow) {
    CircuitBreaker breaker;
    base::Instant now{1h};
    for (int i = 0; i < 4; ++i) breaker.failed(now);
    breaker.succeeded();
    for (int i = 0; i < 4; ++i) breaker.failed(now);
    EXPECT_TRUE(breaker.allow(now));
    breaker.failed(now);
    EXPECT_EQ(breaker.state(), State::open);
    EXPECT_FALSE(breaker.allow(now));
    EXPECT_EQ(breaker.retry_after(now), 1s);
}

TEST(CircuitBreaker, TriesOnceAndWaitsTwiceAsLongUpToABound) {
    CircuitBreaker breaker({.failures = 1, .first_pause = 1s, .longest_pause = 4s});
    base::Instant now{1h};
    breaker.failed(now);
    for (auto const pause : {1s, 2s, 4s, 4s}) {
        EXPECT_FALSE(breaker.allow(now + pause - 1ms));
        now += pause;
        EXPECT_TRUE(breaker.allow(now)) << pause.count();
        EXPECT_FALSE(breaker.allow(now)) << "one trial at a time";
        breaker.failed(now);
    }
    now += 4s;
    EXPECT_TRUE(breaker.allow(now));
    breaker.succeeded();
    EXPECT_EQ(breaker.state(), State::closed);
    breaker.failed(now);
    EXPECT_EQ(breaker.retry_after(now), 1s) << "back to the first pause";
}

TEST(CircuitBreaker, GivesUpATrialThatNeverReports) {
    CircuitBreaker breaker({.failures = 1, .first_pause = 1s});
    base::Instant now{1h};
    breaker.failed(now);
    EXPECT_TRUE(breaker.allow(now + 1s));
    EXPECT_FALSE(breaker.allow(now + 1999ms));
    EXPECT_TRUE(breaker.allow(now + 2s));
}

}  // namespace
}  // namespace obscura::net
