// Rows that must not reach one another: of other tenants, other users, and test and live keys.
#include "base/random.hpp"
#include "database.hpp"
#include "store/connection_store.hpp"
#include "store/idempotency_store.hpp"
#include "store/refresh_token_store.hpp"
#include "store/signal_store.hpp"
#include "store/user_store.hpp"

namespace obscura::store::test {
namespace {

base::Uuid uuid(std::string const& last) {
    return *base::parse_uuid("0190163d-8694-739b-aea5-966c26f8ad" + last);
}
std::string quoted(base::Uuid const& id) { return "'" + id.to_string() + "'"; }

/// Tenants a and b, each with a user, a connection, a trader and a partner pool; ids end in 1 to 4.
class Tenancy : public Database {
protected:
    Tenancy() {
        name = server.create_database("tenancy");
        for (auto const* of : {"a", "b"}) make_tenant(of);
        app = open(config("obscura_app"));
        engine = open(config("obscura_engine"));
    }
    void make_tenant(std::string const& of) {
        auto const id = [&](char const* last) { return quoted(uuid(of + last)); };
        auto const tenant = id("0");
        add("tenants (tenant_id, slug, name, kind)", tenant + ", 'tenant-" + of + "', 'n', 'b2b'");
        add("users (id, tenant_id, email, password_hash)",
            id("1") + ", " + tenant + ", 'u@example.org', 'x'");
        add("exchange_connections (id, tenant_id, user_id, venue, environment, purpose, label, "
            "credentials)",
            id("2") + ", " + tenant + ", " + id("1") + ", 'binance', 'paper', 'lead', 'l', '{}'");
        add("traders (id, tenant_id, user_id, connection_id, display_name)",
            id("3") + ", " + tenant + ", " + id("1") + ", " + id("2") + ", 'd'");
        add_pool(of, "4", "partner");
    }
    void add_pool(std::string const& of, std::string const& last, std::string const& kind) {
        add("pools (id, tenant_id, kind, name, owner_user_id, status)",
            quoted(uuid(of + last)) + ", " + quoted(uuid(of + "0")) + ", '" + kind + "', 'p', " +
                quoted(uuid(of + "1")) + ", 'active'");
    }
    void add(std::string const& into, std::string const& values) {
        server.execute(name, "INSERT INTO " + into + " VALUES (" + values + ")");
    }
    /// The SQLSTATE of a statement of the application in the name of tenant a; "" when it works.
    std::string state_in_a(Statement const& statement, Params params) {
        try {
            query(*app, statement, std::move(params), TenantScope::of(uuid("a0")));
        } catch (PgError const& e) {
            return e.sqlstate;
        }
        return "";
    }
    std::string subscription(char const* pool, char const* connection, char const* last) {
        static constexpr Statement insert{"subscribe", R"(
            INSERT INTO subscriptions (id, tenant_id, pool_id, user_id, connection_id, mode,
                                       total_investment_usd)
            VALUES ($1, $2, $3, $4, $5, 'fixed_amount', 100))"};
        auto params = Params().add(uuid(last)).add(uuid("a0")).add(uuid(pool));
        return state_in_a(insert, params.add(uuid("a1")).add(uuid(connection)));
    }
    std::string pool_trader(char const* pool, char const* trader) {
        static constexpr Statement insert{
            "pool_trader",
            "INSERT INTO pool_traders (pool_id, trader_id, tenant_id) VALUES ($1, $2, $3)"};
        return state_in_a(insert, Params().add(uuid(pool)).add(uuid(trader)).add(uuid("a0")));
    }

