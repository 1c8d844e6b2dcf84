#include "venue/feed_machine.hpp"

#include "base/clock.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace obscura::venue {
namespace {

using namespace std::chrono_literals;
using Action = FeedAction;
using Event = FeedEvent;
using Actions = std::vector<Action>;

/// A machine with a clock that moves only when told.
class FeedMachineTest : public testing::Test {
protected:
    explicit FeedMachineTest(FeedTiming given = {}) : timing(given) {}
    Actions on(Event event) { return machine.on(event, clock.steady()); }
    Actions after(std::chrono::milliseconds time) {
        clock.advance(time);
        return on(Event::tick);
    }
    /// Lets time pass as the shell does: at every `wake_at`, with data coming in meanwhile.
    Actions live_through(std::chrono::milliseconds time) {
        Actions all;
        auto const end = clock.steady() + time;
        while (machine.wake_at() && *machine.wake_at() <= end) {
            auto const step = *machine.wake_at() - clock.steady();
            clock.advance(std::chrono::ceil<std::chrono::microseconds>(step));
            (void)on(Event::data);
            auto const some = on(Event::tick);
            all.insert(all.end(), some.begin(), some.end());
            if (std::ranges::find(some, Action::fetch) != some.end()) (void)on(Event::fetch_done);
        }
        clock.advance(std::chrono::ceil<std::chrono::microseconds>(end - clock.steady()));
        return all;
    }
    void go_live() {
        EXPECT_EQ(on(Event::start), Actions{Action::connect});
        EXPECT_EQ(on(Event::connected), Actions{Action::log_in});
        EXPECT_EQ(on(Event::login_accepted), Actions{Action::fetch});
        EXPECT_EQ(on(Event::fetch_done), Actions{Action::release_held});
        EXPECT_EQ(machine.state(), FeedState::live);
    }

