#include "sentinel/ingest.hpp"

#include "fakes.hpp"
#include "sentinel/trade_identity.hpp"
#include "support/coroutine.hpp"
#include "support/fakes/fake_trade_store.hpp"
#include "support/fakes/sample_trade.hpp"

#include <gtest/gtest.h>

namespace obscura::sentinel {
namespace {

using namespace std::chrono_literals;
using test::sample_trade;

class IngestTest : public testing::Test {
protected:
    void make(IngestLimits limits = {.retry_least = 1ms, .retry_most = 2ms}) {
        ingest = std::make_unique<Ingest>(
            io.get_executor(), limits, store, publisher,
            [this](model::ConnectionId connection) { return traders[connection]; }, metrics, clock);
    }
    bool offer(std::vector<model::Trade> trades, std::vector<ports::FeedCursor> cursors = {}) {
        return ingest->offer({std::move(trades), std::move(cursors)});
    }
    /// Commits everything that was offered.
    void drain() {
        ingest->request_stop();
        test::run(io, ingest->run());
    }
    [[nodiscard]] std::vector<std::string> stored() const {
        std::vector<std::string> out;
        for (auto const& trade : store.trades) out.push_back(trade.venue_trade_id);
        return out;
    }
    static ports::FeedCursor cursor(std::int64_t id) {
        auto const t = sample_trade(1);
        return {t.tenant, t.connection, model::Market::spot, "BTCUSDT", id};
    }

