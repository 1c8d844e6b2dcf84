#include "base/clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace obscura::base {

using std::chrono::microseconds;
using std::chrono::milliseconds;

Timestamp SystemClock::now() const {
    return std::chrono::floor<microseconds>(std::chrono::system_clock::now());
}

Instant SystemClock::steady() const { return std::chrono::steady_clock::now(); }

std::int64_t to_unix_ms(Timestamp t) {
    return std::chrono::floor<milliseconds>(t).time_since_epoch().count();
}

std::int64_t to_unix_us(Timestamp t) { return t.time_since_epoch().count(); }

Timestamp from_unix_ms(std::int64_t ms) {
    // Venues send the number, so it may be anything: saturate rather than overflow.
    constexpr auto limit = std::numeric_limits<std::int64_t>::max() / 1000;
    return Timestamp{milliseconds{std::clamp(ms, -limit, limit)}};
}

Timestamp from_unix_us(std::int64_t us) { return Timestamp{microseconds{us}}; }

std::string to_rfc3339(Timestamp t) {
    using namespace std::chrono;
    // The format has four digits for the year.
    constexpr Timestamp earliest = sys_days{year{0} / January / 1};
    constexpr Timestamp latest = sys_days{year{10000} / January / 1} - microseconds{1};
    auto const ms = floor<milliseconds>(std::clamp(t, earliest, latest));
    auto const day = floor<days>(ms);
    year_month_day const date{day};
    hh_mm_ss const time{ms - day};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", int{date.year()},
                       unsigned{date.month()}, unsigned{date.day()}, time.hours().count(),
                       time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes text from the front; every step says whether it found what the format asks for.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool number(int digits, int& out) {
        if (rest_.size() < static_cast<std::size_t>(digits)) return false;
        out = 0;
        for (int i = 0; i < digits; ++i) {
            if (!is_digit(rest_[0])) return false;
            out = out * 10 + (rest_[0] - '0');
            rest_.remove_prefix(1);
        }
        return true;
    }
    bool any_of(std::string_view characters) {
        if (rest_.empty() || !characters.contains(rest_[0])) return false;
        rest_.remove_prefix(1);
        return true;
    }
    /// ".5" to ".123456789"; what is finer than a microsecond is cut. Nothing there is fine.
    bool fraction(microseconds& out) {
        if (!any_of(".")) return true;
        int digits = 0;
        std::int64_t value = 0;
        for (; !rest_.empty() && is_digit(rest_[0]); ++digits) {
            if (digits < 6) value = value * 10 + (rest_[0] - '0');
            rest_.remove_prefix(1);
        }
        for (int i = digits; i < 6; ++i) value *= 10;
        out = microseconds{value};
        return digits >= 1 && digits <= 9;
    }
    /// "Z", "+05:30", "-08:00".
    bool offset(std::chrono::minutes& out) {
        if (any_of("Zz")) return true;
        bool const behind = rest_.starts_with('-');
        int hours = 0;
        int minutes = 0;
        if (!any_of("+-") || !number(2, hours) || !any_of(":") || !number(2, minutes)) return false;
        out = std::chrono::minutes{hours * 60 + minutes};
        if (behind) out = -out;
        return hours <= 23 && minutes <= 59;
    }
    [[nodiscard]] bool at_end() const { return rest_.empty(); }

private:
    std::string_view rest_;
};

}  // namespace

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
    using namespace std::chrono;
    Reader reader(text);
    int y = 0;
    int mon = 0;
    int d = 0;
    int h = 0;
    int min = 0;
    int s = 0;
    microseconds fraction{0};
    minutes offset{0};
    bool const read = reader.number(4, y) && reader.any_of("-") && reader.number(2, mon) &&
                      reader.any_of("-") && reader.number(2, d) && reader.any_of("Tt") &&
                      reader.number(2, h) && reader.any_of(":") && reader.number(2, min) &&
                      reader.any_of(":") && reader.number(2, s) && reader.fraction(fraction) &&
                      reader.offset(offset) && reader.at_end();
    if (!read || h > 23 || min > 59 || s > 60) return std::nullopt;
    year_month_day const date{year{y}, month{static_cast<unsigned>(mon)},
                              day{static_cast<unsigned>(d)}};
    if (!date.ok()) return std::nullopt;
    Timestamp const whole = sys_days{date} + hours{h} + minutes{min} + seconds{s} - offset;
    // A leap second is the last of a UTC day; like POSIX time we count it as the next second.
    if (s == 60 && whole != floor<days>(whole)) return std::nullopt;
    return whole + fraction;
}

}  // namespace obscura::base
