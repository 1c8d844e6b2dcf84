#include "model/venue_clock.hpp"

#include <gtest/gtest.h>

namespace obscura::model {
namespace {

using namespace std::chrono_literals;

constexpr base::Timestamp there{1'800'000'000s};
constexpr base::Instant start{1h};

/// A venue whose clock reads `there` at `start`, and answers after 10 ms, half of it on the way.
struct Reading {
    VenueClock clock;
    base::Timestamp base = there;

    void read(base::Instant at) {
        auto const elapsed = std::chrono::floor<std::chrono::milliseconds>(at + 5ms - start);
        clock.observe(base + elapsed, at, at + 10ms);
    }
    /// The venue's clock jumps: it is set, or our host slept and our steady clock with it.
    void step(std::chrono::microseconds by) { base += by; }
};

TEST(VenueClock, KnowsNothingBeforeTheFirstReading) {
    VenueClock const clock;
    EXPECT_FALSE(clock.at(start));
    EXPECT_FALSE(clock.told());
}

TEST(VenueClock, BoundsTheVenuesTime) {
    Reading r;
    r.read(start);
    EXPECT_EQ(r.clock.told(), there + 5ms);
    auto const time = r.clock.at(start + 10ms);
    ASSERT_TRUE(time);
    EXPECT_LE(time->earliest, there + 10ms);
    EXPECT_GE(time->latest, there + 10ms);
    EXPECT_LE(time->latest - time->earliest, 12ms);
}

TEST(VenueClock, GrowsUncertainAndThenUnknown) {
    Reading r;
    r.read(start);
    auto const later = r.clock.at(start + 10min);
    ASSERT_TRUE(later);
    EXPECT_LE(later->earliest, there + 10min - 600ms);
    EXPECT_GE(later->latest, there + 10min + 600ms);
    EXPECT_FALSE(r.clock.at(start + 1h));
    r.read(start + 1h);
    EXPECT_TRUE(r.clock.at(start + 1h));
}

TEST(VenueClock, AQuickReadingNarrowsASlowOne) {
    Reading r;
    r.clock.observe(there + 1s, start, start + 2s);
    EXPECT_GE(r.clock.at(start + 2s)->latest - r.clock.at(start + 2s)->earliest, 2s);
    r.read(start + 3s);
    EXPECT_LE(r.clock.at(start + 3s)->latest - r.clock.at(start + 3s)->earliest, 20ms);
    r.clock.observe(there + 4s, start + 3s, start + 5s);
    EXPECT_LE(r.clock.at(start + 5s)->latest - r.clock.at(start + 5s)->earliest, 20ms);
}

TEST(VenueClock, AContradictionIsBelievedTheSecondTime) {
    for (auto const jump : {-3h, 3h}) {
        Reading r;
        r.read(start);
        r.step(jump);
        r.read(start + 1s);
        EXPECT_FALSE(r.clock.told());
        EXPECT_FALSE(r.clock.at(start + 1s));  // it may be either
        r.read(start + 2s);
        EXPECT_EQ(r.clock.told(), there + jump + 2s + 5ms);
        auto const time = r.clock.at(start + 3s);
        ASSERT_TRUE(time);
        EXPECT_LE(time->earliest, there + jump + 3s);
        EXPECT_GE(time->latest, there + jump + 3s);
    }
}

TEST(VenueClock, OneFalseReadingChangesNothing) {
    Reading r;
    r.read(start);
    r.clock.observe(there + 3h, start + 1s, start + 1s + 10ms);
    EXPECT_FALSE(r.clock.told());
    r.read(start + 2s);
    EXPECT_EQ(r.clock.told(), there + 2s + 5ms);
    EXPECT_LE(r.clock.at(start + 2s)->latest, there + 2s + 30ms);
}

TEST(VenueClock, ASmallContradictionWidens) {
    Reading r;
    r.read(start);
    r.step(500ms);
    r.read(start + 1s);
    EXPECT_TRUE(r.clock.told());
    auto const time = r.clock.at(start + 1s);
    ASSERT_TRUE(time);
    EXPECT_LE(time->earliest, there + 1s);
    EXPECT_GE(time->latest, there + 1'500ms);
}

}  // namespace
}  // namespace obscura::model
