#include "copies_fixture.hpp"

#include "net/runtime.hpp"
#include "support/run_until.hpp"

namespace obscura::store::test {
namespace {

using LeaseStoreTest = CopiesTest;

TEST_F(LeaseStoreTest, OneOwnerAndARisingEpoch) {
    EXPECT_EQ(epoch, 1);
    EXPECT_EQ(acquire("another"), std::nullopt);
    EXPECT_TRUE(run(io, leases.renew("conductor", 1, 60s)));
    EXPECT_EQ(acquire("me"), 2);  // a restart fences the process before it
    EXPECT_FALSE(run(io, leases.renew("conductor", 1, 60s)));
    EXPECT_TRUE(run(io, leases.renew("conductor", 2, 60s)));
    EXPECT_EQ(acquire("another"), std::nullopt);
}

TEST_F(LeaseStoreTest, AnExpiredOrReleasedLeaseIsTaken) {
    sql("UPDATE leases SET expires_at = now() - interval '1 second'");
    EXPECT_EQ(acquire("another"), 2);
    EXPECT_EQ(acquire("me"), std::nullopt);
    run(io, leases.release("conductor", 1));  // of an older epoch: nothing happens
    EXPECT_EQ(acquire("me"), std::nullopt);
    run(io, leases.release("conductor", 2));
    sql("SELECT pg_sleep(0.001)");
    EXPECT_EQ(acquire("me"), 3);
}

net::Task<void> hold(PgPool& pool, ports::Epoch epoch, std::function<net::Task<void>()> inside) {
    std::function<net::Task<void>(PgTransaction&)> body =
        [epoch, &inside](PgTransaction& tx) -> net::Task<void> {
        co_await hold_epoch(tx, conductor_lease, epoch);
        co_await inside();
    };
    co_await pool.transaction(TenantScope::engine(), body);
}

TEST_F(LeaseStoreTest, AnOlderEpochIsFenced) {
    auto const nothing = []() -> net::Task<void> { co_return; };
    EXPECT_NO_THROW(run(io, hold(database, 1, nothing)));
    EXPECT_THROW(run(io, hold(database, 2, nothing)), ports::Fenced);
    EXPECT_EQ(acquire("me"), 2);
    EXPECT_THROW(run(io, hold(database, 1, nothing)), ports::Fenced);
}

// While a transaction holds the epoch the lease is renewed, and not taken.
TEST_F(LeaseStoreTest, AHeldEpochIsRenewedAndNotTaken) {
    std::optional<bool> renewed;
    std::optional<std::optional<ports::Epoch>> taken;
    bool released = false;
    run(io, hold(database, 1, [&]() -> net::Task<void> {
            renewed = co_await leases.renew("conductor", 1, 60s);
            boost::asio::co_spawn(io, keep(leases.acquire("conductor", "me", 60s), taken),
                                  boost::asio::detached);
            auto const waiting =
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE wait_event_type = 'Lock' AND datname = current_database()";
            while (sql(waiting) == "0" && !taken) co_await net::sleep_for(1ms);
            EXPECT_FALSE(taken);
            released = true;
        }));
    EXPECT_EQ(renewed, true);
    EXPECT_TRUE(released);
    obscura::test::run_until(io, [&] { return taken.has_value(); });
    EXPECT_EQ(*taken, 2);
}

}  // namespace
}  // namespace obscura::store::test
