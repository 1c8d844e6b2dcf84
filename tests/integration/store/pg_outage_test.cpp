#include "database.hpp"

#include "net/runtime.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>

namespace obscura::store::test {
namespace {

constexpr Statement insert_item{"insert_item", "INSERT INTO items (id) VALUES ($1)"};
constexpr Statement count_items{"count_items", "SELECT count(*) FROM items"};
constexpr Statement sleep{"sleep", "SELECT pg_sleep($1::float8)"};

class Outage : public Database {
protected:
    Outage() {
        name = server.create_empty_database("outage");
        server.execute(name, "CREATE TABLE items (id int PRIMARY KEY)");
    }
    PgConfig one_connection() {
        auto settings = config();
        settings.connections = 1;
        return settings;
    }
    std::int64_t count(PgPool& pool) { return query(pool, count_items)[0].integer(0); }
    /// Starts a transaction that holds its connection until `release` is notified.
    void hold(PgPool& pool, net::Event& release, Ending& ending) {
        boost::asio::co_spawn(
            io, observe(pool.transaction(TenantScope::engine(), holding(release)), ending),
            boost::asio::detached);
    }
    Body holding(net::Event& release) {
        return [this, &release](PgTransaction& t) -> net::Task<void> {
            static_cast<void>(co_await t.run(count_items, {}));
            ++held;
            co_await release.wait(30s);
            release.notify();  // for the next one that waits
        };
    }
    static net::Task<void> discard(net::Task<PgResult> task) {
        static_cast<void>(co_await std::move(task));
    }
    void start(net::Task<PgResult> task, Ending& ending) {
        boost::asio::co_spawn(io, observe(discard(std::move(task)), ending), boost::asio::detached);
    }
    int held = 0;  ///< transactions that hold a connection, or did
    void drain(std::size_t handlers) {
        io.restart();
        for (std::size_t i = 0; i < handlers && io.run_one_for(100ms) > 0; ++i) {
        }
    }
};

TEST_F(Outage, ExhaustionIsBoundedAndFirstComeFirstServed) {
    auto settings = one_connection();
    settings.max_waiting = 2;
    auto const pool = open(settings);
    net::Event release(io.get_executor());
    Ending holder;
    hold(*pool, release, holder);
    run_until([&] { return held == 1; });

    std::vector<int> order;
    std::array<Ending, 3> waiting;
    for (int i = 0; i < 3; ++i) {
        auto const body = [&order, i](PgTransaction&) -> net::Task<void> {
            order.push_back(i);
            co_return;
        };
        boost::asio::co_spawn(io,
                              observe(pool->transaction(TenantScope::engine(), body), waiting[i]),
                              boost::asio::detached);
    }
    run_until([&] { return waiting[2].done; });
    EXPECT_NE(waiting[2].unavailable.find("too many"), std::string::npos);
    EXPECT_FALSE(waiting[0].done || waiting[1].done);
    release.notify();
    run_until([&] { return waiting[0].done && waiting[1].done && holder.done; });
    EXPECT_TRUE(waiting[0].well() && waiting[1].well() && holder.well());
    EXPECT_EQ(order, (std::vector<int>{0, 1}));
}

TEST_F(Outage, WhoWaitsTooLongIsToldSo) {
    auto settings = one_connection();
    settings.acquire_timeout = 50ms;
    auto const pool = open(settings);
    ASSERT_EQ(run(io, pool->ping(20s)), "");  // connected, however long that took
    net::Event release(io.get_executor());
    Ending holder;
    hold(*pool, release, holder);
    run_until([&] { return held == 1; });
    Ending late;
    start(pool->query(TenantScope::engine(), count_items, {}), late);
    run_until([&] { return late.done; });
    EXPECT_NE(late.unavailable.find("no connection within 50 ms"), std::string::npos)
        << late.unavailable;
    EXPECT_NE(run(io, pool->ping(20ms)), "");
    release.notify();
    run_until([&] { return holder.done; });
    EXPECT_EQ(run(io, pool->ping(5s)), "");
}

TEST_F(Outage, AKilledServerIsSurvived) {
    auto const pool = open(config());
    query(*pool, insert_item, Params().add(1));
    server.kill9();
    Ending ending;
    start(pool->query(TenantScope::engine(), insert_item, Params().add(2)), ending);
    // The connection turns out to be dead, and so does the first try of another.
    drain(20);
    EXPECT_FALSE(ending.done) << ending.unavailable;
    server.restart();
    run_until([&] { return ending.done; });
    EXPECT_TRUE(ending.well()) << ending.unavailable << ending.refused;
    EXPECT_EQ(count(*pool), 2);
}

TEST_F(Outage, AStoppedServerIsSurvivedAndItsSessionsAreNotUsedAgain) {
    auto const pool = open(config());
    query(*pool, insert_item, Params().add(1));
    server.stop();
    server.restart();
    EXPECT_EQ(count(*pool), 1);
    server.execute(name,
                   "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                   "WHERE datname = current_database() AND pid <> pg_backend_pid()");
    EXPECT_EQ(count(*pool), 1);
}

TEST_F(Outage, AServerThatIsNotThereIsUnavailableAfterTheTimeoutWithTheReason) {
    auto settings = config();
    settings.acquire_timeout = 100ms;
    settings.url =
        "postgresql://nobody:pw@127.0.0.1:" + std::to_string(obscura::test::free_port()) + "/none";
    auto const pool = open(settings);
    Ending ending;
    start(pool->query(TenantScope::engine(), count_items, {}), ending);
    run_until([&] { return ending.done; });
    EXPECT_NE(ending.unavailable.find("refused"), std::string::npos) << ending.unavailable;
    EXPECT_EQ(ending.unavailable.find("pw"), std::string::npos) << ending.unavailable;
}

TEST_F(Outage, TheServersTimeoutKeepsTheConnection) {
    auto settings = one_connection();
    settings.statement_timeout = 100ms;
    auto const pool = open(settings);
    static constexpr Statement pid{"pid", "SELECT pg_backend_pid()"};
    auto const before = query(*pool, pid)[0].integer(0);
    EXPECT_THROW(query(*pool, sleep, Params().add("30")), PgUnavailable);
    EXPECT_EQ(query(*pool, pid)[0].integer(0), before);
}

TEST_F(Outage, AServerThatHangsCostsTheConnection) {
    auto settings = one_connection();
    settings.statement_timeout = 100ms;
    auto const pool = open(settings);
    static constexpr Statement pid{"pid", "SELECT pg_backend_pid()"};
    auto const before = query(*pool, pid)[0].integer(0);
    server.pause();
    EXPECT_THROW(query(*pool, insert_item, Params().add(1)), PgUnavailable);
    EXPECT_NE(query(*pool, pid)[0].integer(0), before);
    server.resume();
}

TEST_F(Outage, ACancelledTransactionLeavesACleanConnection) {
    auto const pool = open(one_connection());
    boost::asio::cancellation_signal stop;
    Ending ending;
    bool inserted = false;
    auto const body = [&inserted](PgTransaction& t) -> net::Task<void> {
        static_cast<void>(co_await t.run(insert_item, Params().add(1)));
        inserted = true;
        static_cast<void>(co_await t.run(sleep, Params().add("0.2")));
        ADD_FAILURE() << "it should have been cancelled";
    };
    boost::asio::co_spawn(io, observe(pool->transaction(TenantScope::engine(), body), ending),
                          boost::asio::bind_cancellation_slot(stop.slot(), boost::asio::detached));
    run_until([&] { return inserted; });
    stop.emit(boost::asio::cancellation_type::terminal);
    run_until([&] { return ending.done; });
    EXPECT_TRUE(ending.cancelled);
    EXPECT_EQ(count(*pool), 0);
    static constexpr Statement open_transactions{
        "open_transactions",
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND state LIKE 'idle in transaction%'"};
    EXPECT_EQ(query(*pool, open_transactions)[0].integer(0), 0);
}

TEST_F(Outage, ACancelledWaiterLosesNothing) {
    auto const pool = open(one_connection());
    net::Event release(io.get_executor());
    Ending holder;
    hold(*pool, release, holder);
    run_until([&] { return held == 1; });
    boost::asio::cancellation_signal stop;
    Ending waiter;
    boost::asio::co_spawn(
        io, observe(discard(pool->query(TenantScope::engine(), count_items, {})), waiter),
        boost::asio::bind_cancellation_slot(stop.slot(), boost::asio::detached));
    drain(3);
    // Cancelled in the very turn in which it is its turn.
    release.notify();
    run_until([&] { return holder.done; });
    stop.emit(boost::asio::cancellation_type::terminal);
    run_until([&] { return waiter.done; });
    EXPECT_EQ(count(*pool), 0);
}

TEST_F(Outage, AClosedPoolRefusesAndTellsThoseWhoWait) {
    auto const pool = open(one_connection());
    net::Event release(io.get_executor());
    Ending holder;
    hold(*pool, release, holder);
    run_until([&] { return held == 1; });
    Ending waiter;
    start(pool->query(TenantScope::engine(), count_items, {}), waiter);
    drain(2);
    pool->close();
    run_until([&] { return waiter.done; });
    EXPECT_NE(waiter.unavailable.find("closed"), std::string::npos);
    EXPECT_THROW(query(*pool, count_items), PgUnavailable);
    // What is under way may end.
    release.notify();
    run_until([&] { return holder.done; });
    EXPECT_TRUE(holder.well());
}

}  // namespace
}  // namespace obscura::store::test
