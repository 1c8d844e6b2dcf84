// RateLimiter, on Redis and on the gateway's own fall-back: the same requests pass.
#include "gateway/local_rate_limiter.hpp"
#include "store/redis_rate_limiter.hpp"
#include "support/coroutine.hpp"
#include "support/private_redis.hpp"

#include <gtest/gtest.h>

namespace obscura::test {
namespace {

using namespace std::chrono_literals;

/// The fall-back as a port, on the real clock as Redis is.
class LocalLimiter final : public ports::RateLimiter {
public:
    ports::Task<base::Result<ports::RateDecision>> take(std::string key,
                                                        ports::RateQuota quota) override {
        co_return limiter_.take(key, quota, clock_.steady());
    }
    ports::Task<void> give_back(std::string key, ports::RateQuota quota) override {
        limiter_.give_back(key, quota);
        co_return;
    }
    ports::Task<void> forget(std::string key) override {
        limiter_.forget(key);
        co_return;
    }

private:
    base::SystemClock clock_;
    gateway::LocalRateLimiter limiter_;
};

class Limiter : public ::testing::TestWithParam<std::string> {
protected:
    Limiter() {
        if (GetParam() == "local") {
            limiter = std::make_unique<LocalLimiter>();
            return;
        }
        redis = std::make_unique<store::Redis>(
            io.get_executor(),
            store::RedisConfig{.url = base::Secret(PrivateRedis::shared().url())});
        limiter = std::make_unique<store::RedisRateLimiter>(*redis);
        (void)take_result(run_key, {.limit = 1, .window = 60s});
    }
    ~Limiter() override {
        if (redis) redis->close();
    }
    base::Result<ports::RateDecision> take_result(std::string key, ports::RateQuota quota) {
        return run(io, limiter->take(std::move(key), quota));
    }
    ports::RateDecision take(std::string const& key, ports::RateQuota quota) {
        auto const result = take_result(unique + key, quota);
        EXPECT_TRUE(result) << (result ? "" : result.error().detail);
        return result.value_or(ports::RateDecision{});
    }

    static constexpr char const* run_key = "warm-up";
    boost::asio::io_context io;
    std::unique_ptr<store::Redis> redis;
    std::unique_ptr<ports::RateLimiter> limiter;
    std::string unique =
        std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()) + ":";
};

TEST_P(Limiter, LetsTheWholeQuotaThroughAtOnceAndNoMore) {
    ports::RateQuota const quota{.limit = 3, .window = 3600s};
    for (int left = 2; left >= 0; --left) {
        auto const decision = take("a", quota);
        EXPECT_TRUE(decision.allowed);
        EXPECT_EQ(decision.remaining, left);
        EXPECT_EQ(decision.retry_after, 0ms);
    }
    auto const refused = take("a", quota);
    EXPECT_FALSE(refused.allowed);
    EXPECT_EQ(refused.remaining, 0);
    EXPECT_GT(refused.retry_after, 1100s) << "one passes every twenty minutes";
    EXPECT_LE(refused.retry_after, 1200s);
    EXPECT_GT(refused.reset_after, 3500s);
    EXPECT_LE(refused.reset_after, 3600s);
}

TEST_P(Limiter, CountsKeysApartAndForgetsThem) {
    ports::RateQuota const quota{.limit = 1, .window = 3600s};
    EXPECT_TRUE(take("a", quota).allowed);
    EXPECT_TRUE(take("b", quota).allowed);
    EXPECT_FALSE(take("a", quota).allowed);
    run(io, limiter->forget(unique + "a"));
    EXPECT_TRUE(take("a", quota).allowed);
    EXPECT_FALSE(take("b", quota).allowed);
}

TEST_P(Limiter, GivesBackOneAtATime) {
    ports::RateQuota const quota{.limit = 2, .window = 3600s};
    EXPECT_TRUE(take("a", quota).allowed);
    EXPECT_TRUE(take("a", quota).allowed);
    run(io, limiter->give_back(unique + "a", quota));
    EXPECT_TRUE(take("a", quota).allowed);
    EXPECT_FALSE(take("a", quota).allowed);
    for (int i = 0; i < 5; ++i) run(io, limiter->give_back(unique + "a", quota));
    EXPECT_TRUE(take("a", quota).allowed);
    EXPECT_TRUE(take("a", quota).allowed);
    EXPECT_FALSE(take("a", quota).allowed) << "never more than there is";
    EXPECT_NO_THROW(run(io, limiter->give_back(unique + "never seen", quota)));
}

TEST_P(Limiter, ARefusalCostsNothing) {
    ports::RateQuota const quota{.limit = 1, .window = 3600s};
    (void)take("a", quota);
    auto const first = take("a", quota).retry_after;
    for (int i = 0; i < 20; ++i) EXPECT_FALSE(take("a", quota).allowed);
    EXPECT_LE(take("a", quota).retry_after, first);
}

INSTANTIATE_TEST_SUITE_P(On, Limiter, ::testing::Values("local", "redis"),
                         [](auto const& info) { return info.param; });

TEST(RedisRateLimiter, TellsWhenRedisIsOutOfReach) {
    boost::asio::io_context io;
    store::Redis redis(io.get_executor(),
                       {.url = base::Secret("redis://127.0.0.1:1"), .timeout = 200ms});
    store::RedisRateLimiter limiter(redis);
    auto const result = run(io, limiter.take("a", {}));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, base::Errc::unavailable);
    redis.close();
}

}  // namespace
}  // namespace obscura::test