    std::unique_ptr<PgPool> app;
    std::unique_ptr<PgPool> engine;
    base::ManualClock clock{base::from_unix_ms(1'790'000'000'000)};
    base::SeededRandom random{1};
};

TEST_F(Tenancy, ASubscriptionPointsAtWhatItsTenantSeesAndItsUserOwns) {
    EXPECT_EQ(subscription("b4", "a2", "c1"), "42501") << "another tenant's partner pool";
    EXPECT_EQ(subscription("a4", "b2", "c2"), "42501") << "another tenant's connection";
    EXPECT_EQ(subscription("a4", "a2", "c3"), "");
    add_pool("b", "5", "curated");
    EXPECT_EQ(subscription("b5", "a2", "c4"), "") << "curated pools are everybody's";
}

TEST_F(Tenancy, APoolNamesTradersOfItsOwnTenant) {
    EXPECT_EQ(pool_trader("a4", "b3"), "42501");
    EXPECT_EQ(pool_trader("b4", "a3"), "42501");
    EXPECT_EQ(pool_trader("a4", "a3"), "");
}

class SignalsOfKeys : public Tenancy {
protected:
    base::Result<ports::SignalStore::Accepted> send(bool is_test, std::string const& body,
                                                    char const* pool = "a4") {
        auto request = model::signal_request_from_json(*base::parse_json(body));
        ports::Caller caller{.tenant = model::TenantId{uuid("a0")}, .is_test_key = is_test};
        return run(io, store.accept(caller, model::PoolId{uuid(pool)}, *request,
                                    model::SignalSource::rest));
    }
    PgSignalStore store{*engine, clock, random};
};

TEST_F(SignalsOfKeys, StayOutOfUsersOwnPoolsAndOtherTenants) {
    add_pool("a", "5", "custom");
    constexpr auto const* buy = R"({"symbol":"BTCUSDT","side":"buy","quantity":"1"})";
    for (auto const* pool : {"a5", "b4"}) {
        auto const refused = send(false, buy, pool);
        ASSERT_FALSE(refused) << pool;
        EXPECT_EQ(refused.error().code, base::Errc::not_found);
    }
    EXPECT_TRUE(send(false, buy));
}

TEST_F(SignalsOfKeys, OfTestKeysLeaveLiveOnesAlone) {
    constexpr auto const* buy =
        R"({"symbol":"BTCUSDT","side":"buy","quantity":"1000","external_trade_id":"7"})";
    auto const rehearsed = send(true, buy);
    ASSERT_TRUE(rehearsed);
    auto const live = send(false, buy);
    ASSERT_TRUE(live);
    EXPECT_FALSE(live->answer.was_known) << "a rehearsal must not swallow the real signal";
    EXPECT_NE(live->answer.id, rehearsed->answer.id);
    EXPECT_EQ(live->signal.leader_before, base::Quantity{}) << "test positions are no live ones";
    EXPECT_TRUE(send(false, buy)->answer.was_known);
    EXPECT_TRUE(send(true, buy)->answer.was_known);
}

class Forgetting : public Tenancy {
protected:
    static ports::IdempotencyKey key(std::string const& text) {
        return {.tenant = model::TenantId{uuid("a0")},
                .caller = "anonymous",
                .route = "POST /auth/register",
                .key = text};
    }
    void answer(std::string const& text, std::string const& body) {
        run(io, store.begin(key(text), "m", clock.now()));
        run(io, store.finish(key(text), clock.now(), 201, body));
    }
    ports::AuditStamp by() {
        return {
            .id = base::make_uuid_v7(clock.now(), random), .actor = "system", .at = clock.now()};
    }
    std::string kept() {
        return server.execute(name,
                              "SELECT coalesce(string_agg(key, ' ' ORDER BY key), '') "
                              "FROM idempotency_keys");
    }
    base::SeededRandom random{5};
    PgIdempotencyStore store{*app};
};

TEST_F(Forgetting, OldAnswersGoAsNewOnesCome) {
    for (auto const* text : {"1", "2"}) answer(text, "{}");
    clock.advance(24h);
    answer("3", "{}");
    EXPECT_EQ(kept(), "1 2 3") << "not before their time and an hour";
    clock.advance(2h);
    answer("4", "{}");
    EXPECT_EQ(kept(), "3 4");
}

TEST_F(Forgetting, SessionsThatAreOverGoAsNewOnesCome) {
    add("users (id, tenant_id, email, password_hash)",
        quoted(uuid("a9")) + ", " + quoted(uuid("a0")) + ", 'v@example.org', 'x'");
    PgRefreshTokenStore sessions(*app);
    auto const session = [&](char hash, std::string const& user) {
        run(io, sessions.issue({.id = uuid(std::string("f") + hash),
                                .tenant = model::TenantId{uuid("a0")},
                                .user = model::UserId{uuid(user)},
                                .family = uuid(std::string("f") + hash),
                                .hash = std::string(32, hash),
                                .issued_at = clock.now(),
                                .expires_at = clock.now() + 1h},
                               20, by()));
    };
    auto const left = [&] {
        return server.execute(name,
                              "SELECT string_agg(chr(get_byte(token_hash, 0)), ' ' ORDER BY "
                              "token_hash) FROM refresh_tokens");
    };
    for (char const hash : {'1', '2', '3'}) session(hash, "a1");
    run(io, sessions.revoke_family(std::string(32, '2'), by()));
    session('4', "a1");
    EXPECT_EQ(left(), "1 3 4") << "one that was ended";
    clock.advance(2h);
    session('5', "a9");
    EXPECT_EQ(left(), "5") << "those of a user who does not come back";
}

TEST_F(Forgetting, AChangeWithoutItsAuditRowDoesNotHappen) {
    PgConnectionStore connections(*app);
    auto const stamp = by();
    auto const connect = [&](std::string const& last) {
        run(io, connections.create({.id = model::ConnectionId{uuid(last)},
                                    .tenant = model::TenantId{uuid("a0")},
                                    .user = model::UserId{uuid("a1")},
                                    .venue = "binance",
                                    .label = "l",
                                    .created_at = clock.now()},
                                   stamp));
    };
    connect("c1");
    EXPECT_THROW(connect("c2"), PgError) << "the row is there already";
    EXPECT_EQ(server.execute(name,
                             "SELECT string_agg(right(id::text, 2), ' ' ORDER BY id) FROM "
                             "exchange_connections WHERE label = 'l' AND credentials = '{}' "
                             "AND right(id::text, 2) LIKE 'c_'"),
              "c1");
}

TEST_F(Forgetting, AnErasedUserIsInNoStoredAnswer) {
    auto const user = uuid("a1");
    answer("theirs", R"({"user":{"id":")" + user.to_string() + R"(","email":"u@example.org"}})");
    answer("other", R"({"user":{"id":")" + uuid("b1").to_string() + R"("}})");
    PgUserStore users(*app);
    auto const erased = run(io, users.erase(model::TenantId{uuid("a0")}, model::UserId{user},
                                            ports::HeldPositions::refuse, clock.now(), by()));
    ASSERT_TRUE(erased);
    EXPECT_EQ(kept(), "other");
}

}  // namespace
}  // namespace obscura::store::test
