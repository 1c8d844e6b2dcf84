#include "model/venue_clock.hpp"

#include <algorithm>

namespace obscura::model {
namespace {

using std::chrono::microseconds;

/// How far two good clocks part while nobody compares them: 1 part in 1,000. NTP slews by half of
/// that at most, crystals err by a tenth of it.
constexpr std::int64_t drift_divisor = 1'000;
constexpr std::int64_t tolerated = 500'000;  ///< between two machines of a venue
constexpr microseconds widest{5'000'000};    ///< what is known no better is not known

std::int64_t since_epoch(base::Instant at) {
    return std::chrono::floor<microseconds>(at.time_since_epoch()).count();
}
std::int64_t since_epoch(base::Timestamp at) { return at.time_since_epoch().count(); }

}  // namespace

VenueClock::Offset VenueClock::aged(Offset offset, base::Instant now) {
    auto const age = std::max<std::int64_t>(since_epoch(now) - since_epoch(offset.since), 0);
    auto const drift = age / drift_divisor + 1;
    return {.least = offset.least - drift, .most = offset.most + drift, .since = now};
}

std::optional<VenueClock::Offset> VenueClock::both(Offset const& earlier, Offset const& later) {
    auto const before = aged(earlier, later.since);
    Offset const common{.least = std::max(before.least, later.least),
                        .most = std::min(before.most, later.most),
                        .since = later.since};
    if (common.least <= common.most) return common;
    if (common.least - common.most > tolerated) return std::nullopt;
    // Either may be right.
    return Offset{.least = std::min(before.least, later.least),
                  .most = std::max(before.most, later.most),
                  .since = later.since};
}

void VenueClock::observe(base::Timestamp told, base::Instant asked, base::Instant answered) {
    told_ = told;
    // It was read between the two, and has less than a millisecond more than it told.
    Offset const reading{.least = since_epoch(told) - since_epoch(answered) - 1,
                         .most = since_epoch(told) + 1'000 - since_epoch(asked),
                         .since = answered};
    auto agreed = known_ ? both(*known_, reading) : reading;
    if (!agreed && doubt_) agreed = both(*doubt_, reading);
    if (agreed) {
        known_ = agreed;
        doubt_.reset();
    } else {
        doubt_ = reading;
    }
}

std::optional<VenueTime> VenueClock::at(base::Instant now) const {
    if (!known_) return std::nullopt;
    auto offset = aged(*known_, now);
    if (doubt_) {
        auto const other = aged(*doubt_, now);
        offset.least = std::min(offset.least, other.least);
        offset.most = std::max(offset.most, other.most);
    }
    if (microseconds(offset.most - offset.least) > widest) return std::nullopt;
    auto const steady = since_epoch(now);
    return VenueTime{.earliest = base::from_unix_us(steady + offset.least),
                     .latest = base::from_unix_us(steady + offset.most)};
}

std::optional<base::Timestamp> VenueClock::told() const {
    if (!known_ || doubt_) return std::nullopt;
    return told_;
}

}  // namespace obscura::model
