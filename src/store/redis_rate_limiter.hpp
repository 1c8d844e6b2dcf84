#pragma once

#include "ports/rate_limiter.hpp"
#include "store/redis.hpp"

namespace obscura::store {

/// GCRA in one Lua call, on the clock of Redis: every replica of the gateway counts together.
class RedisRateLimiter final : public ports::RateLimiter {
public:
    explicit RedisRateLimiter(Redis& redis) : redis_(redis) {}
    [[nodiscard]] ports::Task<base::Result<ports::RateDecision>> take(
        std::string key, ports::RateQuota quota) override;
    [[nodiscard]] ports::Task<void> give_back(std::string key, ports::RateQuota quota) override;
    [[nodiscard]] ports::Task<void> forget(std::string key) override;

private:
    Redis& redis_;
};

}  // namespace obscura::store
