#include "copies_fixture.hpp"

namespace obscura::store::test {
namespace {

using base::Json;

/// Statements as conductor's sessions have them, planned for good after statistics that were taken
/// while nothing was open: by them whatever is open can be read whole for nothing.
class QuietStatisticsTest : public CopiesTest {
protected:
    ~QuietStatisticsTest() override {
        session.close();
        io.restart();
        io.run();
    }
    /// A purchase and its sale, by everybody, to their end.
    void trade(PgCopyStore& store) {
        for (auto const side : {Side::buy, Side::sell}) {
            auto const signal = signal_of(fill(++fills, side, "1"));
            std::vector<ports::LegRecord> records;
            auto const planner = [&](std::vector<ports::PlanCandidate> const& candidates) {
                std::vector<ports::PlannedCopy> out;
                for (auto const& c : candidates) out.push_back(arm(c, signal, "0.002"));
                return out;
            };
            auto const plan =
                run(io, store.plan(epoch, signal, ports::CopyStore::Try::again, planner));
            EXPECT_EQ(plan.planned.size(), 40U);
            for (auto const& copy : plan.planned) {
                auto bought = venue_fill("50000", "0.002", "0", "USDT");
                records.push_back(ended(*copy.leg, model::LegState::filled, {bought}));
            }
            (void)run(io, store.record(epoch, std::move(records), clock.now()));
        }
    }
    /// Two thousand followers of other pools, in every signal so far: none of what is read is
    /// small.
    void others_have_traded() {
        for (int i = 0; i < 20; ++i) (void)add_pool();
        sql("INSERT INTO subscriptions (id, tenant_id, pool_id, user_id, connection_id, mode, "
            "total_investment_usd) SELECT gen_random_uuid(), s.tenant_id, p.id, s.user_id, "
            "s.connection_id, s.mode, s.total_investment_usd FROM subscriptions s CROSS JOIN pools "
            "p "
            "WHERE p.id <> s.pool_id");
        sql("INSERT INTO copies (id, tenant_id, signal_id, subscription_id, status, ended_at) "
            "SELECT gen_random_uuid(), s.tenant_id, g.id, s.id, 'filled', now() FROM subscriptions "
            "s "
            "CROSS JOIN signals g ON CONFLICT DO NOTHING");
        sql("INSERT INTO copy_legs (id, tenant_id, copy_id, signal_id, subscription_id, "
            "connection_id, seq, symbol, base_asset, quote_asset, side, order_type, quantity, "
            "reduce_only, client_order_id, state, send_not_after, epoch, ended_at) SELECT "
            "gen_random_uuid(), c.tenant_id, c.id, c.signal_id, c.subscription_id, "
            "s.connection_id, "
            "0, 'BTCUSDT', 'BTC', 'USDT', 'buy', 'market', 1, false, c.id::text, 'filled', now(), "
            "1, "
            "now() FROM copies c JOIN subscriptions s ON s.id = c.subscription_id ON CONFLICT DO "
            "NOTHING");
        sql("INSERT INTO positions (subscription_id, market, symbol, tenant_id, quantity, "
            "target_quantity, cost) SELECT id, 'spot', 'BTCUSDT', tenant_id, 0, 0, 0 FROM "
            "subscriptions ON CONFLICT DO NOTHING");
    }
    PgResult ask(Statement const& statement) {
        std::optional<PgResult> rows;
        run(io, keep(session.query(TenantScope::engine(), statement, {}), rows));
        return std::move(*rows);
    }
    /// name -> its number of parameters, of every statement that the session has prepared.
    std::vector<std::pair<std::string, int>> prepared() {
        static constexpr Statement list{
            "prepared", "SELECT name, cardinality(parameter_types) FROM pg_prepared_statements"};
        auto const rows = ask(list);
        std::vector<std::pair<std::string, int>> out;
        for (int i = 0; i < rows.size(); ++i)
            out.emplace_back(rows[i].string(0), static_cast<int>(rows[i].integer(1)));
        return out;
    }
    Json plan_of(std::string const& name, int parameters) {
        std::string values;
        for (int i = 0; i < parameters; ++i) values += i == 0 ? "(NULL" : ", NULL";
        auto const text =
            "EXPLAIN (FORMAT JSON) EXECUTE \"" + name + "\"" + values + (parameters > 0 ? ")" : "");
        auto const explain_name = "explain_" + name;
        Statement const explain{explain_name, text};
        auto const rows = ask(explain);
        return base::parse_json(rows[0].text(0)).value().as_array().at(0)["Plan"];
    }
    /// What a plan reads whole.
    static void whole_reads(Json const& node, std::vector<std::string>& out) {
        auto const kind = std::string(node["Node Type"].to_text().value_or(""));
        auto const index = std::string(node["Index Name"].to_text().value_or(""));
        bool const is_index = kind.starts_with("Index") || kind == "Bitmap Index Scan";
        if (kind == "Seq Scan") out.emplace_back(node["Relation Name"].to_text().value_or("?"));
        if (is_index && node.find("Index Cond") == nullptr) out.push_back(index);
        if (auto const* plans = node.find("Plans"))
            for (auto const& inner : plans->as_array()) whole_reads(inner, out);
    }

    int fills = 0;
    PgPool session{
        io.get_executor(),
        {.url = server.url(name, "obscura_engine"), .connections = 1, .fixed_plans = true},
        metrics};
};

TEST_F(QuietStatisticsTest, NothingThatIsOpenIsReadWholeForOneFollower) {
    for (int i = 0; i < 40; ++i) (void)subscribe(pool);
    for (int i = 0; i < 5; ++i) trade(copies);
    others_have_traded();
    for (auto const* table : {"copies", "copy_legs", "signals", "positions", "receipts",
                              "subscriptions", "exchange_connections", "leg_fills"})
        sql("VACUUM ANALYZE " + std::string(table));
    // Few pools there were so far, and many there will be.
    PgCopyStore store(session, clock, open_lifetime);
    trade(store);
    (void)run(io, store.unresolved(epoch));
    auto const statements = prepared();
    EXPECT_GT(statements.size(), 15U);
    for (auto const& [name, parameters] : statements) {
        // Everything under way is what they are about, once a start or once a signal.
        if (name == "legs_unresolved" || name == "prepared") continue;
        std::vector<std::string> whole;
        whole_reads(plan_of(name, parameters), whole);
        EXPECT_EQ(whole, std::vector<std::string>{}) << name;
    }
}

}  // namespace
}  // namespace obscura::store::test
