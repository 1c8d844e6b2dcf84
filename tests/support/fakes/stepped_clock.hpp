#pragma once

#include "base/clock.hpp"

namespace obscura::test {

/// The system's clocks, of which the wall's can be set to another time, and the steady one begun
/// anew as after a restart of the machine.
class SteppedClock final : public base::Clock {
public:
    [[nodiscard]] base::Timestamp now() const override { return system_.now() + wall_ahead_; }
    [[nodiscard]] base::Instant steady() const override { return system_.steady() - steady_from_; }
    void step_wall(std::chrono::microseconds by) { wall_ahead_ += by; }
    void restart_steady() { steady_from_ = system_.steady().time_since_epoch(); }

private:
    base::SystemClock system_;
    std::chrono::microseconds wall_ahead_{0};
    std::chrono::nanoseconds steady_from_{0};
};

}  // namespace obscura::test