    boost::asio::io_context io;
    base::Metrics metrics;
    base::ManualClock clock{test::sample_time + 2s};
    test::FakeTradeStore store;
    test::FakePublisher publisher;
    std::map<model::ConnectionId, std::vector<model::TraderId>> traders;
    std::unique_ptr<Ingest> ingest;
};

using Ids = std::vector<std::string>;

TEST_F(IngestTest, IdsComeFromTheVenuesIdentityAlone) {
    make();
    auto late = sample_trade(1);
    late.received_at += 1h;
    late.via_backfill = true;
    EXPECT_TRUE(offer({sample_trade(1), late, sample_trade(2)}));
    drain();
    EXPECT_EQ(stored(), (Ids{"1", "2"}));
    EXPECT_EQ(store.trades[0].id, trade_id_of(model::venue_identity(sample_trade(1))));
    EXPECT_FALSE(store.trades[0].via_backfill);
}

TEST_F(IngestTest, WhatArrivedDuringACommitGoesIntoTheNext) {
    make();
    int appends = 0;
    store.before_append = [&]() -> net::Task<void> {
        if (++appends == 1)
            for (int id = 2; id <= 4; ++id)
                EXPECT_TRUE(ingest->offer({.trades = {sample_trade(id)}}));
        co_return;
    };
    EXPECT_TRUE(offer({sample_trade(1)}));
    auto const story = [&]() -> net::Task<void> {
        net::Scope scope(io.get_executor());
        scope.spawn("ingest", ingest->run());
        while (store.trades.size() < 4) co_await net::sleep_for(1ms);
        ingest->request_stop();
        co_await scope.join();
    };
    test::run(io, story());
    ASSERT_EQ(store.batches.size(), 2U);
    EXPECT_EQ(store.batches[1].trades.size(), 3U);
    EXPECT_EQ(stored(), (Ids{"1", "2", "3", "4"}));
}

TEST_F(IngestTest, AFailingRecordIsTriedAgainInOrder) {
    make();
    store.failures_ahead = 3;
    EXPECT_TRUE(offer({sample_trade(2)}));
    EXPECT_TRUE(offer({sample_trade(1)}));
    auto const story = [&]() -> net::Task<void> {
        net::Scope scope(io.get_executor());
        scope.spawn("ingest", ingest->run());
        while (store.failures_ahead > 0) co_await net::sleep_for(1ms);
        EXPECT_FALSE(ingest->last_error().empty());
        while (store.trades.size() < 2) co_await net::sleep_for(1ms);
        ingest->request_stop();
        co_await scope.join();
    };
    test::run(io, story());
    EXPECT_EQ(stored(), (Ids{"2", "1"}));
    EXPECT_TRUE(ingest->last_error().empty());
    EXPECT_EQ(publisher.calls.size(), 1U);
}

TEST_F(IngestTest, ACommitWhoseAnswerWasLostIsHarmless) {
    make();
    store.fails_after_commit = true;
    EXPECT_TRUE(offer({sample_trade(1)}));
    auto const story = [&]() -> net::Task<void> {
        net::Scope scope(io.get_executor());
        scope.spawn("ingest", ingest->run());
        while (store.batches.size() < 2) co_await net::sleep_for(1ms);
        ingest->request_stop();
        co_await scope.join();
    };
    test::run(io, story());
    EXPECT_EQ(stored(), Ids{"1"});
}

TEST_F(IngestTest, OnlyNewFillsAreAnnouncedWithTheirTraders) {
    make();
    model::TraderId trader;
    trader.value.bytes[0] = 7;
    traders[sample_trade(1).connection] = {trader};
    EXPECT_TRUE(offer({sample_trade(1)}));
    drain();
    make();
    EXPECT_TRUE(offer({sample_trade(1), sample_trade(2)}));
    drain();
    make();
    EXPECT_TRUE(offer({sample_trade(2)}));
    drain();
    ASSERT_EQ(publisher.calls.size(), 2U);
    ASSERT_EQ(publisher.calls[1].size(), 1U);
    EXPECT_EQ(publisher.calls[1][0].trade.venue_trade_id, "2");
    EXPECT_EQ(publisher.calls[1][0].traders, std::vector{trader});
}

TEST_F(IngestTest, AFullBufferRefusesAllOfADelivery) {
    make({.max_buffered_trades = 3, .retry_least = 1ms, .retry_most = 1ms});
    EXPECT_TRUE(offer({sample_trade(1), sample_trade(2)}));
    EXPECT_TRUE(ingest->has_room());
    EXPECT_FALSE(offer({sample_trade(3), sample_trade(4)}));
    EXPECT_EQ(ingest->buffered(), 2U);
    EXPECT_TRUE(offer({}, {cursor(2)}));  // cursors take room too
    EXPECT_FALSE(ingest->has_room());
    EXPECT_FALSE(offer({}, {cursor(3)}));
    drain();
    EXPECT_EQ(stored(), (Ids{"1", "2"}));
    EXPECT_EQ(ingest->buffered(), 0U);
}

TEST_F(IngestTest, AnEmptyBufferTakesAPageOfAnySizeAndCutsIt) {
    make({.max_buffered_trades = 3, .commit_batch = 2, .retry_least = 1ms, .retry_most = 1ms});
    EXPECT_TRUE(
        offer({sample_trade(1), sample_trade(2), sample_trade(3), sample_trade(4), sample_trade(5)},
              {cursor(5)}));
    drain();
    EXPECT_EQ(stored(), (Ids{"1", "2", "3", "4", "5"}));
    ASSERT_EQ(store.batches.size(), 3U);
    // The cursor confirms all five: it must not be stored before the last of them.
    EXPECT_TRUE(store.batches[0].cursors.empty());
    EXPECT_TRUE(store.batches[1].cursors.empty());
    EXPECT_EQ(store.batches[2].cursors, std::vector{cursor(5)});
    EXPECT_EQ(ingest->buffered(), 0U);
}

TEST_F(IngestTest, StopsWhileTheRecordIsAway) {
    make();
    store.failures_ahead = 1'000'000;
    EXPECT_TRUE(offer({sample_trade(1)}));
    drain();
    EXPECT_TRUE(stored().empty());
    EXPECT_FALSE(offer({sample_trade(2)}));  // nothing is taken that will not be committed
}

TEST_F(IngestTest, MeasuresFromTheBytesToTheCommit) {
    make();
    EXPECT_TRUE(offer({sample_trade(1)}));  // received a second before the clock's now
    drain();
    auto const text = metrics.expose();
    EXPECT_NE(text.find("obscura_stage_seconds_sum{stage=\"ingest\"} 1"), std::string::npos)
        << text;
}

TEST(TradeIdentity, IsAUuidOfItsOwnKindAndStable) {
    // The first 16 bytes of SHA-256("a:spot:BTCUSDT:1"), version 8.
    auto const id = trade_id_of("a:spot:BTCUSDT:1");
    EXPECT_EQ(id, trade_id_of("a:spot:BTCUSDT:1"));
    EXPECT_NE(id, trade_id_of("a:spot:BTCUSDT:2"));
    EXPECT_EQ(id.to_string()[14], '8');
    EXPECT_NE(std::string("89ab").find(id.to_string()[19]), std::string::npos);
}

}  // namespace
}  // namespace obscura::sentinel
