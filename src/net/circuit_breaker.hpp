#pragma once

#include "base/clock.hpp"

#include <chrono>

namespace obscura::net {

struct BreakerConfig {
    int failures = 5;  ///< in a row, until it opens
    std::chrono::milliseconds first_pause{1'000};
    std::chrono::milliseconds longest_pause{60'000};
};

/// Keeps calls from a peer that is down. Closed: calls pass. Open: none does, for a pause that
/// doubles with every failed trial. Half open: one trial decides. No clock of its own, no timers.
class CircuitBreaker {
public:
    enum class State { closed, open, half_open };

    explicit CircuitBreaker(BreakerConfig config = {})
        : config_(config), pause_(config.first_pause) {}

    /// Whether a call may be made now. In half open state it makes the caller the trial; a trial
    /// that reports nothing within a pause is given up and the next call takes its place.
    [[nodiscard]] bool allow(base::Instant now);
    void succeeded();
    void failed(base::Instant now);
    [[nodiscard]] State state() const { return state_; }
    /// Until a call may pass again; 0 when it may.
    [[nodiscard]] std::chrono::milliseconds retry_after(base::Instant now) const;

private:
    void open(base::Instant now);

    BreakerConfig config_;
    State state_ = State::closed;
    int failures_ = 0;
    std::chrono::milliseconds pause_;
    base::Instant until_{};
};

}  // namespace obscura::net
