#include "model/leg.hpp"

#include <gtest/gtest.h>

namespace obscura::model {
namespace {

using namespace std::chrono_literals;
using Kind = LegEvent::Kind;
using Action = LegStep::Action;

constexpr base::Timestamp now{std::chrono::seconds(1'800'000'000)};
LegPolicy const policy{};

Leg armed_open() {
    Leg leg;
    leg.send_not_after = now + 4s;
    leg.give_up_at = now + 60s;
    return leg;
}
Leg armed_exit() {
    Leg leg = armed_open();
    leg.reduce_only = true;
    leg.give_up_at.reset();
    return leg;
}
Leg with(Leg leg, LegState state) {
    leg.state = state;
    return leg;
}

std::string_view name_of(Action action) {
    switch (action) {
        case Action::send:
            return "send";
        case Action::rearm:
            return "rearm";
        case Action::query:
            return "query";
        case Action::finish:
            return "finish";
    }
    return "?";
}

/// "query unknown +500ms" (what to do, the state, when from now); of a rearm "#2" is its attempt.
std::string told(LegStep const& step) {
    auto text = std::string(name_of(step.action)) + " " + std::string(to_string(step.state));
    if (step.action == Action::finish) return text;
    auto const wait = std::chrono::duration_cast<std::chrono::milliseconds>(step.when - now);
    if (step.action == Action::rearm) text += " #" + std::to_string(step.attempt);
    return text + " +" + std::to_string(wait.count()) + "ms";
}

struct Row {
    char const* name;
    Leg leg;
    LegEvent event;
    std::string_view told;
    std::string_view evidence = "";
};

void check(Row const& row) {
    auto const step = next_step(row.leg, row.event, policy, now);
    EXPECT_EQ(told(step), row.told) << row.name;
    EXPECT_EQ(step.evidence, row.evidence) << row.name;
}

LegEvent refused(bool retryable) {
    return {.kind = Kind::refused, .retryable = retryable, .evidence = "-2010: no balance"};
}
LegEvent not_sent(bool retryable = true, std::chrono::milliseconds wait = 0ms) {
    return {.kind = Kind::not_sent,
            .retryable = retryable,
            .evidence = "citadel: away",
            .retry_after = wait};
}
LegEvent absent_asked(base::Timestamp at) { return {.kind = Kind::found_absent, .asked_at = at}; }

TEST(LegSteps, OfWhatWasNotSent) {
    auto const late = [](Leg leg) {
        leg.send_not_after = now + 600ms;  // a pause and the margin for signing are more
        return leg;
    };
    auto worn = late(armed_open());
    worn.attempt = policy.max_attempts_open;
    auto worn_exit = late(armed_exit());
    worn_exit.attempt = 1'000;
    auto given_up = late(armed_open());
    given_up.give_up_at = now + 200ms;
    for (auto const& row : {
             Row{"sent while the attempt lives", armed_open(), not_sent(), "send armed +200ms",
                 "citadel: away"},
             Row{"after the wait that is asked for", armed_open(), not_sent(true, 3s),
                 "send armed +3000ms", "citadel: away"},
             Row{"a wait beyond its life takes a new one", armed_open(), not_sent(true, 4s),
                 "rearm armed #1 +4000ms", "citadel: away"},
             Row{"no life left", late(armed_open()), not_sent(), "rearm armed #1 +200ms",
                 "citadel: away"},
             Row{"the last attempt is still to be made", worn, not_sent(), "rearm armed #3 +200ms",
                 "citadel: away"},
             Row{"exits go on", worn_exit, not_sent(), "rearm armed #1000 +200ms", "citadel: away"},
             Row{"too late for an open", given_up, not_sent(), "finish rejected",
                 "given up, last: citadel: away"},
             Row{"citadel cannot use the credential", armed_exit(), not_sent(false),
                 "finish rejected", "citadel: away"},
         })
        check(row);
}

TEST(LegSteps, OfARefusal) {
    auto worn = armed_open();
    worn.attempt = policy.max_attempts_open;
    auto worn_exit = armed_exit();
    worn_exit.attempt = policy.max_attempts_exit;
    LegEvent const throttled{
        .kind = Kind::throttled, .evidence = "429", .retry_after = std::chrono::seconds(7)};
    auto late = armed_open();
    late.give_up_at = now + 7s;
    for (auto const& row : {
             Row{"for good", armed_open(), refused(false), "finish rejected", "-2010: no balance"},
             Row{"for now", armed_open(), refused(true), "rearm armed #2 +200ms",
                 "-2010: no balance"},
             Row{"once too often", worn, refused(true), "finish rejected",
                 "attempts used up, last: -2010: no balance"},
             Row{"an exit that cannot be placed is alarmed", worn_exit, refused(true),
                 "finish alarmed", "attempts used up, last: -2010: no balance"},
             Row{"throttled", armed_open(), throttled, "rearm armed #2 +7000ms", "429"},
             Row{"throttled for longer than an open lives", late, throttled, "finish rejected",
                 "given up, last: 429"},
         })
        check(row);
}

TEST(LegSteps, OfSilence) {
    using enum LegState;
    LegEvent const lost{.kind = Kind::lost, .evidence = "timeout"};
    LegEvent const failed{.kind = Kind::query_failed};
    LegEvent const failed_for_long{.kind = Kind::query_failed, .retry_after = 9s};
    for (auto const& row : {
             Row{"asked at once", armed_open(), lost, "query unknown +0ms"},
             Row{"asked again", with(armed_open(), unknown), failed, "query unknown +500ms"},
             Row{"when there is budget", with(armed_open(), unknown), failed_for_long,
                 "query unknown +9000ms"},
             Row{"what worked goes on working", with(armed_open(), working), failed,
                 "query working +500ms"},
         })
        check(row);
}

TEST(LegSteps, OfWhatTheVenueHas) {
    using enum LegState;
    LegEvent const open{.kind = Kind::found_open};
    LegEvent const filled_{.kind = Kind::found_final, .executed = true};
    LegEvent const unfilled{.kind = Kind::found_final, .evidence = "expired without a fill"};
    for (auto const& row : {
             Row{"accepted, not filled", armed_open(), open, "query working +500ms"},
             Row{"found open", with(armed_open(), unknown), open, "query working +500ms"},
             Row{"filled at once", armed_open(), filled_, "finish filled"},
             Row{"found filled", with(armed_open(), unknown), filled_, "finish filled"},
             Row{"filled later", with(armed_open(), working), filled_, "finish filled"},
             Row{"ended without a fill", with(armed_open(), working), unfilled, "finish rejected",
                 "expired without a fill"},
             Row{"an exit that ended without one", with(armed_exit(), working), unfilled,
                 "finish alarmed", "expired without a fill"},
         })
        check(row);
}

TEST(LegSteps, OfAbsence) {
    using enum LegState;
    auto const proven = now + 4s + policy.clock_error;
    auto past = with(armed_open(), unknown);
    past.send_not_after = now - 1'001ms;  // and the clock error: 1 ms ago
    auto past_exit = past;
    past_exit.reduce_only = true;
    past_exit.attempt = policy.max_attempts_exit;
    auto past_worn = past;
    past_worn.attempt = policy.max_attempts_open;
    for (auto const& row : {
             Row{"bytes may still arrive", with(armed_open(), unknown), absent_asked(now),
                 "query unknown +5001ms"},
             Row{"the last moment proves nothing", with(armed_open(), unknown),
                 absent_asked(proven), "query unknown +5001ms"},
             Row{"an answer to an early question proves nothing later", past,
                 absent_asked(now - 1ms), "query unknown +0ms"},
             Row{"proven", past, absent_asked(now), "rearm armed #2 +0ms", "absent after expiry"},
             Row{"proven, attempts used up", past_worn, absent_asked(now), "finish rejected",
                 "attempts used up, last: absent after expiry"},
             Row{"proven, an exit used up", past_exit, absent_asked(now), "finish alarmed",
                 "attempts used up, last: absent after expiry"},
             Row{"what was seen once does not become absent", with(past, working),
                 absent_asked(now), "query working +500ms"},
         })
        check(row);
}

TEST(LegSteps, OnlyAnArmedLegIsSent) {
    using enum LegState;
    for (auto const state : {unknown, working})
        for (auto const kind : {Kind::not_sent, Kind::throttled, Kind::refused, Kind::lost}) {
            auto const step = next_step(with(armed_open(), state),
                                        {.kind = kind, .retryable = true}, policy, now);
            EXPECT_EQ(told(step), "query " + std::string(to_string(state)) + " +500ms");
        }
}

TEST(LegSteps, AfterARestartEveryLegIsAsked) {
    using enum LegState;
    EXPECT_EQ(told(recover(armed_open(), now)), "query unknown +0ms");
    EXPECT_EQ(told(recover(with(armed_exit(), unknown), now)), "query unknown +0ms");
    EXPECT_EQ(told(recover(with(armed_open(), working), now)), "query working +0ms");
}

TEST(LegSteps, NothingIsSignedThatExpiresBeforeItArrives) {
    auto leg = armed_open();
    leg.send_not_after = now + policy.min_sign_margin;
    EXPECT_FALSE(can_sign(leg, policy, now));
    leg.send_not_after += std::chrono::microseconds(1);
    EXPECT_TRUE(can_sign(leg, policy, now));
}

TEST(LegSteps, TheClientOrderIdFitsBinance) {
    base::SeededRandom random(1);
    auto const id = client_order_id_of(LegId::make(now, random));
    EXPECT_EQ(id.size(), 34U);
    EXPECT_TRUE(id.starts_with("ob"));
    EXPECT_EQ(id.find_first_not_of("0123456789abcdefob"), std::string::npos);
}

}  // namespace
}  // namespace obscura::model
