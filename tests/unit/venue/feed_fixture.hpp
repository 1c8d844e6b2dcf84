#pragma once

#include "loopback_venue.hpp"
#include "support/coroutine.hpp"
#include "support/fakes/fake_signer.hpp"
#include "venue/binance_leader_feed.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace obscura::test {

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

/// A feed against a venue on a loopback port, with timings short enough to wait for.
class FeedTest : public testing::Test {
public:
    FeedTest() {
        using namespace std::chrono_literals;
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
    void play(std::function<net::Task<void>(FeedTest&)> story) { run(io, tell(std::move(story))); }
    net::Task<void> tell(std::function<net::Task<void>(FeedTest&)> story) {
        net::Scope scope(io.get_executor());
        venue::BinanceLeaderFeeds feeds(config, http, signer, clock, random);
        feed = feeds.open(account, cursors).value();
        scope.spawn("feed", feed->run(sink));
        co_await story(*this);
        feed->request_stop();
        co_await scope.join();
        http.close();
        co_await venue.stop();
    }
    /// Fails the test when `what` does not come true within 10 s.
    net::Task<void> until(std::function<bool()> what, char const* name) {
        auto const deadline = clock.steady() + std::chrono::seconds(10);
        while (!what() && clock.steady() < deadline)
            co_await net::sleep_for(std::chrono::milliseconds(1));
        EXPECT_TRUE(what()) << name << ", state " << feed->status().state << ", "
                            << feed->status().last_error;
    }
    net::Task<void> until_live() {
        return until([this] { return feed->status().is_live; }, "live");
    }
    net::Task<void> until_fills(std::size_t count) {
        return until([this, count] { return sink.trades.size() >= count; }, "fills");
    }

    boost::asio::io_context io;
    ShiftedClock clock;
    base::SeededRandom random{3};
    LoopbackVenue venue{io.get_executor(), clock};
    net::HttpClient http{io.get_executor(), {.allowed_origins = {"*"}}, clock};
    FakeSigner signer{venue.rest()};
    venue::BinanceFeedConfig config;
    ports::LeaderAccount account;
    std::vector<ports::FeedCursor> cursors;
    FakeSink sink;
    std::unique_ptr<ports::LeaderFeed> feed;
};

}  // namespace obscura::test
