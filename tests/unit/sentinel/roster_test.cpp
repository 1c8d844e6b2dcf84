#include "sentinel/roster.hpp"

#include "fakes.hpp"
#include "support/coroutine.hpp"
#include "support/fakes/fake_trade_store.hpp"

#include <gtest/gtest.h>

namespace obscura::sentinel {
namespace {

using namespace std::chrono_literals;
using net::Task;

class NoSink final : public ports::FeedSink {
public:
    bool offer(ports::FeedDelivery) override { return true; }
    [[nodiscard]] bool has_room() const override { return true; }
};

ports::LeaderAccount lead(std::uint8_t n, std::string venue = "binance") {
    ports::LeaderAccount account;
    account.connection.value.bytes[15] = n;
    account.venue = std::move(venue);
    account.credentials = {{"api_key", "nil:v1:x"}};
    account.traders.resize(1);
    account.traders[0].value.bytes[15] = n;
    return account;
}

class RosterTest : public testing::Test {
public:
    void play(std::function<Task<void>(RosterTest&)> story, std::chrono::milliseconds poll = 2ms) {
        test::run(io, tell(std::move(story), poll));
    }
    Task<void> tell(std::function<Task<void>(RosterTest&)> story, std::chrono::milliseconds poll) {
        Roster::FeedsByVenue venues{{"binance", {{model::Market::spot, &feeds}}}};
        roster = std::make_unique<Roster>(io.get_executor(), poll, directory, store, venues, sink,
                                          metrics);
        net::Scope scope(io.get_executor());
        scope.spawn("roster", roster->run());
        co_await story(*this);
        roster->request_stop();
        co_await scope.join();
    }
    Task<void> until(std::function<bool()> what, char const* name) {
        base::SystemClock const clock;
        auto const deadline = clock.steady() + 10s;
        while (!what() && clock.steady() < deadline) co_await net::sleep_for(1ms);
        EXPECT_TRUE(what()) << name;
    }
    Task<void> until_running(std::size_t count) {
        return until([this, count] { return feeds.running.size() == count; }, "running feeds");
    }

    boost::asio::io_context io;
    base::Metrics metrics;
    test::FakeDirectory directory;
    test::FakeTradeStore store;
    test::FakeFeeds feeds;
    NoSink sink;
    std::unique_ptr<Roster> roster;
};

TEST_F(RosterTest, FollowsWhoComesAndLeavesWhoGoes) {
    directory.leads = {lead(1)};
    play([](RosterTest& t) -> Task<void> {
        co_await t.until_running(1);
        t.directory.leads = {lead(1), lead(2)};
        co_await t.until_running(2);
        t.directory.leads = {lead(2)};
        co_await t.until_running(1);
        EXPECT_TRUE(t.feeds.running.contains(lead(2).connection));
        EXPECT_EQ(t.roster->traders_of(lead(2).connection), lead(2).traders);
        EXPECT_TRUE(t.roster->traders_of(lead(1).connection).empty());
    });
    EXPECT_TRUE(feeds.running.empty());
    EXPECT_EQ(feeds.opened, 2);
}

TEST_F(RosterTest, ANudgeSparesTheWait) {
    play(
        [](RosterTest& t) -> Task<void> {
            co_await t.until([&t] { return t.directory.looks == 1; }, "first look");
            t.directory.leads = {lead(1)};
            t.roster->nudge();
            co_await t.until_running(1);
        },
        1h);
}

TEST_F(RosterTest, StartsWithTheStoredCursors) {
    ports::FeedCursor const cursor{
        .connection = lead(1).connection, .symbol = "BTCUSDT", .last_trade_id = 9};
    (void)test::run(io, store.append({.cursors = {cursor}}));
    directory.leads = {lead(1)};
    play([](RosterTest& t) -> Task<void> { co_await t.until_running(1); });
    EXPECT_EQ(feeds.last_cursors, std::vector{cursor});
}

TEST_F(RosterTest, AnotherCredentialMeansAnotherFeed) {
    directory.leads = {lead(1)};
    play([](RosterTest& t) -> Task<void> {
        co_await t.until_running(1);
        t.directory.leads[0].credentials["api_key"] = "nil:v2:y";
        co_await t.until([&t] { return t.feeds.opened == 2; }, "second feed");
        co_await t.until_running(1);
    });
}

TEST_F(RosterTest, ANewTraderBehindTheSameAccountDoesNot) {
    directory.leads = {lead(1)};
    play([](RosterTest& t) -> Task<void> {
        co_await t.until_running(1);
        t.directory.leads[0].traders.push_back(lead(5).traders[0]);
        co_await t.until([&t] { return t.roster->traders_of(lead(1).connection).size() == 2; },
                         "traders");
    });
    EXPECT_EQ(feeds.opened, 1);
}

TEST_F(RosterTest, AFeedThatEndedIsOpenedAgain) {
    directory.leads = {lead(1)};
    play([](RosterTest& t) -> Task<void> {
        co_await t.until_running(1);
        t.feeds.running.begin()->second->stop = true;
        co_await t.until([&t] { return t.feeds.opened == 2; }, "second feed");
    });
}

TEST_F(RosterTest, WithoutTheDirectoryFeedsGoOn) {
    directory.leads = {lead(1)};
    play([](RosterTest& t) -> Task<void> {
        co_await t.until_running(1);
        t.directory.is_down = true;
        co_await t.until([&t] { return !t.roster->last_error().empty(); }, "error");
        EXPECT_EQ(t.feeds.running.size(), 1U);
        t.directory.is_down = false;
        co_await t.until([&t] { return t.roster->last_error().empty(); }, "recovery");
    });
    EXPECT_EQ(feeds.opened, 1);
}

TEST_F(RosterTest, WhatCannotBeFollowedIsShown) {
    directory.leads = {lead(1, "kraken"), lead(2)};
    feeds.refuses = true;
    play([](RosterTest& t) -> Task<void> {
        co_await t.until([&t] { return t.roster->feeds().size() == 2; }, "views");
        for (auto const& view : t.roster->feeds()) EXPECT_EQ(view.status.state, "refused");
        t.feeds.refuses = false;
        co_await t.until_running(1);
        EXPECT_TRUE(t.roster->feeds()[0].account.credentials.empty());
    });
}

}  // namespace
}  // namespace obscura::sentinel
