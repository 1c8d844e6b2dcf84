#include "store/trade_store.hpp"

#include "base/metrics.hpp"
#include "contract/trade_store_contract.hpp"
#include "crypto/hex.hpp"
#include "store/trade_chain.hpp"
#include "support/private_postgres.hpp"

namespace obscura::test {
namespace {

class PgBench final : public TradeStoreBench {
public:
    PgBench()
        : database(PrivatePostgres::shared().create_database("trades")),
          pool(io.get_executor(),
               {.url = PrivatePostgres::shared().url(database, "obscura_engine")}, metrics) {}
    ~PgBench() override {
        pool.close();
        io.restart();
        io.run();
    }
    [[nodiscard]] ports::TradeStore& store() override { return store_; }
    std::string value(std::string const& sql) {
        return PrivatePostgres::shared().execute(database, sql);
    }

    std::string database;
    base::Metrics metrics;
    store::PgPool pool;

private:
    store::PgTradeStore store_{pool};
};

INSTANTIATE_TEST_SUITE_P(Pg, TradeStoreContract,
                         testing::Values([] { return std::make_unique<PgBench>(); }));

class PgTradeStoreTest : public testing::Test {
protected:
    void append(std::vector<model::Trade> trades, std::vector<ports::FeedCursor> cursors = {}) {
        (void)run(bench.io, bench.store().append({std::move(trades), std::move(cursors)}));
    }
    PgBench bench;
};

TEST_F(PgTradeStoreTest, WritesOneOutboxRowPerFill) {
    append({sample_trade(1)});
    append({sample_trade(1), sample_trade(2)});
    EXPECT_EQ(bench.value("SELECT count(*) FROM outbox"), "2");
    EXPECT_EQ(bench.value("SELECT source_id FROM outbox ORDER BY id LIMIT 1"),
              sample_trade(1).connection.to_string() + ":spot:BTCUSDT:1");
    EXPECT_EQ(bench.value("SELECT topic FROM outbox LIMIT 1"), "trade");
    EXPECT_EQ(bench.value("SELECT tenant_id FROM outbox LIMIT 1"),
              sample_trade(1).tenant.to_string());
    auto const payload =
        base::parse_json(bench.value("SELECT payload FROM outbox ORDER BY id LIMIT 1"));
    ASSERT_TRUE(payload);
    auto const read = model::trade_from_json(*payload);
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(*read, sample_trade(1));
}

TEST_F(PgTradeStoreTest, AConsumedOutboxRowDoesNotComeBack) {
    append({sample_trade(1)});
    bench.value("DELETE FROM outbox");
    append({sample_trade(1)});
    EXPECT_EQ(bench.value("SELECT count(*) FROM outbox"), "0");
}

TEST_F(PgTradeStoreTest, ChainsCanBeComputedAgainPerAccount) {
    append({sample_trade(3), sample_trade(1, 2), sample_trade(1)});
    append({sample_trade(2), sample_trade(1)});
    auto link = store::chain_start(sample_trade(1).connection);
    for (std::int64_t const id : {3, 1, 2}) link = store::chain_link(link, sample_trade(id));
    auto const account = "'" + sample_trade(1).connection.to_string() + "'";
    EXPECT_EQ(bench.value("SELECT encode(head, 'hex') FROM trade_chains WHERE connection_id = " +
                          account),
              crypto::hex_encode(link));
    EXPECT_EQ(bench.value("SELECT seq FROM trade_chains WHERE connection_id = " + account), "3");
    EXPECT_EQ(bench.value("SELECT encode(chain_hash, 'hex') FROM trades WHERE chain_seq = 3"),
              crypto::hex_encode(link));
    EXPECT_EQ(bench.value("SELECT string_agg(venue_trade_id, ',' ORDER BY chain_seq) FROM trades "
                          "WHERE connection_id = " +
                          account),
              "3,1,2");
}

TEST_F(PgTradeStoreTest, NothingOfABatchIsStoredWhenAPartCannotBe) {
    auto spoilt = sample_trade(2);
    spoilt.fee_asset = std::string("a\0b", 3);  // text takes no NUL
    EXPECT_ANY_THROW(append({sample_trade(1), spoilt}));
    EXPECT_EQ(bench.value("SELECT count(*) FROM trades"), "0");
    EXPECT_EQ(bench.value("SELECT count(*) FROM outbox"), "0");
    EXPECT_EQ(bench.value("SELECT count(*) FROM trade_chains"), "0");
    append({sample_trade(1)});
    EXPECT_EQ(bench.value("SELECT seq FROM trade_chains"), "1");
}

TEST_F(PgTradeStoreTest, TwoSentinelsOnOneAccountStoreAFillOnce) {
    std::vector<model::Trade> fills;
    for (std::int64_t id = 1; id <= 200; ++id) fills.push_back(sample_trade(id));
    std::size_t fresh = 0;
    int ended = 0;
    // Every batch goes in four times, at the same time, over different connections.
    auto const one = [](ports::TradeStore& s, model::Trade t, std::size_t& n,
                        int& done) -> net::Task<void> {
        auto const stored = co_await s.append({.trades = {std::move(t)}});
        n += stored.size();
        ++done;
    };
    for (int copy = 0; copy < 4; ++copy)
        for (auto const& fill : fills)
            boost::asio::co_spawn(bench.io, one(bench.store(), fill, fresh, ended),
                                  [](std::exception_ptr e) {
                                      if (e) std::rethrow_exception(e);
                                  });
    while (ended < 800 && bench.io.run_one() > 0) {
    }
    EXPECT_EQ(fresh, 200U);
    EXPECT_EQ(bench.value("SELECT count(*) FROM trades"), "200");
    EXPECT_EQ(bench.value("SELECT seq FROM trade_chains"), "200");
    EXPECT_EQ(bench.value("SELECT count(DISTINCT chain_seq) FROM trades"), "200");
}

TEST_F(PgTradeStoreTest, OldAndFutureFillsFindAPartition) {
    auto old = sample_trade(1);
    old.executed_at -= std::chrono::days(400);
    auto later = sample_trade(2);
    later.executed_at = base::SystemClock().now() + std::chrono::days(20);
    append({old, later});
    EXPECT_EQ(bench.value("SELECT count(*) FROM trades"), "2");
    EXPECT_EQ(bench.value("SELECT count(*) FROM trades_default"), "1");
}

}  // namespace
}  // namespace obscura::test
