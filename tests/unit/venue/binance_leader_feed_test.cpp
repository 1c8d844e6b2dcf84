#include "venue/binance_leader_feed.hpp"

#include "loopback_venue.hpp"
#include "support/coroutine.hpp"
#include "support/fakes/fake_signer.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace obscura::venue {
namespace {

using namespace std::chrono_literals;
using net::Task;

class FakeSink final : public ports::FeedSink {
public:
    bool full = false;
    std::vector<model::Trade> trades;
    std::map<std::string, std::int64_t> cursors;

    bool offer(ports::FeedDelivery delivery) override {
        if (full) return false;
        for (auto& trade : delivery.trades) trades.push_back(std::move(trade));
        for (auto const& cursor : delivery.cursors) cursors[cursor.symbol] = cursor.last_trade_id;
        return true;
    }
    [[nodiscard]] bool has_room() const override { return !full; }
    [[nodiscard]] std::vector<std::string> ids() const {
        std::vector<std::string> out;
        for (auto const& trade : trades) out.push_back(trade.venue_trade_id);
        return out;
    }
};

using Ids = std::vector<std::string>;

/// A feed against a venue on a loopback port, with timings short enough to wait for.
class LeaderFeedTest : public testing::Test {
public:
    LeaderFeedTest() {
        config.endpoints[model::Environment::paper] = {venue.rest(), venue.stream()};
        config.sockets.allowed_origins = {"*"};
        config.symbols = {"BTCUSDT"};
        config.confirm_lag = 0ms;
        config.timing = {.ping_every = 40ms,
                         .stale_after = 200ms,
                         .connect_within = 2s,
                         .login_within = 300ms,
                         .hold_at_most = 2s,
                         .reconcile_every = 30s,
                         .poll_every = 100ms,
                         .backoff_least = 10ms,
                         .backoff_most = 50ms,
                         .settled_after = 10s};
        account.connected_at = clock.now() - 1h;
        account.venue = "binance";
    }

    /// Runs `story` beside a running feed, then stops everything.
    void play(std::function<Task<void>(LeaderFeedTest&)> story) {
        test::run(io, tell(std::move(story)));
    }
    Task<void> tell(std::function<Task<void>(LeaderFeedTest&)> story) {
        net::Scope scope(io.get_executor());
        BinanceLeaderFeeds feeds(config, http, signer, clock, random);
        feed = feeds.open(account, cursors).value();
        scope.spawn("feed", feed->run(sink));
        co_await story(*this);
        feed->request_stop();
        co_await scope.join();
        http.close();
        co_await venue.stop();
    }
    /// Fails the test when `what` does not come true within 10 s.
    Task<void> until(std::function<bool()> what, char const* name) {
        auto const deadline = clock.steady() + 10s;
        while (!what() && clock.steady() < deadline) co_await net::sleep_for(1ms);
        EXPECT_TRUE(what()) << name << ", state " << feed->status().state << ", "
                            << feed->status().last_error;
    }
    Task<void> until_live() {
        return until([this] { return feed->status().is_live; }, "live");
    }
    Task<void> until_fills(std::size_t count) {
        return until([this, count] { return sink.trades.size() >= count; }, "fills");
    }

    boost::asio::io_context io;
    test::ShiftedClock clock;
    base::SeededRandom random{3};
    test::LoopbackVenue venue{io.get_executor(), clock};
    net::HttpClient http{io.get_executor(), {.allowed_origins = {"*"}}, clock};
    test::FakeSigner signer{venue.rest()};
    BinanceFeedConfig config;
    ports::LeaderAccount account;
    std::vector<ports::FeedCursor> cursors;
    FakeSink sink;
    std::unique_ptr<ports::LeaderFeed> feed;
};

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
