#pragma once

#include "base/json.hpp"
#include "base/task.hpp"

#include <chrono>
#include <string>

namespace obscura::ports {

using base::Task;

struct ProbeResult {
    bool is_up = false;
    std::string internal;  ///< what is wrong; for the log, not for the public
    base::Json facts;      ///< an object of what the peer tells of itself, or null
};

/// Something this process depends on.
class HealthProbe {
public:
    virtual ~HealthProbe() = default;
    [[nodiscard]] virtual std::string name() const = 0;
    /// Answers within about `timeout`; never throws.
    [[nodiscard]] virtual Task<ProbeResult> check(std::chrono::milliseconds timeout) = 0;
};

}  // namespace obscura::ports
