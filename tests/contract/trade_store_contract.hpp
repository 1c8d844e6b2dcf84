#pragma once

#include "ports/trade_store.hpp"
#include "support/coroutine.hpp"
#include "support/fakes/sample_trade.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>

/// What every ports::TradeStore does. Include it once in an executable and instantiate the suite.
namespace obscura::test {

/// One empty store with the loop that it runs on.
class TradeStoreBench {
public:
    virtual ~TradeStoreBench() = default;
    [[nodiscard]] virtual ports::TradeStore& store() = 0;
    boost::asio::io_context io;
};
using MakeTradeStoreBench = std::function<std::unique_ptr<TradeStoreBench>()>;

class TradeStoreContract : public testing::TestWithParam<MakeTradeStoreBench> {
protected:
    std::vector<std::string> append(ports::FeedDelivery batch) {
        std::vector<std::string> ids;
        for (auto const& trade : run(bench->io, bench->store().append(std::move(batch))))
            ids.push_back(trade.venue_trade_id);
        return ids;
    }
    static ports::FeedCursor cursor(std::string symbol, std::int64_t id) {
        auto const trade = sample_trade(1);
        return {trade.tenant, trade.connection, model::Market::spot, std::move(symbol), id};
    }
    std::vector<ports::FeedCursor> cursors() {
        return run(bench->io, bench->store().cursors(sample_trade(1).connection));
    }
    std::unique_ptr<TradeStoreBench> bench = GetParam()();
};

using Ids = std::vector<std::string>;

TEST_P(TradeStoreContract, TellsWhatWasNewInItsOrder) {
    EXPECT_EQ(append({.trades = {sample_trade(2), sample_trade(1)}}), (Ids{"2", "1"}));
    EXPECT_EQ(append({.trades = {sample_trade(1), sample_trade(3), sample_trade(2)}}), Ids{"3"});
}

TEST_P(TradeStoreContract, TheSameBatchAgainChangesNothing) {
    ports::FeedDelivery const batch{.trades = {sample_trade(1)}, .cursors = {cursor("BTCUSDT", 1)}};
    EXPECT_EQ(append(batch), Ids{"1"});
    EXPECT_EQ(append(batch), Ids{});
    EXPECT_EQ(cursors(), std::vector{cursor("BTCUSDT", 1)});
}

TEST_P(TradeStoreContract, ARepetitionInsideABatchCountsOnce) {
    EXPECT_EQ(append({.trades = {sample_trade(1), sample_trade(1)}}), Ids{"1"});
}

TEST_P(TradeStoreContract, TheSameVenueIdOfAnotherAccountIsAnotherFill) {
    EXPECT_EQ(append({.trades = {sample_trade(1, 1), sample_trade(1, 2)}}), (Ids{"1", "1"}));
}

TEST_P(TradeStoreContract, TradesComeBackAsTheyWere) {
    auto const stored = run(bench->io, bench->store().append({.trades = {sample_trade(5)}}));
    ASSERT_EQ(stored.size(), 1U);
    EXPECT_EQ(stored[0], sample_trade(5));
}

TEST_P(TradeStoreContract, CursorsOnlyMoveForward) {
    EXPECT_TRUE(cursors().empty());
    append({.cursors = {cursor("BTCUSDT", ports::FeedCursor::unconfirmed), cursor("ETHUSDT", 4)}});
    append({.cursors = {cursor("BTCUSDT", 10), cursor("BTCUSDT", 7), cursor("ETHUSDT", 3)}});
    append({.cursors = {cursor("BTCUSDT", ports::FeedCursor::unconfirmed)}});
    EXPECT_EQ(cursors(), (std::vector{cursor("BTCUSDT", 10), cursor("ETHUSDT", 4)}));
    EXPECT_TRUE(run(bench->io, bench->store().cursors(sample_trade(1, 2).connection)).empty());
}

TEST_P(TradeStoreContract, AnEmptyBatchIsFine) { EXPECT_EQ(append({}), Ids{}); }

TEST_P(TradeStoreContract, PartitionsAreMadeOnce) {
    (void)run(bench->io, bench->store().ensure_partitions(3));
    EXPECT_EQ(run(bench->io, bench->store().ensure_partitions(3)), 0);
}

}  // namespace obscura::test
