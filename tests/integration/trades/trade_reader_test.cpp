#include "store/trade_reader.hpp"

#include "base/metrics.hpp"
#include "store/lead_directory.hpp"
#include "store/trade_store.hpp"
#include "support/coroutine.hpp"
#include "support/fakes/sample_trade.hpp"
#include "support/private_postgres.hpp"

#include <gtest/gtest.h>

namespace obscura::store {
namespace {

using test::PrivatePostgres;
using test::sample_trade;

std::string id(int n) {
    base::Uuid uuid;
    uuid.bytes[15] = static_cast<std::uint8_t>(n);
    return uuid.to_string();
}
template <class Id>
Id as(int n) {
    return Id::parse(id(n)).value();
}

/// Tenant 9 with users 21 and 22, connection 1 (trader 31 of user 21), connection 2 (trader 32 of
/// user 22); tenant 8 with user 23 and connection 3 (trader 33).
class TradesOfTradersTest : public testing::Test {
protected:
    TradesOfTradersTest() {
        for (auto const& [tenant, kind] : {std::pair{9, "platform"}, std::pair{8, "b2b"}})
            sql("INSERT INTO tenants (tenant_id, slug, name, kind) VALUES ('" + id(tenant) +
                "', 't" + std::to_string(tenant) + "', 't', '" + kind + "')");
        account(9, 21, 1, 31);
        account(9, 22, 2, 32);
        account(8, 23, 3, 33);
    }
    ~TradesOfTradersTest() override {
        engine.close();
        app.close();
        io.restart();
        io.run();
    }
    std::string sql(std::string const& text) {
        return PrivatePostgres::shared().execute(database, text);
    }
    void account(int tenant, int user, int connection, int trader) {
        auto const t = "'" + id(tenant) + "'";
        sql("INSERT INTO users (id, tenant_id, email, password_hash) VALUES ('" + id(user) + "', " +
            t + ", 'u" + std::to_string(user) + "', 'x')");
        sql("INSERT INTO exchange_connections (id, tenant_id, user_id, venue, environment, "
            "purpose, "
            "label, credentials, created_at) VALUES ('" +
            id(connection) + "', " + t + ", '" + id(user) +
            "', 'binance', 'paper', 'lead', 'l', '{\"api_key\": \"nil:v1:a\", \"secret\": "
            "\"nil:v1:b\"}', "
            "'2026-01-02 03:04:05.678+00')");
        sql("INSERT INTO traders (id, tenant_id, user_id, connection_id, display_name) VALUES ('" +
            id(trader) + "', " + t + ", '" + id(user) + "', '" + id(connection) + "', 'n')");
    }
    base::Result<ports::TradePage> list(PgPool& pool, ports::TradeQuery query) {
        PgTradeReader reader(pool);
        return test::run(io, reader.list(std::move(query)));
    }
    static ports::TradeQuery query(int trader) {
        return {.trader = as<model::TraderId>(trader),
                .from = test::sample_time,
                .to = test::sample_time + std::chrono::hours(1)};
    }
    void store(std::vector<model::Trade> trades) {
        PgTradeStore trades_store(engine);
        (void)test::run(io, trades_store.append({.trades = std::move(trades)}));
    }

    boost::asio::io_context io;
    base::Metrics metrics;
    std::string database = PrivatePostgres::shared().create_database("reader");
    PgPool engine{
        io.get_executor(),
        {.url = PrivatePostgres::shared().url(database, "obscura_engine"), .connections = 2},
        metrics};
    PgPool app{io.get_executor(),
               {.url = PrivatePostgres::shared().url(database, "obscura_app"), .connections = 2},
               metrics};
};

TEST_F(TradesOfTradersTest, PagesThroughAPeriodOldestFirst) {
    store({sample_trade(3), sample_trade(1), sample_trade(2), sample_trade(7, 2)});
    auto ask = query(31);
    ask.limit = 2;
    auto const first = list(engine, ask);
    ASSERT_TRUE(first);
    ASSERT_EQ(first->trades.size(), 2U);
    EXPECT_EQ(first->trades[0], sample_trade(1));
    EXPECT_EQ(first->trades[1], sample_trade(2));
    ASSERT_TRUE(first->next);
    ask.after = ports::position_of_cursor(ports::to_cursor(*first->next));
    auto const second = list(engine, ask);
    ASSERT_EQ(second->trades.size(), 1U);
    EXPECT_EQ(second->trades[0], sample_trade(3));
    EXPECT_FALSE(second->next);
}

TEST_F(TradesOfTradersTest, ThePeriodIsHalfOpen) {
    store({sample_trade(1), sample_trade(2), sample_trade(3)});
    auto ask = query(31);
    ask.from = sample_trade(2).executed_at;
    ask.to = sample_trade(3).executed_at;
    auto const page = list(engine, ask);
    ASSERT_EQ(page->trades.size(), 1U);
    EXPECT_EQ(page->trades[0].venue_trade_id, "2");
}

TEST_F(TradesOfTradersTest, OnlyTheTenantsOwnAndOnlyTheUsersOwn) {
    store({sample_trade(1)});
    auto ask = query(31);
    ask.tenant = as<model::TenantId>(9);
    EXPECT_EQ(list(app, ask)->trades.size(), 1U);
    ask.owner = as<model::UserId>(21);
    EXPECT_EQ(list(app, ask)->trades.size(), 1U);
    ask.owner = as<model::UserId>(22);
    EXPECT_EQ(list(app, ask).error().reason, "trader_not_found");
    ask.owner.reset();
    ask.tenant = as<model::TenantId>(8);
    EXPECT_EQ(list(app, ask).error().code, base::Errc::not_found);
    EXPECT_EQ(list(app, query(31)).error().code, base::Errc::not_found);  // no tenant, no rows
    EXPECT_EQ(list(engine, query(99)).error().code, base::Errc::not_found);
}

TEST_F(TradesOfTradersTest, TheDirectoryHasActiveLeadsWithALivingTrader) {
    PgLeadDirectory directory(engine);
    auto const leads = test::run(io, directory.active_leads());
    ASSERT_EQ(leads.size(), 3U);
    auto const& lead = leads[0];
    EXPECT_EQ(lead.connection, as<model::ConnectionId>(1));
    EXPECT_EQ(lead.tenant, as<model::TenantId>(9));
    EXPECT_EQ(lead.traders, std::vector{as<model::TraderId>(31)});
    EXPECT_EQ(lead.venue, "binance");
    EXPECT_EQ(lead.environment, model::Environment::paper);
    EXPECT_EQ(lead.credential_context, id(9) + "|" + id(21) + "|binance|paper|lead|" + id(1));
    EXPECT_EQ(lead.credentials,
              (ports::SealedCredentials{{"api_key", "nil:v1:a"}, {"secret", "nil:v1:b"}}));
    EXPECT_EQ(base::to_rfc3339(lead.connected_at), "2026-01-02T03:04:05.678Z");

    sql("UPDATE exchange_connections SET status = 'removed' WHERE id = '" + id(1) + "'");
    sql("UPDATE traders SET status = 'dead' WHERE id = '" + id(32) + "'");
    sql("UPDATE exchange_connections SET purpose = 'follow' WHERE id = '" + id(3) + "'");
    EXPECT_TRUE(test::run(io, directory.active_leads()).empty());
}

}  // namespace
}  // namespace obscura::store
