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
    return leg;
}
Leg armed_exit() {
    Leg leg = armed_open();
    leg.reduce_only = true;
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
        case Action::look:
            return "look";
        case Action::finish:
            return "finish";
    }
    return "?";
}

/// "query unknown +500ms" (what to do, the state, when from now); of a rearm "#2" is its attempt.
std::string told(LegStep const& step) {
    auto text = std::string(name_of(step.action)) + " " + std::string(to_string(step.state));
    if (step.continues) text += ", goes on";
    if (step.action == Action::finish) return text;
    if (step.action == Action::rearm) text += " #" + std::to_string(step.attempt);
    return text + " +" + std::to_string(step.after.count()) + "ms";
}

struct Row {
    char const* name;
    Leg leg;
    LegEvent event;
    std::string_view told;
    std::string_view evidence = "";
    LegTime time{.venue = VenueTime{now, now}, .left = std::nullopt};
};

void check(Row const& row) {
    auto const step = next_step(row.leg, row.event, policy, row.time);
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
/// The venue had told `told` before it was asked.
LegEvent absent(std::optional<base::Timestamp> told) {
    return {.kind = Kind::found_absent, .asked_after = told};
}

TEST(LegSteps, OfWhatWasNotSent) {
    auto const late = [](Leg leg) {
        leg.send_not_after = now + 600ms;  // a pause and the margin for signing are more
        return leg;
    };
    auto worn = late(armed_open());
    worn.attempt = policy.max_attempts_open;
    auto worn_exit = late(armed_exit());
    worn_exit.attempt = 1'000;
    LegTime const given_up{.venue = VenueTime{now, now}, .left = 200ms};
    LegTime const unknown{};
    LegTime const vague{.venue = VenueTime{now - 2s, now + 3'500ms}};
    auto strange = armed_open();
    strange.send_not_after = now + 3h;  // of a clock that was wrong
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
             Row{"too late for an open", late(armed_open()), not_sent(), "finish rejected",
                 "given up, last: citadel: away", given_up},
             Row{"nobody knows what time it is there", armed_open(), not_sent(),
                 "rearm armed #1 +200ms", "citadel: away", unknown},
             Row{"it may be over there", armed_open(), not_sent(), "rearm armed #1 +200ms",
                 "citadel: away", vague},
             Row{"a window of another clock", strange, not_sent(), "rearm armed #1 +200ms",
                 "citadel: away"},
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
    LegTime const late{.venue = VenueTime{now, now}, .left = 7s};
    for (auto const& row : {
             Row{"for good", armed_open(), refused(false), "finish rejected", "-2010: no balance"},
             Row{"for now", armed_open(), refused(true), "rearm armed #2 +200ms",
                 "-2010: no balance"},
             Row{"once too often", worn, refused(true), "finish rejected",
                 "attempts used up, last: -2010: no balance"},
             Row{"an exit that cannot be placed is alarmed", worn_exit, refused(true),
                 "finish alarmed", "attempts used up, last: -2010: no balance"},
             Row{"throttled", armed_open(), throttled, "rearm armed #2 +7000ms", "429"},
             Row{"throttled for longer than an open lives", armed_open(), throttled,
                 "finish rejected", "given up, last: 429", late},
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
         })
        check(row);
}

// A thin book is tried again with another order: this one's client id is used up.
TEST(LegSteps, OfExitsThatCameShort) {
    using enum LegState;
    LegEvent const whole{.kind = Kind::found_final, .executed = true};
    LegEvent const part{.kind = Kind::found_final, .executed = true, .in_part = true};
    LegEvent const nothing{.kind = Kind::found_final, .evidence = "expired without a fill"};
    auto const exit = with(armed_exit(), working);
    auto closes_a_flip = exit;
    closes_a_flip.continues = true;
    auto last = exit;
    last.seq = policy.max_legs - 1;
    auto at_a_limit = exit;
    at_a_limit.type = OrderType::limit;
    for (auto const& row : {
             Row{"an exit", exit, whole, "finish filled"},
             Row{"of a part", exit, part, "finish filled, goes on"},
             Row{"of nothing", exit, nothing, "finish rejected, goes on", "expired without a fill"},
             Row{"the close of a flip", closes_a_flip, whole, "finish filled, goes on"},
             Row{"of a part of it", closes_a_flip, part, "finish filled, goes on"},
             Row{"an open takes what it got", with(armed_open(), working), part, "finish filled"},
             Row{"nobody buys for ever: a part", last, part, "finish alarmed"},
             Row{"and nothing", last, nothing, "finish alarmed", "expired without a fill"},
             Row{"a limit is its giver's word", at_a_limit, part, "finish filled"},
             Row{"a limit that nobody met", at_a_limit, nothing, "finish alarmed",
                 "expired without a fill"},
             Row{"a refusal goes on with nothing",
                 armed_exit(),
                 {.kind = Kind::refused, .evidence = "-2022"},
                 "finish rejected",
                 "-2022"},
         })
        check(row);
}

// What an exit would close may be gone: its owner traded by hand, or was liquidated.
TEST(LegSteps, OfExitsThatFindNothingToClose) {
    using enum LegState;
    LegEvent const refused{
        .kind = Kind::refused, .lacks_holdings = true, .evidence = "-2022: rejected"};
    LegEvent const less{.kind = Kind::holds_less, .evidence = "holds 0"};
    auto last = armed_exit();
    last.seq = policy.max_legs - 1;
    auto again = refused;
    again.retryable = true;
    for (auto const& row : {
             Row{"the account is looked at", armed_exit(), refused, "look armed +0ms",
                 "-2022: rejected"},
             Row{"an open that lacks money is not", armed_open(), refused, "finish rejected",
                 "-2022: rejected"},
             Row{"nor one that may pass", armed_exit(), again, "rearm armed #2 +200ms",
                 "-2022: rejected"},
             Row{"it does not answer",
                 armed_exit(),
                 {.kind = Kind::holds_who_knows},
                 "look armed +500ms"},
             Row{"it asks to slow down",
                 armed_exit(),
                 {.kind = Kind::holds_who_knows, .retry_after = 9s},
                 "look armed +9000ms"},
             Row{"it has enough: the refusal stands",
                 armed_exit(),
                 {.kind = Kind::holds_enough, .evidence = "holds 1"},
                 "finish rejected",
                 "holds 1"},
             Row{"it has less: what is left is decided on anew", armed_exit(), less,
                 "finish rejected, goes on", "holds 0"},
             Row{"not for ever", last, less, "finish alarmed", "holds 0"},
             Row{"of an order that may be there it says nothing", with(armed_exit(), unknown), less,
                 "query unknown +500ms"},
         })
        check(row);
}

TEST(LegSteps, ARestWaitsForTheBookLongerAndLonger) {
    auto leg = armed_exit();
    EXPECT_EQ(first_pause(leg, policy), 0ms);
    for (auto const& [seq, pause] :
         std::initializer_list<std::pair<int, std::chrono::milliseconds>>{
             {1, 200ms}, {2, 400ms}, {6, 6'400ms}, {7, 10s}, {99, 10s}}) {
        leg.seq = seq;
        EXPECT_EQ(first_pause(leg, policy), pause) << seq;
    }
    leg.reduce_only = false;  // the second leg of a flip
    EXPECT_EQ(first_pause(leg, policy), 0ms);
}

TEST(LegSteps, OfAbsence) {
    using enum LegState;
    auto const proven = now + 4s + policy.clock_error;
    auto past = with(armed_open(), unknown);
    past.send_not_after = now - 1'001ms;  // and the clock error: 1 ms ago
    auto strange = past;
    strange.send_not_after = now + 3h;
    auto past_exit = past;
    past_exit.reduce_only = true;
    past_exit.attempt = policy.max_attempts_exit;
    auto past_worn = past;
    past_worn.attempt = policy.max_attempts_open;
    for (auto const& row : {
             Row{"bytes may still arrive", with(armed_open(), unknown), absent(now),
                 "query unknown +5001ms"},
             Row{"the last moment proves nothing", with(armed_open(), unknown), absent(proven),
                 "query unknown +5001ms"},
             Row{"our reckoning proves nothing", past, absent(past.send_not_after + 1s),
                 "query unknown +200ms"},
             Row{"nor does a venue that told no time", past, absent(std::nullopt),
                 "query unknown +200ms"},
             Row{"nobody knows what time it is there", past, absent(std::nullopt),
                 "query unknown +500ms", "", LegTime{}},
             Row{"however far off the expiry seems", strange, absent(now),
                 "query unknown +30000ms"},
             Row{"proven", past, absent(now), "rearm armed #2 +0ms", "absent after expiry"},
             Row{"proven by what was told, whatever we reckon", past, absent(now),
                 "rearm armed #2 +0ms", "absent after expiry", LegTime{}},
             Row{"proven, attempts used up", past_worn, absent(now), "finish rejected",
                 "attempts used up, last: absent after expiry"},
             Row{"proven, an exit used up", past_exit, absent(now), "finish alarmed",
                 "attempts used up, last: absent after expiry"},
             Row{"what was seen once does not become absent", with(past, working), absent(now),
                 "query working +500ms"},
         })
        check(row);
}

TEST(LegSteps, OnlyAnArmedLegIsSent) {
    using enum LegState;
    LegTime const time{.venue = VenueTime{now, now}};
    for (auto const state : {unknown, working})
        for (auto const kind : {Kind::not_sent, Kind::throttled, Kind::refused, Kind::lost}) {
            auto const step = next_step(with(armed_open(), state),
                                        {.kind = kind, .retryable = true}, policy, time);
            EXPECT_EQ(told(step), "query " + std::string(to_string(state)) + " +500ms");
        }
}

TEST(LegSteps, AfterARestartEveryLegIsAsked) {
    using enum LegState;
    EXPECT_EQ(told(recover(armed_open())), "query unknown +0ms");
    EXPECT_EQ(told(recover(with(armed_exit(), unknown))), "query unknown +0ms");
    EXPECT_EQ(told(recover(with(armed_open(), working))), "query working +0ms");
}

TEST(LegSteps, OrdersThatRestAreAskedAboutLessAndLess) {
    auto const working = with(armed_open(), LegState::working);
    for (auto const& [age, wait] : std::initializer_list<std::pair<std::chrono::milliseconds, int>>{
             {0ms, 500}, {5s, 500}, {20s, 2'000}, {1h, 30'000}}) {
        LegTime const time{.age = age};
        EXPECT_EQ(next_step(working, {.kind = Kind::found_open}, policy, time).after.count(), wait);
    }
}

TEST(LegSteps, NothingIsSignedThatExpiresBeforeItArrives) {
    VenueTime const time{now - 5ms, now};
    auto leg = armed_open();
    leg.send_not_after = now + policy.min_sign_margin;
    EXPECT_FALSE(can_sign(leg, policy, time));
    leg.send_not_after += std::chrono::microseconds(1);
    EXPECT_TRUE(can_sign(leg, policy, time));
    EXPECT_FALSE(can_sign(leg, policy, std::nullopt));
    leg.send_not_after = {};  // committed while nobody knew the time there
    EXPECT_FALSE(can_sign(leg, policy, time));
}

TEST(LegSteps, AWindowIsFullAndNoLongerThanTheVenueTakes) {
    auto leg = armed_open();
    leg.send_not_after = window_end(policy, {now - 2s, now});
    EXPECT_EQ(leg.send_not_after, now + policy.send_window);
    EXPECT_TRUE(can_sign(leg, policy, VenueTime{now - 2s, now}));
    LegPolicy longest;
    longest.send_window = 60s;
    EXPECT_EQ(window_end(longest, {now - 2s, now}), now + 58s);
    leg.send_not_after = now + policy.send_window + policy.clock_error;
    EXPECT_TRUE(can_sign(leg, policy, VenueTime{now, now}));
    leg.send_not_after += std::chrono::microseconds(1);
    EXPECT_FALSE(can_sign(leg, policy, VenueTime{now, now}));
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
