#pragma once

#include "gateway/local_rate_limiter.hpp"
#include "net/circuit_breaker.hpp"
#include "net/http.hpp"
#include "ports/rate_limiter.hpp"

#include <string>
#include <string_view>

namespace obscura::gateway {

/// Requests a minute. A tenant's settings replace them.
struct RateLimits {
    std::int64_t general_per_min = 100;
    std::int64_t execution_per_min = 10;
};

/// `settings.rate_limits` of a tenant over the defaults; what does not parse is ignored.
[[nodiscard]] RateLimits limits_of(base::Json const& tenant_settings, RateLimits defaults);

/// The shared limiter, and this process's own while that is out of reach. Both classes keep their
/// limit then, divided among the replicas: Redis gone must neither stop trading nor open the door.
class SharedRateLimits {
public:
    SharedRateLimits(ports::RateLimiter& shared, base::Clock const& clock, std::int64_t replicas)
        : shared_(shared),
          clock_(clock),
          replicas_(replicas),
          breaker_({.failures = 1,
                    .first_pause = std::chrono::milliseconds(1'000),
                    .longest_pause = std::chrono::milliseconds(5'000)}) {}

    [[nodiscard]] ports::Task<ports::RateDecision> take(std::string key, ports::RateQuota quota);
    [[nodiscard]] ports::Task<void> give_back(std::string key, ports::RateQuota quota);
    [[nodiscard]] ports::Task<void> forget(std::string key);
    /// True while the shared limiter is left alone.
    [[nodiscard]] bool is_local() const {
        return breaker_.state() != net::CircuitBreaker::State::closed;
    }

private:
    [[nodiscard]] ports::RateQuota local_part(ports::RateQuota quota) const;

    ports::RateLimiter& shared_;
    base::Clock const& clock_;
    std::int64_t replicas_;
    net::CircuitBreaker breaker_;
    LocalRateLimiter local_;
};

/// RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers), and Retry-After when
/// refused.
void add_rate_headers(net::Response& response, std::string_view policy, ports::RateQuota quota,
                      ports::RateDecision const& decision);
[[nodiscard]] base::Error rate_limited(ports::RateDecision const& decision);

}  // namespace obscura::gateway
