#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace obscura::base {

/// Wall-clock time, UTC, microseconds.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;
/// Monotonic time for timeouts and latencies.
using Instant = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;
using Milliseconds = std::chrono::milliseconds;

/// Time as a dependency, so that a test or a simulation can hold it. Any thread.
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Timestamp now() const = 0;
    [[nodiscard]] virtual Instant steady() const = 0;
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] Timestamp now() const override;
    [[nodiscard]] Instant steady() const override;
};

/// Moves only when told to.
class ManualClock final : public Clock {
public:
    explicit ManualClock(Timestamp start) : now_(start) {}
    [[nodiscard]] Timestamp now() const override { return now_; }
    [[nodiscard]] Instant steady() const override { return steady_; }
    void advance(std::chrono::microseconds by) {
        now_ += by;
        steady_ += by;
    }
    /// Steps the wall clock alone, as an NTP correction does.
    void step_wall(std::chrono::microseconds by) { now_ += by; }

private:
    Timestamp now_;
    Instant steady_{};
};

[[nodiscard]] std::int64_t to_unix_ms(Timestamp t);
[[nodiscard]] std::int64_t to_unix_us(Timestamp t);
[[nodiscard]] Timestamp from_unix_ms(std::int64_t ms);
[[nodiscard]] Timestamp from_unix_us(std::int64_t us);

/// RFC 3339, UTC, milliseconds: "2026-11-22T21:30:00.123Z".
[[nodiscard]] std::string to_rfc3339(Timestamp t);
/// Accepts RFC 3339 with `Z` or an offset and 0 to 9 fractional digits; nullopt for anything else.
[[nodiscard]] std::optional<Timestamp> parse_rfc3339(std::string_view text);

}  // namespace obscura::base
