#include "feed_fixture.hpp"

#include <algorithm>

namespace obscura::venue {
namespace {

using namespace std::chrono_literals;
using net::Task;

using Ids = std::vector<std::string>;
using LeaderFeedTest = test::FeedTest;

TEST_F(LeaderFeedTest, BackfillsThenStreams) {
    auto const now = clock.now();
    venue.fill(3, now - 2h);  // before the account was connected: not ours
    venue.fill(4, now - 2s);
    play([now](LeaderFeedTest& t) -> Task<void> {
        co_await t.until_live();
        t.venue.fill(5, now);
        co_await t.until_fills(2);
    });
    EXPECT_EQ(sink.ids(), (Ids{"4", "5"}));
    EXPECT_TRUE(sink.trades[0].via_backfill);
    EXPECT_FALSE(sink.trades[1].via_backfill);
    EXPECT_EQ(sink.trades[1].connection, account.connection);
    EXPECT_EQ(sink.cursors["BTCUSDT"], 4);  // the stream confirms nothing
}

TEST_F(LeaderFeedTest, GoesOnWhereTheRecordStands) {
    cursors.push_back({.symbol = "BTCUSDT", .last_trade_id = 4});
    for (int id = 1; id <= 6; ++id) venue.fill(id, clock.now() - 10s);
    play([](LeaderFeedTest& t) -> Task<void> { co_await t.until_live(); });
    EXPECT_EQ(sink.ids(), (Ids{"5", "6"}));
}

TEST_F(LeaderFeedTest, DuplicatesAndReorderedEventsAreHandedOnOnce) {
    venue.copies = 3;
    play([](LeaderFeedTest& t) -> Task<void> {
        co_await t.until_live();
        t.venue.fill(9, t.clock.now());
        t.venue.fill(8, t.clock.now());
        t.venue.fill(10, t.clock.now());
        co_await t.until_fills(3);
        co_await net::sleep_for(20ms);
    });
    EXPECT_EQ(sink.ids(), (Ids{"9", "8", "10"}));
}

TEST_F(LeaderFeedTest, FillsDuringAnOutageComeByBackfill) {
    play([](LeaderFeedTest& t) -> Task<void> {
        co_await t.until_live();
        t.venue.fill(1, t.clock.now());
        co_await t.until_fills(1);
        t.venue.pushes = false;
        t.venue.cut_sockets();
        t.venue.fill(2, t.clock.now());
        t.venue.pushes = true;
        co_await t.until([&t] { return t.venue.logins == 2; }, "second login");
        co_await t.until_live();
        t.venue.fill(3, t.clock.now());
        co_await t.until_fills(3);
    });
    EXPECT_EQ(sink.ids(), (Ids{"1", "2", "3"}));
}

TEST_F(LeaderFeedTest, ASocketThatSaysNothingIsReplaced) {
    play([](LeaderFeedTest& t) -> Task<void> {
        co_await t.until_live();
        t.venue.answers = false;
        t.venue.pushes = false;
        t.venue.fill(1, t.clock.now());
        co_await t.until([&t] { return !t.feed->status().is_live; }, "dropped");
        co_await t.until_fills(1);  // REST polls while there is no socket
        t.venue.answers = true;
        co_await t.until_live();
        EXPECT_GE(t.feed->status().connects, 2U);
    });
    EXPECT_EQ(sink.ids(), Ids{"1"});
}

TEST_F(LeaderFeedTest, FillsThatALiveSocketKeptQuietAreFoundAndItIsReplaced) {
    config.timing.reconcile_every = 60ms;
    play([](LeaderFeedTest& t) -> Task<void> {
        co_await t.until_live();
        t.venue.pushes = false;  // it answers pings, but tells no fills
        t.venue.fill(1, t.clock.now() + 1s);
        t.clock.shift = 10s;
        co_await t.until_fills(1);
        co_await t.until([&t] { return t.venue.logins == 2; }, "second login");
        EXPECT_EQ(t.feed->status().fills_missed_by_stream, 1U);
    });
    EXPECT_EQ(sink.ids(), Ids{"1"});
}

// The venue refuses what seems to come from a second ahead, and forgets nothing of what a wrong
// clock would take as confirmed.
TEST_F(LeaderFeedTest, TheVenuesClockCountsWhateverOursSays) {
    base::SystemClock const venue_clock;
    auto const told = base::to_unix_ms(venue_clock.now());
    venue.time_answer = base::Json::object({{"serverTime", told}}).dump();
    clock.shift = 1h;
    config.confirm_lag = 1min;
    config.timing.reconcile_every = 20ms;
    play([&venue_clock](LeaderFeedTest& t) -> Task<void> {
        co_await t.until_live();
        t.venue.fill(1, venue_clock.now());
        co_await t.until_fills(1);
        auto const reads = t.venue.rest_reads;
        co_await t.until([&] { return t.venue.rest_reads > reads + 1; }, "a whole REST pass");
    });
    ASSERT_FALSE(signer.asked.empty());
    for (auto const& item : signer.asked) {
        ASSERT_TRUE(item.venue_now);
        EXPECT_LT(*item.venue_now, venue_clock.now() + 1s);
        EXPECT_LT(item.not_after, venue_clock.now() + 15s);
    }
    EXPECT_LT(sink.cursors["BTCUSDT"], 1) << "confirmed by a clock that is an hour ahead";
}

TEST_F(LeaderFeedTest, AVenueThatTellsNoTimeButALimitIsLeftAlone) {
    venue.time_status = 429;
    play([](LeaderFeedTest& t) -> Task<void> {
        co_await t.until([&t] { return t.venue.time_reads == 1 && t.venue.logins == 1; }, "login");
        co_await t.until([&t] { return !t.feed->status().last_error.empty(); }, "held back");
        EXPECT_NE(t.feed->status().last_error.find("slow down"), std::string::npos)
            << t.feed->status().last_error;
    });
    EXPECT_EQ(venue.rest_reads, 0);
    EXPECT_EQ(venue.time_reads, 1);
}

TEST_F(LeaderFeedTest, WithoutRoomTheSocketIsDroppedAndNothingIsLost) {
    play([](LeaderFeedTest& t) -> Task<void> {
        co_await t.until_live();
        t.sink.full = true;
        t.venue.fill(1, t.clock.now());
        t.venue.fill(2, t.clock.now());
        co_await t.until([&t] { return !t.feed->status().is_live; }, "dropped");
        t.venue.fill(3, t.clock.now());
        t.sink.full = false;
        co_await t.until_live();
        co_await t.until_fills(3);
    });
    EXPECT_EQ(sink.ids(), (Ids{"1", "2", "3"}));
}

TEST_F(LeaderFeedTest, WithoutRestStreamedFillsAreHandedOnAfterAWhile) {
    config.timing.hold_at_most = 50ms;
    venue.rest_is_down = true;
    play([](LeaderFeedTest& t) -> Task<void> {
        co_await t.until([&t] { return t.venue.logins == 1; }, "login");
        co_await net::sleep_for(5ms);
        t.venue.fill(1, t.clock.now());
        co_await t.until_fills(1);
        EXPECT_FALSE(t.feed->status().is_live);
        t.venue.rest_is_down = false;
        co_await t.until_live();
    });
    EXPECT_EQ(sink.ids(), Ids{"1"});
}

TEST_F(LeaderFeedTest, ASymbolTheStreamTellsOfIsLookedAtFromThenOn) {
    play([](LeaderFeedTest& t) -> Task<void> {
        co_await t.until_live();
        t.venue.pushes = false;
        t.venue.fill(41, t.clock.now(), "SOLUSDT");  // nobody would ask for it
        t.venue.pushes = true;
        t.venue.fill(42, t.clock.now(), "SOLUSDT");
        co_await t.until_fills(2);
    });
    auto found = sink.ids();
    std::ranges::sort(found);
    EXPECT_EQ(found, (Ids{"41", "42"}));
    EXPECT_EQ(sink.cursors["SOLUSDT"], 42);
}

TEST_F(LeaderFeedTest, CitadelAwayIsWaitedFor) {
    signer.is_down = true;
    play([](LeaderFeedTest& t) -> Task<void> {
        co_await t.until([&t] { return t.signer.calls >= 3; }, "tries");
        EXPECT_FALSE(t.feed->status().is_live);
        EXPECT_NE(t.feed->status().last_error.find("citadel"), std::string::npos);
        t.signer.is_down = false;
        co_await t.until_live();
    });
}

TEST_F(LeaderFeedTest, StopsWhileItConnects) {
    config.endpoints[model::Environment::paper].stream = "ws://127.0.0.1:1/ws-api/v3";
    play([](LeaderFeedTest&) -> Task<void> { co_return; });
    EXPECT_EQ(feed->status().state, "stopped");
}

TEST_F(LeaderFeedTest, AnEnvironmentWithoutEndpointsIsRefused) {
    BinanceLeaderFeeds feeds(config, http, signer, clock, random);
    account.environment = model::Environment::live;
    auto const opened = feeds.open(account, {});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().reason, "environment_not_served");
}

}  // namespace
}  // namespace obscura::venue
