#pragma once

#include "base/error.hpp"
#include "base/task.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace obscura::ports {

using base::Task;

/// `limit` requests a `window`, all of which may come at once.
struct RateQuota {
    std::int64_t limit = 100;
    std::chrono::seconds window{60};
};

struct RateDecision {
    bool allowed = true;
    std::int64_t remaining = 0;                ///< requests that would pass right now
    std::chrono::milliseconds reset_after{0};  ///< until the whole quota is free again
    std::chrono::milliseconds retry_after{0};  ///< until the next passes; 0 when allowed
};

/// Generic cell rate algorithm: one request passes every window / limit, `limit` may come at once.
class RateLimiter {
public:
    virtual ~RateLimiter() = default;
    /// Counts one request of `key`. unavailable when the shared state cannot be reached.
    [[nodiscard]] virtual Task<base::Result<RateDecision>> take(std::string key,
                                                                RateQuota quota) = 0;
    /// Takes back one request that was counted with this quota. Best effort.
    [[nodiscard]] virtual Task<void> give_back(std::string key, RateQuota quota) = 0;
    /// Forgets what `key` used. Best effort.
    [[nodiscard]] virtual Task<void> forget(std::string key) = 0;
};

}  // namespace obscura::ports
