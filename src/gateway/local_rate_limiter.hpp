#pragma once

#include "base/clock.hpp"
#include "ports/rate_limiter.hpp"

#include <string>
#include <unordered_map>

namespace obscura::gateway {

/// One step of the generic cell rate algorithm; moves `arrival` on when the request passes.
[[nodiscard]] ports::RateDecision gcra(base::Instant& arrival, ports::RateQuota quota,
                                       base::Instant now);

/// The same limits counted in this process alone. Bounded: when there are too many callers to keep
/// in mind, those it does not know are refused, so that it never lets everything through.
class LocalRateLimiter {
public:
    explicit LocalRateLimiter(std::size_t max_keys = 100'000) : max_keys_(max_keys) {}
    [[nodiscard]] ports::RateDecision take(std::string const& key, ports::RateQuota quota,
                                           base::Instant now);
    void give_back(std::string const& key, ports::RateQuota quota);
    void forget(std::string const& key) { arrivals_.erase(key); }
    [[nodiscard]] std::size_t size() const { return arrivals_.size(); }

private:
    [[nodiscard]] bool make_room(base::Instant now);

    std::size_t max_keys_;
    base::Instant swept_{};
    std::unordered_map<std::string, base::Instant> arrivals_;
};

}  // namespace obscura::gateway
