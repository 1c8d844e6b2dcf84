#pragma once

#include "base/metrics.hpp"
#include "citadel/call_limits.hpp"

namespace obscura::citadel {

/// The limits with a clock, a word for who is refused, and counters. Event-loop thread.
class CallGate {
public:
    /// All but `rates` must outlive this.
    CallGate(CallRates const& rates, base::Clock const& clock, base::Random& random,
             base::Metrics& metrics);

    /// rate_limited "rate_limited", with the time after which it is worth while to ask again.
    [[nodiscard]] base::Result<void> admit(Caller const& caller, CallKind kind,
                                           std::string_view account, std::int64_t count = 1);

private:
    struct Counters {
        base::Counter& callers;
        base::Counter& accounts;
    };
    CallLimits limits_;
    base::Clock const& clock_;
    std::vector<Counters> refused_;  ///< by kind
};

}  // namespace obscura::citadel
