#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <optional>

namespace obscura::model {

/// What is known of a venue's clock at one moment: it reads between the two.
struct VenueTime {
    base::Timestamp earliest{};
    base::Timestamp latest{};
};

/// A venue's clock, followed from what the venue told and from our steady clock. Our wall clock,
/// which may jump by hours, has no part in it. Pure.
class VenueClock {
public:
    /// The venue told `told`, cut to milliseconds, in the answer to a question that left at `asked`
    /// and was answered by `answered`. A venue's machines may disagree by half a second; a reading
    /// that contradicts more than that is believed when the next one agrees with it.
    void observe(base::Timestamp told, base::Instant asked, base::Instant answered);
    /// Nullopt before the first reading, and when the readings are too old or too far apart to tell
    /// the time within some seconds.
    [[nodiscard]] std::optional<VenueTime> at(base::Instant now) const;
    /// What the venue itself told last: whatever it is asked from now on, it answers later than
    /// that. Nullopt before the first reading, and while the last one is in doubt.
    [[nodiscard]] std::optional<base::Timestamp> told() const;

private:
    /// The venue's clock minus our steady one, in microseconds, as known at `since`.
    struct Offset {
        std::int64_t least = 0;
        std::int64_t most = 0;
        base::Instant since{};
    };
    [[nodiscard]] static Offset aged(Offset offset, base::Instant now);
    /// What agrees with both; nullopt when they contradict each other.
    [[nodiscard]] static std::optional<Offset> both(Offset const& earlier, Offset const& later);

    std::optional<Offset> known_;
    std::optional<Offset> doubt_;  ///< the last reading, which contradicts `known_`
    base::Timestamp told_{};
};

}  // namespace obscura::model
