#include "copies_fixture.hpp"

#include "store/trade_store.hpp"

namespace obscura::store::test {
namespace {

/// Sessions as the services have them: their statements are planned once, while every table is
/// empty.
class GrowthTest : public CopiesTest {
protected:
    GrowthTest() : planned_once(open()) {}
    ~GrowthTest() override {
        if (planned_once) planned_once->close();
    }
    std::unique_ptr<PgPool> open() {
        return std::make_unique<PgPool>(
            io.get_executor(),
            PgConfig{
                .url = server.url(name, "obscura_engine"), .connections = 1, .fixed_plans = true},
            metrics);
    }
    /// What the server's statistics hold once the session that counted has ended.
    std::string entries_read() {
        planned_once->close();
        io.restart();
        io.run();
        planned_once.reset();
        for (auto const end = std::chrono::steady_clock::now() + 20s;
             std::stoll(sql("SELECT sum(n_tup_ins) FROM pg_stat_user_tables WHERE relname = "
                            "'inbox'")) < fills;)
            if (std::chrono::steady_clock::now() > end) throw std::runtime_error("no statistics");
        return sql(
            "SELECT coalesce(string_agg(indexrelname || ' ' || idx_tup_read, ', '), 'few') FROM "
            "pg_stat_user_indexes WHERE idx_tup_read > " +
            std::to_string(5 * fills));
    }

    static constexpr int fills = 2'000;
    std::unique_ptr<PgPool> planned_once;
};

// A plan that reads an index whole costs nothing here at first, and 20 entries a fill at the end.
TEST_F(GrowthTest, NothingThatAFillMeetsGrowsWithWhatWasBefore) {
    PgTradeStore record(*planned_once);
    (void)run(io, record.ensure_partitions(3));
    // A vacuum would have the plans made anew.
    sql("DO $$ DECLARE part regclass; BEGIN FOR part IN SELECT inhrelid FROM pg_inherits WHERE "
        "inhparent = 'trades'::regclass LOOP EXECUTE format('ALTER TABLE %s SET "
        "(autovacuum_enabled = off)', part); END LOOP; END $$");
    for (auto const* table : {"outbox", "inbox", "signals", "leader_positions", "trade_chains"})
        sql("ALTER TABLE " + std::string(table) + " SET (autovacuum_enabled = off)");
    PgSignalStore intake(*planned_once, clock, random);
    constexpr int batch = 50;
    std::size_t made_signals = 0;
    for (int first = 0; first < fills; first += batch) {
        ports::FeedDelivery delivery;
        for (int i = first; i < first + batch; ++i)
            delivery.trades.push_back(fill(i + 1, Side::buy, "0.001"));
        for (auto& trade : delivery.trades) trade.id = make<model::TradeId>();
        (void)run(io, record.append(std::move(delivery)));
        // Conductor comes after: there are always fills later than those it takes.
        if (first > 0) made_signals += run(io, intake.move_trades(batch)).signals.size();
    }
    made_signals += run(io, intake.move_trades(batch)).signals.size();
    EXPECT_EQ(made_signals, static_cast<std::size_t>(fills));
    EXPECT_EQ(entries_read(), "few");
}

}  // namespace
}  // namespace obscura::store::test
