#include "gateway/local_rate_limiter.hpp"

#include <algorithm>

namespace obscura::gateway {
namespace {

using std::chrono::milliseconds;

milliseconds round_up(std::chrono::nanoseconds duration) {
    return std::chrono::ceil<milliseconds>(duration);
}

}  // namespace

ports::RateDecision gcra(base::Instant& arrival, ports::RateQuota quota, base::Instant now) {
    auto const interval = std::chrono::nanoseconds(quota.window) / quota.limit;
    auto const span = interval * quota.limit;
    auto const start = std::max(arrival, now);
    auto const next = start + interval;
    if (next - now > span) {
        return {.allowed = false,
                .remaining = 0,
                .reset_after = round_up(start - now),
                .retry_after = round_up(next - span - now)};
    }
    arrival = next;
    return {.allowed = true,
            .remaining = (span - (next - now)) / interval,
            .reset_after = round_up(next - now),
            .retry_after = milliseconds(0)};
}

ports::RateDecision LocalRateLimiter::take(std::string const& key, ports::RateQuota quota,
                                           base::Instant now) {
    auto found = arrivals_.find(key);
    if (found == arrivals_.end()) {
        if (!make_room(now)) return {.allowed = false, .retry_after = std::chrono::seconds(1)};
        found = arrivals_.emplace(key, now).first;
    }
    return gcra(found->second, quota, now);
}

void LocalRateLimiter::give_back(std::string const& key, ports::RateQuota quota) {
    auto const found = arrivals_.find(key);
    if (found == arrivals_.end()) return;
    found->second -= std::chrono::nanoseconds(quota.window) / quota.limit;
}

bool LocalRateLimiter::make_room(base::Instant now) {
    if (arrivals_.size() < max_keys_) return true;
    // A sweep looks at every key: once a second at most, however many strangers knock.
    if (now - swept_ < std::chrono::seconds(1) && swept_ != base::Instant{}) return false;
    swept_ = now;
    std::erase_if(arrivals_, [now](auto const& entry) { return entry.second <= now; });
    return arrivals_.size() < max_keys_;
}

}  // namespace obscura::gateway
