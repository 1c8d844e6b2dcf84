// Rate limits and conductor behind its circuit breaker, on a clock that moves when told.
#include "gateway/guarded_intake.hpp"
#include "gateway/local_rate_limiter.hpp"
#include "gateway/rate_limits.hpp"
#include "support/coroutine.hpp"
#include "support/fakes/peers.hpp"

#include <gtest/gtest.h>

namespace obscura::gateway {
namespace {

using namespace std::chrono_literals;
using test::run;

TEST(Gcra, LetsOneThroughEveryIntervalAfterTheBurst) {
    ports::RateQuota const quota{.limit = 5, .window = 900s};
    base::Instant arrival{};
    base::Instant now{1h};
    for (int i = 4; i >= 0; --i) EXPECT_EQ(gcra(arrival, quota, now).remaining, i);
    auto const refused = gcra(arrival, quota, now);
    EXPECT_FALSE(refused.allowed);
    EXPECT_EQ(refused.retry_after, 180s);
    EXPECT_EQ(refused.reset_after, 900s);
    EXPECT_FALSE(gcra(arrival, quota, now + 179s).allowed);
    EXPECT_TRUE(gcra(arrival, quota, now + 180s).allowed);
    EXPECT_FALSE(gcra(arrival, quota, now + 180s).allowed);
    EXPECT_EQ(gcra(arrival, quota, now + 3h).remaining, 4) << "the whole quota is back";
}

TEST(LocalRateLimiter, IsBoundedAndNeverUnlimited) {
    LocalRateLimiter limiter(2);
    ports::RateQuota const quota{.limit = 1, .window = 60s};
    base::Instant now{1h};
    EXPECT_TRUE(limiter.take("a", quota, now).allowed);
    EXPECT_TRUE(limiter.take("b", quota, now).allowed);
    auto const stranger = limiter.take("c", quota, now);
    EXPECT_FALSE(stranger.allowed) << "no room to count it";
    EXPECT_GT(stranger.retry_after, 0ms);
    EXPECT_EQ(limiter.size(), 2U);
    EXPECT_TRUE(limiter.take("c", quota, now + 61s).allowed) << "the others are done";
    EXPECT_EQ(limiter.size(), 1U);
}

class SharedLimits : public ::testing::Test {
protected:
    ports::RateDecision take(std::string key = "k") {
        return run(io, limits.take(std::move(key), {.limit = 4, .window = 60s}));
    }
    boost::asio::io_context io;
    base::ManualClock clock{base::from_unix_ms(1'790'000'000'000)};
    test::FakeRateLimiter shared;
    SharedRateLimits limits{shared, clock, 2};
};

TEST_F(SharedLimits, CountsTogetherWhileItCan) {
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(take().allowed);
    EXPECT_FALSE(take().allowed);
    EXPECT_FALSE(limits.is_local());
}

TEST_F(SharedLimits, CountsItsOwnShareWhileTheSharedOneIsAway) {
    shared.is_down = true;
    EXPECT_TRUE(take().allowed);
    EXPECT_TRUE(take().allowed);
    EXPECT_FALSE(take().allowed) << "two replicas: half of the limit each";
    EXPECT_TRUE(limits.is_local());
    EXPECT_EQ(shared.calls, 1) << "the shared one is left alone for a second";
    clock.advance(1s);
    shared.is_down = false;
    EXPECT_TRUE(take().allowed);
    EXPECT_EQ(shared.calls, 2);
    EXPECT_FALSE(limits.is_local());
}

TEST(RateHeaders, SayWhatIsLeft) {
    net::Response response;
    add_rate_headers(response, "general", {.limit = 100, .window = 60s},
                     {.allowed = true, .remaining = 99, .reset_after = 600ms});
    EXPECT_EQ(response.headers.find("RateLimit-Policy"), "\"general\";q=100;w=60");
    EXPECT_EQ(response.headers.find("RateLimit"), "\"general\";r=99;t=1");
    EXPECT_EQ(rate_limited({.allowed = false, .retry_after = 1500ms}).retry_after, 2s);
}

TEST(TenantLimits, ReplaceTheDefaultsWhereTheyMakeSense) {
    auto const read = [](char const* text) {
        return limits_of(*base::parse_json(text),
                         {.general_per_min = 100, .execution_per_min = 10});
    };
    EXPECT_EQ(read("{}").general_per_min, 100);
    EXPECT_EQ(read(R"({"rate_limits":{"general_per_min":7}})").general_per_min, 7);
    EXPECT_EQ(read(R"({"rate_limits":{"general_per_min":7}})").execution_per_min, 10);
    EXPECT_EQ(read(R"({"rate_limits":{"execution_per_min":0}})").execution_per_min, 10);
    EXPECT_EQ(read(R"({"rate_limits":{"execution_per_min":-1}})").execution_per_min, 10);
    EXPECT_EQ(read(R"({"rate_limits":{"execution_per_min":"x"}})").execution_per_min, 10);
    EXPECT_EQ(read(R"({"rate_limits":[]})").execution_per_min, 10);
}

class Guarded : public ::testing::Test {
protected:
    std::string submit() {
        auto const result = run(io, intake.submit({}, {}, {}, "req"));
        return result ? "ok" : result.error().reason;
    }
    boost::asio::io_context io;
    base::ManualClock clock{base::from_unix_ms(1'790'000'000'000)};
    test::FakeSignalIntake inner;
    GuardedIntake intake{inner, clock};
};

TEST_F(Guarded, LeavesAPeerThatIsDownAlone) {
    inner.error = base::Error{.code = base::Errc::unavailable, .reason = "down"};
    for (int i = 0; i < 5; ++i) EXPECT_EQ(submit(), "down");
    EXPECT_EQ(submit(), "conductor_unavailable");
    EXPECT_EQ(inner.calls.size(), 5U);
    EXPECT_EQ(run(io, intake.status({}, {}, {})).error().retry_after, 1s);
    clock.advance(1s);
    inner.error.reset();
    EXPECT_EQ(submit(), "ok");
    EXPECT_EQ(submit(), "ok");
}

TEST_F(Guarded, ACallersOwnErrorsAreNotThePeersFault) {
    for (auto const code : {base::Errc::invalid_argument, base::Errc::not_found,
                            base::Errc::conflict, base::Errc::forbidden}) {
        inner.error = base::Error{.code = code, .reason = "theirs"};
        for (int i = 0; i < 6; ++i) EXPECT_EQ(submit(), "theirs");
    }
}

}  // namespace
}  // namespace obscura::gateway