    base::ManualClock clock{base::Timestamp{1'700'000'000s}};
    base::SeededRandom random{7};
    FeedTiming timing;
    FeedMachine machine{timing, random};
};

TEST_F(FeedMachineTest, SubscribesFirstAndAsksRestSecond) {
    EXPECT_EQ(on(Event::start), Actions{Action::connect});
    EXPECT_EQ(on(Event::connected), Actions{Action::log_in});
    EXPECT_FALSE(machine.is_holding());
    EXPECT_EQ(on(Event::login_accepted), Actions{Action::fetch});
    EXPECT_EQ(machine.state(), FeedState::catching_up);
    EXPECT_TRUE(machine.is_holding());  // streamed fills wait for what came before them
    EXPECT_EQ(on(Event::fetch_done), Actions{Action::release_held});
    EXPECT_FALSE(machine.is_holding());
    EXPECT_EQ(machine.state(), FeedState::live);
}

TEST_F(FeedMachineTest, APassThatBeganBeforeTheLoginDoesNotCount) {
    (void)on(Event::start);
    EXPECT_EQ(on(Event::fetch_wanted), Actions{Action::fetch});
    (void)on(Event::connected);
    EXPECT_EQ(on(Event::login_accepted), Actions{});  // one pass at a time
    EXPECT_EQ(on(Event::fetch_done), Actions{Action::fetch});
    EXPECT_EQ(machine.state(), FeedState::catching_up);
    EXPECT_EQ(on(Event::fetch_done), Actions{Action::release_held});
    EXPECT_EQ(machine.state(), FeedState::live);
}

TEST_F(FeedMachineTest, AMuteSocketIsDroppedByTheAgeOfItsData) {
    go_live();
    EXPECT_EQ(after(5s), Actions{Action::ping});
    EXPECT_EQ(after(5s), Actions{Action::ping});
    EXPECT_EQ(after(4'999ms), Actions{});
    EXPECT_EQ(after(1ms), Actions{Action::drop_socket});
    EXPECT_EQ(machine.state(), FeedState::waiting);
    EXPECT_EQ(on(Event::socket_lost), Actions{});  // nothing is left to lose
}

TEST_F(FeedMachineTest, DataKeepsASocketAlive) {
    go_live();
    for (int i = 0; i < 100; ++i) {
        (void)on(Event::data);
        EXPECT_EQ(after(5s).front(), Action::ping);
        if (i % 6 == 5) (void)on(Event::fetch_done);
        ASSERT_EQ(machine.state(), FeedState::live);
    }
}

TEST_F(FeedMachineTest, RestLooksPeriodicallyBesideALiveSocket) {
    go_live();
    auto const actions = live_through(5min);
    EXPECT_EQ(std::ranges::count(actions, Action::fetch), 10);
    EXPECT_EQ(std::ranges::count(actions, Action::drop_socket), 0);
    EXPECT_EQ(machine.state(), FeedState::live);
}

TEST_F(FeedMachineTest, WithoutASocketRestPollsOnItsOwn) {
    (void)on(Event::start);
    int fetches = 0;
    for (int i = 0; i < 120; ++i) {
        for (auto const action : after(1s)) {
            if (action == Action::connect) (void)on(Event::connect_failed);
            if (action != Action::fetch) continue;
            ++fetches;
            (void)on(Event::fetch_done);
        }
    }
    EXPECT_GE(fetches, 11);
    EXPECT_LE(fetches, 13);
}

TEST_F(FeedMachineTest, BackoffDoublesWithJitterUpToItsBound) {
    (void)on(Event::start);
    std::chrono::nanoseconds longest{0};
    for (int attempt = 0; attempt < 12; ++attempt) {
        ASSERT_EQ(machine.state(), FeedState::connecting);
        (void)on(Event::connect_failed);
        auto const began = clock.steady();
        while (machine.state() == FeedState::waiting) (void)after(1ms);
        auto const waited = clock.steady() - began;
        auto const cap = std::min<std::chrono::milliseconds>(timing.backoff_least * (1 << attempt),
                                                             timing.backoff_most);
        EXPECT_GE(waited, cap / 2 - 1ms) << attempt;
        EXPECT_LE(waited, cap + 1ms) << attempt;
        longest = std::max(longest, waited);
    }
    EXPECT_GT(longest, 14s);
}

TEST_F(FeedMachineTest, BackoffStartsAnewAfterASettledConnection) {
    (void)on(Event::start);
    for (int i = 0; i < 6; ++i) {
        (void)on(Event::connect_failed);
        while (machine.state() == FeedState::waiting) (void)after(10ms);
    }
    (void)on(Event::connected);
    (void)on(Event::login_accepted);
    (void)on(Event::fetch_done);
    (void)live_through(31s);
    (void)on(Event::socket_lost);
    EXPECT_LE(*machine.wake_at(), clock.steady() + timing.backoff_least);
}

TEST_F(FeedMachineTest, ASlowConnectOrLoginIsGivenUp) {
    (void)on(Event::start);
    auto actions = after(10s);
    EXPECT_NE(std::ranges::find(actions, Action::drop_socket), actions.end());
    EXPECT_EQ(machine.state(), FeedState::waiting);
    while (machine.state() == FeedState::waiting) (void)after(50ms);
    (void)on(Event::connected);
    (void)after(9'999ms);
    EXPECT_EQ(machine.state(), FeedState::logging_in);
    actions = after(1ms);
    EXPECT_NE(std::ranges::find(actions, Action::drop_socket), actions.end());
    EXPECT_EQ(machine.state(), FeedState::waiting);
}

TEST_F(FeedMachineTest, ARefusedLoginIsTriedAgainLater) {
    (void)on(Event::start);
    (void)on(Event::connected);
    EXPECT_EQ(on(Event::login_refused), Actions{Action::drop_socket});
    EXPECT_EQ(machine.state(), FeedState::waiting);
    EXPECT_EQ(after(1s), Actions{Action::connect});
}

TEST_F(FeedMachineTest, StreamedFillsDoNotWaitForRestForEver) {
    (void)on(Event::start);
    (void)on(Event::connected);
    (void)on(Event::login_accepted);
    (void)on(Event::fetch_failed);
    EXPECT_TRUE(machine.is_holding());
    Actions all;
    for (int i = 0; i < 5; ++i) {
        (void)on(Event::data);
        auto const some = after(1s);
        all.insert(all.end(), some.begin(), some.end());
    }
    EXPECT_EQ(std::ranges::count(all, Action::release_held), 1);
    EXPECT_FALSE(machine.is_holding());
    EXPECT_EQ(machine.state(), FeedState::catching_up);  // not live before REST has spoken
    EXPECT_GE(std::ranges::count(all, Action::fetch), 1);
    EXPECT_EQ(on(Event::fetch_done), Actions{});
    EXPECT_EQ(machine.state(), FeedState::live);
}

TEST_F(FeedMachineTest, ALostSocketReleasesWhatItTold) {
    (void)on(Event::start);
    (void)on(Event::connected);
    (void)on(Event::login_accepted);
    EXPECT_EQ(on(Event::socket_lost), Actions{Action::release_held});
    EXPECT_EQ(machine.state(), FeedState::waiting);
}

TEST_F(FeedMachineTest, AFillThatOnlyRestToldDropsTheSocket) {
    go_live();
    EXPECT_EQ(on(Event::fill_missed), Actions{Action::drop_socket});
    EXPECT_EQ(machine.state(), FeedState::waiting);
    EXPECT_EQ(on(Event::fill_missed), Actions{});
}

TEST_F(FeedMachineTest, AFullSinkDropsTheSocketAndComesBack) {
    go_live();
    EXPECT_EQ(on(Event::sink_full), Actions{Action::drop_socket});
    EXPECT_EQ(after(1s), Actions{Action::connect});
}

TEST_F(FeedMachineTest, FailedPassesAreTriedAgainEverMoreSlowly) {
    go_live();
    (void)on(Event::fetch_wanted);
    std::vector<std::chrono::nanoseconds> waits;
    for (int i = 0; i < 6; ++i) {
        (void)on(Event::fetch_failed);
        auto const began = clock.steady();
        bool fetching = false;
        while (!fetching) {
            (void)on(Event::data);
            auto const some = after(100ms);
            fetching = std::ranges::find(some, Action::fetch) != some.end();
        }
        waits.push_back(clock.steady() - began);
    }
    EXPECT_GE(waits.front(), 1s);
    EXPECT_GT(waits.back(), 3s);
    EXPECT_LE(waits.back(), timing.backoff_most + 100ms);
}

TEST_F(FeedMachineTest, StoppedIsForEver) {
    go_live();
    EXPECT_EQ(on(Event::stop), Actions{Action::drop_socket});
    for (auto const event :
         {Event::start, Event::tick, Event::fetch_done, Event::data, Event::stop})
        EXPECT_EQ(on(event), Actions{});
    EXPECT_EQ(machine.wake_at(), std::nullopt);
    EXPECT_EQ(machine.state(), FeedState::stopped);
}

/// Whatever comes in whatever order: a tick at `wake_at` makes progress, and no two sockets or
/// passes run at once.
TEST_F(FeedMachineTest, RandomEventsKeepItsRules) {
    base::SeededRandom chaos(2026);
    (void)on(Event::start);
    bool fetching = false;
    for (int i = 0; i < 20'000; ++i) {
        auto const event = static_cast<Event>(1 + chaos.below(12));  // all but start and stop
        bool const ends_fetch = event == Event::fetch_done || event == Event::fetch_failed;
        if (ends_fetch && !fetching) continue;
        if (ends_fetch) fetching = false;
        if (event == Event::tick) clock.advance(std::chrono::milliseconds(chaos.below(3'000)));
        auto const actions = on(event);
        for (auto const action : actions) {
            if (action != Action::fetch) continue;
            ASSERT_FALSE(fetching);
            fetching = true;
        }
        (void)on(Event::tick);
        ASSERT_TRUE(machine.wake_at());
        if (event == Event::tick) ASSERT_GT(*machine.wake_at(), clock.steady() - 1ns);
    }
}

/// A stream that says nothing when nothing happens, for as long as it is renewed.
class QuietFeedTest : public FeedMachineTest {
protected:
    QuietFeedTest()
        : FeedMachineTest(
              {.answers_pings = false, .renew_every = 25min, .renew_again_after = 1min}) {}
    /// Lets time pass without any data.
    Actions stay_quiet(std::chrono::milliseconds time) {
        Actions all;
        auto const end = clock.steady() + time;
        while (machine.wake_at() && *machine.wake_at() <= end) {
            clock.advance(
                std::chrono::ceil<std::chrono::microseconds>(*machine.wake_at() - clock.steady()));
            auto const some = on(Event::tick);
            all.insert(all.end(), some.begin(), some.end());
            if (std::ranges::find(some, Action::fetch) != some.end()) (void)on(Event::fetch_done);
        }
        clock.advance(std::chrono::ceil<std::chrono::microseconds>(end - clock.steady()));
        return all;
    }
    static std::ptrdiff_t count(Actions const& actions, Action action) {
        return std::ranges::count(actions, action);
    }
};

TEST_F(QuietFeedTest, SilenceIsNoDeath) {
    go_live();
    auto const actions = stay_quiet(24min);
    EXPECT_EQ(machine.state(), FeedState::live);
    EXPECT_EQ(count(actions, Action::ping), 0);
    EXPECT_EQ(count(actions, Action::drop_socket), 0);
    EXPECT_GT(count(actions, Action::fetch), 40);  // REST looks on
}

TEST_F(QuietFeedTest, IsRenewedInTime) {
    go_live();
    EXPECT_EQ(count(stay_quiet(25min - 1ms), Action::renew), 0);
    EXPECT_EQ(count(stay_quiet(1ms), Action::renew), 1);
    EXPECT_EQ(count(stay_quiet(25min), Action::renew), 1);
    (void)on(Event::renew_failed);
    EXPECT_EQ(count(stay_quiet(59s), Action::renew), 0);
    EXPECT_EQ(count(stay_quiet(1s), Action::renew), 1);
    EXPECT_EQ(machine.state(), FeedState::live);
}

TEST_F(QuietFeedTest, WithoutASocketNothingIsRenewed) {
    go_live();
    (void)on(Event::socket_lost);
    (void)on(Event::renew_failed);  // of a renewal that was under way
    clock.advance(26min);
    auto const actions = on(Event::tick);
    EXPECT_EQ(count(actions, Action::renew), 0);
    EXPECT_EQ(count(actions, Action::connect), 1);
}

TEST_F(QuietFeedTest, ALoginThatTheVenueForgotIsMadeAnew) {
    go_live();
    EXPECT_EQ(on(Event::login_lost), Actions{Action::drop_socket});
    EXPECT_EQ(machine.state(), FeedState::waiting);
    EXPECT_EQ(on(Event::login_lost), Actions{});
    clock.advance(1s);
    EXPECT_EQ(on(Event::tick), Actions{Action::connect});
}

}  // namespace
}  // namespace obscura::venue
