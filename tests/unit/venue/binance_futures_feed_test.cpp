#include "feed_fixture.hpp"

namespace obscura::venue {
namespace {

using namespace std::chrono_literals;
using net::Task;
using test::FeedTest;

using Ids = std::vector<std::string>;

class FuturesFeedTest : public FeedTest {
protected:
    FuturesFeedTest() {
        config.market = model::Market::futures;
        config.endpoints[model::Environment::paper] = {venue.rest(), venue.futures_stream()};
    }
};

TEST_F(FuturesFeedTest, BackfillsThenStreams) {
    auto const now = clock.now();
    venue.fill(3, now - 2h);  // before the account was connected: not ours
    venue.fill(4, now - 2s);
    play([now](FeedTest& t) -> Task<void> {
        co_await t.until_live();
        t.venue.fill(5, now);
        co_await t.until_fills(2);
    });
    EXPECT_EQ(sink.ids(), (Ids{"4", "5"}));
    EXPECT_EQ(venue.listen_keys, 1);
    EXPECT_TRUE(sink.trades[0].via_backfill);
    EXPECT_FALSE(sink.trades[1].via_backfill);
    for (auto const& trade : sink.trades) {
        EXPECT_EQ(trade.market, model::Market::futures);
        EXPECT_EQ(trade.position_side, model::PositionSide::both);
        EXPECT_EQ(trade.realised_pnl, base::Money{});
    }
}

TEST_F(FuturesFeedTest, CursorsAreOfFutures) {
    cursors.push_back({.symbol = "BTCUSDT", .last_trade_id = 5});  // spot's
    cursors.push_back({.market = model::Market::futures, .symbol = "BTCUSDT", .last_trade_id = 4});
    for (int id = 1; id <= 6; ++id) venue.fill(id, clock.now() - 10s);
    play([](FeedTest& t) -> Task<void> { co_await t.until_live(); });
    EXPECT_EQ(sink.ids(), (Ids{"5", "6"}));
}

TEST_F(FuturesFeedTest, SilenceIsNoDeathWhilePongsCome) {
    play([](FeedTest& t) -> Task<void> {
        co_await t.until_live();
        auto const until = t.clock.steady() + 3 * t.config.timing.stale_after;
        co_await t.until([&] { return t.clock.steady() > until; }, "time passes");
        EXPECT_TRUE(t.feed->status().is_live);
        EXPECT_EQ(t.feed->status().connects, 1U);
        t.venue.fill(1, t.clock.now());
        co_await t.until_fills(1);
    });
    EXPECT_FALSE(sink.trades.at(0).via_backfill);
}

TEST_F(FuturesFeedTest, FillsDuringAnOutageComeByBackfill) {
    play([](FeedTest& t) -> Task<void> {
        co_await t.until_live();
        t.venue.pushes = false;
        t.venue.cut_sockets();
        t.venue.fill(2, t.clock.now());
        t.venue.pushes = true;
        co_await t.until([&t] { return t.venue.logins == 2; }, "second login");
        co_await t.until_live();
        t.venue.fill(3, t.clock.now());
        co_await t.until_fills(2);
    });
    EXPECT_EQ(sink.ids(), (Ids{"2", "3"}));
    EXPECT_EQ(venue.listen_keys, 2);
}

TEST_F(FuturesFeedTest, AnExpiredListenKeyIsMadeAnew) {
    play([](FeedTest& t) -> Task<void> {
        co_await t.until_live();
        t.venue.expire_listen_key();
        co_await t.until([&t] { return t.venue.logins == 2; }, "second login");
        co_await t.until_live();
        t.venue.fill(1, t.clock.now());
        co_await t.until_fills(1);
    });
    EXPECT_EQ(venue.listen_keys, 2);
    EXPECT_FALSE(sink.trades.at(0).via_backfill);
}

TEST_F(FuturesFeedTest, TheListenKeyIsKeptAlive) {
    config.timing.renew_every = 30ms;
    play([](FeedTest& t) -> Task<void> {
        co_await t.until_live();
        co_await t.until([&t] { return t.venue.renewals >= 2; }, "renewals");
        EXPECT_EQ(t.venue.logins, 1);
        t.venue.knows_listen_key = false;
        co_await t.until([&t] { return t.venue.logins == 2; }, "second login");
    });
    EXPECT_EQ(venue.listen_keys, 2);
}

TEST_F(FuturesFeedTest, AListenKeyThatCannotBeKeptIsTriedAgain) {
    config.timing.renew_every = 20ms;
    config.timing.renew_again_after = 20ms;
    play([](FeedTest& t) -> Task<void> {
        co_await t.until_live();
        t.signer.is_down = true;
        auto const calls = t.signer.calls;
        co_await t.until([&] { return t.signer.calls >= calls + 3; }, "tries");
        EXPECT_EQ(t.feed->status().connects, 1U);
        EXPECT_NE(t.feed->status().last_error.find("listen key"), std::string::npos);
        t.signer.is_down = false;
        auto const renewals = t.venue.renewals;
        co_await t.until([&] { return t.venue.renewals > renewals; }, "renewed");
        EXPECT_EQ(t.venue.logins, 1);
    });
}

TEST_F(FuturesFeedTest, WithoutAListenKeyRestIsAsked) {
    signer.is_down = true;
    venue.fill(1, clock.now());
    play([](FeedTest& t) -> Task<void> {
        co_await t.until([&t] { return t.signer.calls >= 3; }, "tries");
        EXPECT_FALSE(t.feed->status().is_live);
        t.signer.is_down = false;
        co_await t.until_live();
        co_await t.until_fills(1);
    });
    EXPECT_EQ(sink.ids(), Ids{"1"});
}

TEST_F(FuturesFeedTest, StopsWhileItConnects) {
    config.endpoints[model::Environment::paper].stream = "ws://127.0.0.1:1/private/ws";
    play([](FeedTest&) -> Task<void> { co_return; });
    EXPECT_EQ(feed->status().state, "stopped");
}

}  // namespace
}  // namespace obscura::venue
