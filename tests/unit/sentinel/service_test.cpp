#include "sentinel/service.hpp"

#include "fakes.hpp"
#include "support/coroutine.hpp"
#include "support/fakes/fake_trade_store.hpp"
#include "support/fakes/sample_trade.hpp"

#include <gtest/gtest.h>

namespace obscura::sentinel {
namespace {

using namespace std::chrono_literals;

/// A venue whose one feed hands on three fills, one of them twice, and then stays up.
class TalkativeFeeds final : public ports::LeaderFeeds {
public:
    struct Feed final : ports::LeaderFeed {
        ports::Task<void> run(ports::FeedSink& sink) override {
            for (std::int64_t const id : {1, 2, 2, 3})
                EXPECT_TRUE(sink.offer({.trades = {test::sample_trade(id)}}));
            while (!stop) co_await net::sleep_for(1ms);
        }
        void request_stop() override { stop = true; }
        [[nodiscard]] ports::FeedStatus status() const override {
            return {.state = "live", .is_live = true};
        }
        bool stop = false;
    };
    [[nodiscard]] base::Result<std::unique_ptr<ports::LeaderFeed>> open(
        ports::LeaderAccount, std::vector<ports::FeedCursor>) override {
        return std::make_unique<Feed>();
    }
};

TEST(SentinelService, FollowsStoresAnnouncesAndStops) {
    boost::asio::io_context io;
    base::Metrics metrics;
    base::SystemClock clock;
    base::SeededRandom random(1);
    test::FakeDirectory directory;
    test::FakeTradeStore store;
    test::FakePublisher publisher;
    test::FakeTradeReader reader;
    TalkativeFeeds feeds;
    base::Secret const key(std::string_view("gateway-key-123456"));
    ports::LeaderAccount lead;
    lead.connection = test::sample_trade(1).connection;
    lead.venue = "binance";
    lead.traders.resize(1);
    directory.leads = {lead};

    Service service(io.get_executor(), {}, Config{}, key,
                    {.directory = directory,
                     .store = store,
                     .publisher = publisher,
                     .reader = reader,
                     .venues = {{"binance", {{model::Market::spot, &feeds}}}},
                     .probes = {},
                     .metrics = metrics,
                     .clock = clock,
                     .random = random});
    service.start();
    EXPECT_NE(service.port(), 0);
    auto const story = [&]() -> net::Task<void> {
        auto const deadline = clock.steady() + 10s;
        while (publisher.calls.empty() && clock.steady() < deadline) co_await net::sleep_for(1ms);
        co_await service.stop();
    };
    test::run(io, story());
    EXPECT_EQ(store.trades.size(), 3U);
    EXPECT_EQ(store.partition_calls, 1);
    std::size_t announced = 0;
    for (auto const& call : publisher.calls) announced += call.size();
    EXPECT_EQ(announced, 3U);
    ASSERT_FALSE(publisher.calls.empty());
    EXPECT_EQ(publisher.calls[0][0].traders.size(), 1U);
}

}  // namespace
}  // namespace obscura::sentinel
