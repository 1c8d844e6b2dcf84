#include "database.hpp"

namespace obscura::store::test {
namespace {

constexpr Statement insert_item{"insert_item", "INSERT INTO items (id, label) VALUES ($1, $2)"};
constexpr Statement count_items{"count_items", "SELECT count(*) FROM items"};
constexpr Statement label_of{"label_of", "SELECT label FROM items WHERE id = $1"};
constexpr Statement broken{"broken", "SELECT nonsense FROM nowhere"};

/// One table, one connection: what a failed user leaves behind meets the next one.
class Pool : public Database {
protected:
    Pool() {
        name = server.create_empty_database("pool");
        server.execute(name,
                       "CREATE TABLE items (id int PRIMARY KEY, label text, "
                       "twin int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
        auto settings = config();
        settings.connections = 1;
        pool = open(settings);
    }
    std::int64_t count() { return query(*pool, count_items)[0].integer(0); }
    static Params item(int id, std::string_view label = "x") {
        Params params;
        params.add(id).add(label);
        return params;
    }
    /// The error with which `body` comes out.
    PgError refusal(Body body) {
        try {
            transact(*pool, std::move(body));
        } catch (PgError const& e) {
            return e;
        }
        ADD_FAILURE() << "nothing was refused";
        return {"", "", ""};
    }
    std::unique_ptr<PgPool> pool;
};

TEST_F(Pool, ValuesSurviveTheRoundTrip) {
    static constexpr Statement echo{
        "echo",
        "SELECT $1::text, $2::bigint, $3::boolean, $4::numeric, $5::uuid, $6::timestamptz, "
        "$7::bytea, $8::text[], $9::text, now() - interval '1 day' < now()"};
    auto const id = *base::parse_uuid("0190163d-8694-739b-aea5-966c26f8ad91");
    auto const at = base::from_unix_us(1'709'208'000'123'456);
    std::string const bytes("\0\r\n\\x'\xff", 7);
    Params params;
    params.add("l\r\n'\"\\é").add(std::numeric_limits<std::int64_t>::min()).add(true);
    params.add(*base::Decimal::parse("-12345.000000000001")).add(id).add(at).add_bytes(bytes);
    params.add_array({"a,b", "\"q\"", "\\", "", "NULL", "{}"}).add_null();
    auto const result = query(*pool, echo, params);
    ASSERT_EQ(result.size(), 1);
    auto const row = result[0];
    EXPECT_EQ(row.text(0), "l\r\n'\"\\é");
    EXPECT_EQ(row.integer(1), std::numeric_limits<std::int64_t>::min());
    EXPECT_TRUE(row.boolean(2));
    EXPECT_EQ(row.decimal(3), *base::Decimal::parse("-12345.000000000001"));
    EXPECT_EQ(row.uuid(4), id);
    EXPECT_EQ(row.timestamp(5), at);
    EXPECT_EQ(row.bytes(6), bytes);
    EXPECT_EQ(row.text_array(7),
              (std::vector<std::string>{"a,b", "\"q\"", "\\", "", "NULL", "{}"}));
    EXPECT_TRUE(row.is_null(8));
    EXPECT_TRUE(row.boolean(9));
}

TEST_F(Pool, TheSessionIsSetUp) {
    static constexpr Statement settings{
        "settings",
        "SELECT current_setting('TimeZone'), current_setting('statement_timeout'), "
        "current_setting('application_name'), current_setting('client_encoding')"};
    auto const result = query(*pool, settings);
    EXPECT_EQ(result[0].text(0), "UTC");
    EXPECT_EQ(result[0].text(1), "10s");
    EXPECT_EQ(result[0].text(2), "obscura");
    EXPECT_EQ(result[0].text(3), "UTF8");
}

TEST_F(Pool, ATransactionCommitsOrLeavesNothing) {
    transact(*pool, [](PgTransaction& t) -> net::Task<void> {
        t.send(insert_item, item(1));
        auto const inserted = co_await t.run(insert_item, item(2));
        EXPECT_EQ(inserted.affected(), 1);
        auto const inside = co_await t.run(count_items, {});
        EXPECT_EQ(inside[0].integer(0), 2);
    });
    EXPECT_EQ(count(), 2);
    EXPECT_THROW(transact(*pool,
                          [](PgTransaction& t) -> net::Task<void> {
                              static_cast<void>(co_await t.run(insert_item, item(3)));
                              throw std::domain_error("the body's own");
                          }),
                 std::domain_error);
    EXPECT_EQ(count(), 2);
}

TEST_F(Pool, ARefusedStatementNamesItselfAndThePoolStaysUsable) {
    auto const error = refusal([](PgTransaction& t) -> net::Task<void> {
        t.send(insert_item, item(1));
        t.send(insert_item, item(1, "hunter2"));
        static_cast<void>(co_await t.run(count_items, {}));
        ADD_FAILURE() << "a result after an error";
    });
    EXPECT_TRUE(error.is_unique_violation());
    EXPECT_EQ(error.constraint, "items_pkey");
    EXPECT_EQ(std::string(error.what()).find("insert_item: "), 0U) << error.what();
    EXPECT_EQ(std::string(error.what()).find("hunter2"), std::string::npos) << error.what();
    EXPECT_EQ(count(), 0);
}

TEST_F(Pool, ASentStatementsErrorComesOutOfTheCommit) {
    auto const error = refusal([](PgTransaction& t) -> net::Task<void> {
        t.send(insert_item, item(1));
        t.send(broken, {});
        t.send(insert_item, item(2));
        co_return;
    });
    EXPECT_EQ(error.sqlstate, "42P01");
    EXPECT_EQ(std::string(error.what()).find("broken: "), 0U) << error.what();
    EXPECT_EQ(count(), 0);
    // What failed to be prepared, or was skipped, is not taken for prepared.
    EXPECT_THROW(query(*pool, broken), PgError);
    EXPECT_EQ(query(*pool, insert_item, item(2)).affected(), 1);
}

TEST_F(Pool, ABodyThatSwallowsTheErrorDoesNotCommit) {
    auto const error = refusal([](PgTransaction& t) -> net::Task<void> {
        t.send(insert_item, item(1));
        try {
            static_cast<void>(co_await t.run(broken, {}));
        } catch (PgError const&) {
        }
    });
    EXPECT_EQ(error.sqlstate, "42P01");
    EXPECT_EQ(count(), 0);
}

TEST_F(Pool, ACommitThatFailsRaises) {
    static constexpr Statement twins{"twins", "INSERT INTO items (id, twin) VALUES (7, 1), (8, 1)"};
    auto const error = refusal(
        [](PgTransaction& t) -> net::Task<void> { static_cast<void>(co_await t.run(twins, {})); });
    EXPECT_TRUE(error.is_unique_violation());
    EXPECT_EQ(error.constraint, "items_twin_key");
    EXPECT_EQ(count(), 0);
    // The implicit commit of a single statement happens at the sync.
    EXPECT_THROW(query(*pool, twins), PgError);
    EXPECT_THROW(query(*pool, twins, {}, TenantScope::of(base::Uuid{})), PgError);
    EXPECT_EQ(count(), 0);
}

TEST_F(Pool, ATransactionThatFailedUnseenDoesNotPassForCommitted) {
    // A script ends in an error that its own exception handler does not hide, but the body does.
    auto const error = refusal([](PgTransaction& t) -> net::Task<void> {
        try {
            co_await t.execute_script("INSERT INTO items (id) VALUES (1); SELECT 1/0;");
        } catch (PgError const&) {
        }
    });
    EXPECT_EQ(error.sqlstate, "22012");
    EXPECT_EQ(count(), 0);
}

TEST_F(Pool, WhatIsAskedTogetherIsAnsweredInAnyOrder) {
    transact(*pool, [](PgTransaction& t) -> net::Task<void> {
        auto const first = t.ask(insert_item, item(1, "one"));
        t.send(insert_item, item(2, "two"));
        auto const label = t.ask(label_of, Params().add(2));
        auto const all = t.ask(count_items, {});
        auto const counted = co_await t.answer(all);
        EXPECT_EQ(counted[0].integer(0), 2);
        auto const told = co_await t.answer(label);
        EXPECT_EQ(told[0].text(0), "two");
        auto const inserted = co_await t.answer(first);
        EXPECT_EQ(inserted.affected(), 1);
    });
    EXPECT_EQ(count(), 2);
}

TEST_F(Pool, NothingThatIsAskedBehindAnErrorIsAnswered) {
    auto const error = refusal([](PgTransaction& t) -> net::Task<void> {
        auto const fine = t.ask(count_items, {});
        auto const bad = t.ask(broken, {});
        auto const behind = t.ask(count_items, {});
        EXPECT_THROW((void)co_await t.answer(behind), PgError);
        EXPECT_THROW((void)co_await t.answer(bad), PgError);
        EXPECT_THROW((void)co_await t.answer(fine), PgError) << "the transaction is lost";
    });
    EXPECT_EQ(error.sqlstate, "42P01");
    EXPECT_EQ(count(), 0);
}

TEST_F(Pool, FixedPlansGoByAnIndex) {
    static constexpr Statement plan{
        "plan",
        "SELECT current_setting('plan_cache_mode'), current_setting('enable_seqscan'), "
        "current_setting('jit')"};
    EXPECT_EQ(query(*pool, plan)[0].text(0), "auto");
    EXPECT_EQ(query(*pool, plan)[0].text(1), "on");
    EXPECT_EQ(query(*pool, plan)[0].text(2), "on") << "the server's own";
    auto settings = config();
    settings.fixed_plans = true;
    auto const fixed = open(settings);
    EXPECT_EQ(query(*fixed, plan)[0].text(0), "force_generic_plan");
    EXPECT_EQ(query(*fixed, plan)[0].text(1), "off");
    EXPECT_EQ(query(*fixed, plan)[0].text(2), "off");
}

TEST_F(Pool, ATransactionLeftOpenLosesItsLocks) {
    auto settings = config();
    settings.idle_in_transaction = 200ms;
    auto const sleeper = open(settings);
    // It holds the row and says nothing more, as a process that is stopped between two statements;
    // on the same loop, another owner of the row goes on once the server has ended it.
    try {
        transact(*sleeper, [this](PgTransaction& t) -> net::Task<void> {
            static_cast<void>(co_await t.run(insert_item, item(1)));
            static_cast<void>(
                co_await pool->query(TenantScope::engine(), insert_item, item(1, "successor")));
            static_cast<void>(co_await t.run(count_items, {}));
            ADD_FAILURE() << "the sleeper goes on as if nothing had happened";
        });
        ADD_FAILURE() << "the sleeper committed";
    } catch (PgUnavailable const&) {
    }
    EXPECT_EQ(query(*pool, label_of, Params().add(1))[0].text(0), "successor");
    EXPECT_EQ(query(*sleeper, count_items)[0].integer(0), 1) << "the next one connects anew";
}

TEST_F(Pool, AScriptRunsManyStatementsInsideTheTransaction) {
    transact(*pool, [](PgTransaction& t) -> net::Task<void> {
        t.send(insert_item, item(1));
        co_await t.execute_script("INSERT INTO items (id) VALUES (2); SELECT 1; SELECT 2;");
        static_cast<void>(co_await t.run(insert_item, item(3)));
    });
    EXPECT_EQ(count(), 3);
    EXPECT_EQ(refusal([](PgTransaction& t) -> net::Task<void> {
                  co_await t.execute_script("INSERT INTO items (id) VALUES (4); ROLLBACK;");
              }).sqlstate,
              "25000");
    EXPECT_EQ(count(), 3);
}

TEST_F(Pool, DataExceptionsDoNotQuoteTheParameter) {
    static constexpr Statement cast{"cast", "SELECT $1::text::uuid"};
    try {
        query(*pool, cast, Params().add("hunter2"));
        FAIL();
    } catch (PgError const& e) {
        EXPECT_EQ(e.sqlstate, "22P02");
        EXPECT_EQ(std::string(e.what()).find("hunter2"), std::string::npos) << e.what();
    }
}

TEST_F(Pool, AStatementIsPreparedOnce) {
    static constexpr Statement prepared{
        "prepared", "SELECT count(*) FROM pg_prepared_statements WHERE name = 'label_of'"};
    for (int i = 0; i < 3; ++i) query(*pool, label_of, Params().add(i));
    EXPECT_EQ(query(*pool, prepared)[0].integer(0), 1);
}

TEST_F(Pool, OneNameForTwoTextsIsABug) {
    query(*pool, label_of, Params().add(1));
    EXPECT_THROW(query(*pool, {"label_of", "SELECT 1"}), std::logic_error);
    EXPECT_EQ(count(), 0);
}

TEST_F(Pool, AChangedTableCostsOneErrorAndNotThePool) {
    static constexpr Statement all{"all_items", "SELECT * FROM items"};
    query(*pool, all);
    server.execute(name, "ALTER TABLE items ADD COLUMN more int");
    try {
        query(*pool, all);
        ADD_FAILURE() << "the plan should no longer fit";
    } catch (PgError const& e) {
        EXPECT_EQ(e.sqlstate, "0A000");
    }
    EXPECT_EQ(query(*pool, all).size(), 0);
}

TEST_F(Pool, TheTenantLivesInTheTransactionOnly) {
    static constexpr Statement tenant{"tenant", "SELECT current_setting('app.tenant_id', true)"};
    auto const id = *base::parse_uuid("0190163d-8694-739b-aea5-966c26f8ad91");
    EXPECT_EQ(query(*pool, tenant, {}, TenantScope::of(id))[0].text(0), id.to_string());
    EXPECT_EQ(query(*pool, tenant)[0].text(0), "");
    transact(
        *pool,
        [&](PgTransaction& t) -> net::Task<void> {
            auto const inside = co_await t.run(tenant, {});
            EXPECT_EQ(inside[0].text(0), id.to_string());
        },
        TenantScope::of(id));
    EXPECT_EQ(query(*pool, tenant)[0].text(0), "");
}

TEST_F(Pool, LargeBatchesGoBothWays) {
    // Far more than both socket buffers hold: neither side may wait for the other to read.
    static constexpr Statement big{"big", "SELECT $1::text || $1::text"};
    std::string const megabyte(1 << 20, 'x');
    transact(*pool, [&](PgTransaction& t) -> net::Task<void> {
        for (int i = 0; i < 20; ++i) t.send(big, Params().add(megabyte));
        auto const last = co_await t.run(big, Params().add(megabyte));
        EXPECT_EQ(last[0].text(0).size(), 2U << 20);
        for (int i = 0; i < 5'000; ++i) t.send(insert_item, item(i));
    });
    EXPECT_EQ(count(), 5'000);
}

TEST_F(Pool, StatementsAndErrorsAreMeasured) {
    count();
    EXPECT_THROW(query(*pool, broken), PgError);
    auto const text = metrics.expose();
    EXPECT_TRUE(text.contains("obscura_pg_statement_seconds_count{statement=\"count_items\"} 1\n"))
        << text;
    EXPECT_EQ(metrics
                  .counter("obscura_pg_errors_total", "",
                           {{"statement", "broken"}, {"sqlstate", "42P01"}})
                  .value(),
              1);
}

}  // namespace
}  // namespace obscura::store::test
