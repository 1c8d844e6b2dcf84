// The promise of exactly-once, walked through: a leg against a venue that loses, delays, forgets to
// answer and refuses, with a clock of its own that errs, and a process that restarts.
#include "base/random.hpp"
#include "model/leg.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace obscura::model {
namespace {

using namespace std::chrono_literals;
using Kind = LegEvent::Kind;
using Action = LegStep::Action;
using base::Timestamp;

constexpr Timestamp start{std::chrono::seconds(1'800'000'000)};
LegPolicy const policy{};

/// What the venue will have taken: an attempt whose bytes arrive by its own clock before expiry.
/// Its clock is anywhere, and its machines disagree about it by less than `policy.clock_error`.
class Venue {
public:
    explicit Venue(std::chrono::microseconds clock_ahead) : ahead_(clock_ahead) {}
    /// Bytes of an attempt that are under way, and arrive at `at`, at a machine that is `off`.
    void deliver(Timestamp at, Timestamp not_after, std::chrono::milliseconds off) {
        if (clock(at) + off <= not_after) taken_at_.push_back(at);
    }
    [[nodiscard]] Timestamp clock(Timestamp at) const { return at + ahead_; }
    /// Orders that it will ever have.
    [[nodiscard]] std::size_t orders() const { return taken_at_.size(); }
    [[nodiscard]] bool knows(Timestamp at) const {
        for (auto const& taken : taken_at_)
            if (taken <= at) return true;
        return false;
    }

private:
    std::chrono::microseconds ahead_;
    std::vector<Timestamp> taken_at_;
};

/// One life of a leg. Carries out the machine's steps as the desk does.
class Walk {
public:
    explicit Walk(std::uint64_t seed)
        : random_(seed), venue_(std::chrono::hours(static_cast<int>(random_.below(9)) - 4)) {
        leg_.reduce_only = random_.below(2) == 0;
        leg_.send_not_after = window();
        step_ = {.action = Action::send, .state = LegState::armed, .evidence = {}};
    }
    /// False when it did not come to an end.
    bool run() {
        for (int i = 0; i < 600; ++i) {
            if (step_.action == Action::finish) return true;
            now_ += step_.after + milliseconds_below(300);
            if (random_.below(2) == 0) read_clock();
            if (random_.below(20) == 0) restart();
            if (step_.action == Action::finish) return true;
            auto const event = carry_out();
            if (!event) continue;
            step_ = next_step(leg_, *event, policy, time());
            check(*event);
            if (step_.action != Action::rearm) leg_.state = step_.state;
        }
        return false;
    }
    Venue venue() const { return venue_; }
    Leg const& leg() const { return leg_; }
    int rearms = 0;

private:
    std::chrono::milliseconds milliseconds_below(int bound) {
        return std::chrono::milliseconds(random_.below(static_cast<std::uint64_t>(bound)));
    }
    /// A steady clock that begins anew with every life of the process.
    [[nodiscard]] base::Instant steady() const { return base::Instant(now_ - born_); }
    void restart() {
        step_ = recover(leg_);
        born_ = now_ - milliseconds_below(5'000);
        clock_ = {};
    }
    /// From a machine that is 400 ms off at most.
    void read_clock() {
        auto const asked = steady();
        now_ += milliseconds_below(50);
        auto const told = venue_.clock(now_) + machine();
        now_ += milliseconds_below(50);
        clock_.observe(base::from_unix_ms(base::to_unix_ms(told)), asked, steady());
    }
    std::chrono::milliseconds machine() { return milliseconds_below(800) - 400ms; }
    [[nodiscard]] LegTime time() const {
        LegTime time{.venue = clock_.at(steady())};
        if (!leg_.reduce_only)
            time.left = std::chrono::floor<std::chrono::milliseconds>(start + 60s - now_);
        return time;
    }
    /// What is committed before the clock is known cannot be signed.
    [[nodiscard]] Timestamp window() const {
        auto const known = clock_.at(steady());
        return known ? window_end(policy, *known) : Timestamp{};
    }
    std::optional<LegEvent> carry_out() {
        switch (step_.action) {
            case Action::send:
                EXPECT_EQ(leg_.state, LegState::armed);
                return send();
            case Action::rearm:
                EXPECT_EQ(venue_.orders(), 0U) << "armed again beside an order";
                ++rearms;
                leg_.state = LegState::armed;
                leg_.attempt = step_.attempt;
                leg_.send_not_after = window();
                step_ = {.action = Action::send, .state = leg_.state, .evidence = {}};
                return std::nullopt;
            case Action::query:
                return query();
            case Action::look:
                EXPECT_EQ(leg_.state, LegState::armed);
                EXPECT_TRUE(leg_.reduce_only);
                EXPECT_EQ(venue_.orders(), 0U);
                return LegEvent{.kind = static_cast<Kind>(static_cast<int>(Kind::holds_enough) +
                                                          static_cast<int>(random_.below(3)))};
            case Action::finish:
                break;
        }
        return std::nullopt;
    }
    LegEvent send() {
        if (!can_sign(leg_, policy, clock_.at(steady())))
            return {.kind = Kind::not_sent, .retryable = true};
        auto const delay = milliseconds_below(8'000);
        switch (random_.below(8)) {
            case 0:
                return {.kind = Kind::not_sent,
                        .retryable = random_.below(10) != 0,
                        .retry_after = milliseconds_below(9'000)};
            case 1:
                return {.kind = Kind::throttled, .retry_after = milliseconds_below(9'000)};
            case 2:
                return {.kind = Kind::refused,
                        .retryable = random_.below(3) != 0,
                        .lacks_holdings = random_.below(2) == 0};
            case 3:  // bytes that never arrive
                return {.kind = Kind::lost};
            case 4:  // bytes that arrive late, or too late
            case 5:
                venue_.deliver(now_ + delay, leg_.send_not_after, machine());
                return {.kind = Kind::lost};
            default:
                break;
        }
        venue_.deliver(now_, leg_.send_not_after, machine());
        if (venue_.orders() == 0) return {.kind = Kind::refused, .retryable = true};  // expired
        if (random_.below(3) == 0) return {.kind = Kind::lost};                       // ack lost
        return {.kind = random_.below(2) == 0 ? Kind::found_open : Kind::found_final,
                .executed = true};
    }
    LegEvent query() {
        auto const told = clock_.told();
        auto const asked_at = now_;
        now_ += milliseconds_below(400);
        if (random_.below(4) == 0) return {.kind = Kind::query_failed};
        if (!venue_.knows(asked_at)) return {.kind = Kind::found_absent, .asked_after = told};
        seen_ = true;
        return {.kind = random_.below(2) == 0 ? Kind::found_open : Kind::found_final,
                .executed = true};
    }
    void check(LegEvent const& event) {
        if (step_.action == Action::send) {
            EXPECT_EQ(event.kind, Kind::not_sent);
        }
        if (step_.action == Action::rearm) {
            bool const is_evidence = event.kind == Kind::not_sent ||
                                     event.kind == Kind::throttled || event.kind == Kind::refused;
            bool const is_absence = event.kind == Kind::found_absent &&
                                    event.asked_after > leg_.send_not_after + policy.clock_error;
            EXPECT_TRUE(is_evidence || is_absence);
            EXPECT_FALSE(seen_) << "an order that was found is armed again";
            EXPECT_NE(leg_.state, LegState::working);
        }
    }

    base::SeededRandom random_;
    Timestamp now_ = start;
    Timestamp born_ = start;
    VenueClock clock_;
    Venue venue_;
    Leg leg_;
    LegStep step_;
    bool seen_ = false;
};

TEST(LegWalk, OneOrderALegWhateverHappens) {
    int filled = 0;
    int rearmed = 0;
    for (std::uint64_t seed = 1; seed <= 30'000; ++seed) {
        Walk walk(seed);
        ASSERT_TRUE(walk.run()) << "seed " << seed << " did not end";
        auto const& leg = walk.leg();
        ASSERT_LE(walk.venue().orders(), 1U) << "seed " << seed;
        // An end says what the venue's ledger says.
        bool const is_filled = leg.state == LegState::filled;
        ASSERT_EQ(walk.venue().orders() == 1, is_filled) << "seed " << seed;
        filled += is_filled ? 1 : 0;
        rearmed += walk.rearms;
        if (::testing::Test::HasFailure()) FAIL() << "seed " << seed;
    }
    EXPECT_GT(filled, 10'000);
    EXPECT_GT(rearmed, 10'000);
}

// Every state, event and moment: finals stay, nothing is sent or armed but on evidence.
TEST(LegWalk, EveryStepOnItsOwn) {
    using enum LegState;
    int steps = 0;
    for (auto const state : {armed, unknown, working, filled, rejected, alarmed})
        for (int k = 0; k <= static_cast<int>(Kind::holds_who_knows); ++k)
            for (bool const retryable : {false, true})
                for (bool const exit : {false, true})
                    for (int const attempt : {1, 3, 20, 21})
                        for (auto const asked : {-2'000ms, 0ms, 2'000ms, 7'000ms}) {
                            Leg leg;
                            leg.state = state;
                            leg.attempt = attempt;
                            leg.reduce_only = exit;
                            leg.send_not_after = start + 5s;
                            LegEvent const event{.kind = static_cast<Kind>(k),
                                                 .retryable = retryable,
                                                 .executed = retryable,
                                                 .evidence = "said",
                                                 .asked_after = start + asked};
                            LegTime const time{.venue = VenueTime{start + 7s, start + 7s}};
                            auto const step = next_step(leg, event, policy, time);
                            ++steps;
                            if (leg.is_final()) {
                                EXPECT_EQ(step.action, Action::finish);
                                EXPECT_EQ(step.state, state);
                                continue;
                            }
                            if (step.action == Action::send) {
                                EXPECT_EQ(event.kind, Kind::not_sent);
                                EXPECT_EQ(state, armed);
                            }
                            if (step.action == Action::look) {
                                EXPECT_EQ(state, armed);
                                EXPECT_EQ(event.kind, Kind::holds_who_knows);
                            }
                            if (step.action != Action::rearm) continue;
                            EXPECT_NE(state, working);
                            EXPECT_EQ(step.attempt,
                                      attempt + (event.kind == Kind::not_sent ? 0 : 1));
                            if (event.kind == Kind::found_absent)
                                EXPECT_GT(event.asked_after, start + 6s);
                            else
                                EXPECT_EQ(state, armed);
                            EXPECT_NE(event.kind, Kind::lost);
                            EXPECT_NE(event.kind, Kind::found_open);
                            EXPECT_NE(event.kind, Kind::found_final);
                            EXPECT_NE(event.kind, Kind::query_failed);
                        }
    EXPECT_EQ(steps, 6 * 11 * 2 * 2 * 4 * 4);
}

}  // namespace
}  // namespace obscura::model
