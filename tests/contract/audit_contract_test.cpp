// AuditLog, and the rows that the stores' own changes leave in it.
#include "store_world.hpp"

namespace obscura::test {
namespace {

using namespace std::chrono_literals;

class Audit : public StoreContract {
protected:
    /// "actor action subject" of all rows of a tenant, oldest first.
    std::vector<std::string> rows(std::optional<model::TenantId> of = {},
                                  std::optional<std::string> action = {}) {
        std::vector<std::string> out;
        ports::AuditFilter const filter{.tenant = of, .action = action};
        for (auto const& entry : await(world->audit().list(filter, {.limit = 100})))
            out.insert(out.begin(), entry.actor + " " + entry.action + " " + entry.subject);
        return out;
    }
    /// How many a change added.
    template <class Change>
    std::string added(Change change) {
        auto const before = rows(tenant);
        clock += 1ms;
        change();
        auto const after = rows(tenant);
        std::string out;
        for (auto i = before.size(); i < after.size(); ++i)
            out += (out.empty() ? "" : ", ") + after[i].substr(7, after[i].rfind(':') - 7);
        return out;
    }
};

TEST_P(Audit, TellsWhoDidWhatToWhom) {
    auto const made = await(world->audit().list({.tenant = tenant}, {.limit = 100}));
    ASSERT_EQ(made.size(), 3U) << "the tenant and its two users";
    auto const& first = made.back();
    EXPECT_EQ(first.tenant, tenant);
    EXPECT_EQ(first.actor, "system");
    EXPECT_EQ(first.action, "tenant.create");
    EXPECT_EQ(first.subject, "tenant:" + tenant.to_string());
    EXPECT_EQ(rows(other_tenant).size(), 2U);
    EXPECT_EQ(rows({}, "user.register").size(), 3U);
    EXPECT_EQ(rows(tenant, "user.erase").size(), 0U);
    EXPECT_EQ(await(world->audit().list({.actor = "nobody"}, {})).size(), 0U);
}

TEST_P(Audit, IsReadPageByPageNewestFirst) {
    auto const first = await(world->audit().list({}, {.limit = 2}));
    ASSERT_EQ(first.size(), 2U);
    auto const rest = await(world->audit().list({}, {.before = first[1].id, .limit = 100}));
    EXPECT_EQ(rest.size(), 3U);
    EXPECT_LT(first[1].id, first[0].id);
    EXPECT_LT(rest[0].id, first[1].id);
}

TEST_P(Audit, EveryChangeOfKeysLeavesARowAndNothingElseDoes) {
    ports::ApiKeyRecord key{.id = new_id<model::ApiKeyId>(),
                            .tenant = tenant,
                            .public_id = "pub1",
                            .name = "server",
                            .secret_mac = std::string(32, 'm'),
                            .created_at = clock};
    auto next = key;
    next.id = new_id<model::ApiKeyId>();
    next.public_id = "pub2";
    auto& keys = world->api_keys();
    EXPECT_EQ(added([&] { (void)await(keys.create(key, by())); }), "api_key.create api_key");
    EXPECT_EQ(added([&] { (void)await(keys.create(key, by())); }), "") << "it was there";
    EXPECT_EQ(added([&] { (void)await(keys.rotate(key.id, clock, next, by())); }),
              "api_key.rotate api_key");
    EXPECT_EQ(added([&] { (void)await(keys.rotate(key.id, clock, next, by())); }), "");
    EXPECT_EQ(added([&] { (void)await(keys.revoke(tenant, next.id, clock, by())); }),
              "api_key.revoke api_key");
    EXPECT_EQ(added([&] { (void)await(keys.revoke(tenant, next.id, clock, by())); }), "");
    EXPECT_EQ(added([&] { (void)await(keys.revoke(tenant, {}, clock, by())); }), "");
    ports::TenantRecord const taken{
        .id = new_id<model::TenantId>(), .slug = "alpha", .created_at = clock};
    auto const before = rows().size();
    (void)await(world->tenants().create(taken, by()));
    EXPECT_EQ(rows().size(), before) << "a change that fails leaves none";
}

TEST_P(Audit, ConnectionsPoolsAndSessionsLeaveRows) {
    auto const connection = connection_record(user);
    auto& connections = world->connections();
    EXPECT_EQ(added([&] { (void)await(connections.create(connection, by())); }),
              "connection.add connection");
    EXPECT_EQ(
        added([&] { (void)await(connections.remove(tenant, user, connection.id, clock, by())); }),
        "connection.remove connection");
    auto const pool = pool_record(ports::PoolKind::curated);
    auto& pools = world->pools();
    auto const become = [&](ports::PoolStatus to) {
        return added([&] { (void)await(pools.set_status(tenant, pool.id, to, by())); });
    };
    EXPECT_EQ(added([&] { (void)await(pools.create(pool, by())); }), "pool.create pool");
    EXPECT_EQ(become(ports::PoolStatus::active), "pool.activate pool");
    EXPECT_EQ(become(ports::PoolStatus::active), "") << "it was";
    EXPECT_EQ(become(ports::PoolStatus::paused), "pool.pause pool");
    EXPECT_EQ(added([&] { (void)await(pools.change(tenant, pool.id, {.name = "Other"}, by())); }),
              "pool.change pool");
    EXPECT_EQ(become(ports::PoolStatus::archived), "pool.archive pool");
    EXPECT_EQ(become(ports::PoolStatus::active), "") << "refused";
    auto const id = new_id<model::UserId>().value;
    ports::RefreshToken token{.id = id,
                              .tenant = tenant,
                              .user = user,
                              .family = id,
                              .hash = std::string(32, 'a'),
                              .issued_at = clock,
                              .expires_at = clock + 24h};
    auto next = token;
    next.id = new_id<model::UserId>().value;
    next.hash = std::string(32, 'b');
    auto& sessions = world->refresh_tokens();
    EXPECT_EQ(added([&] { await(sessions.issue(token, 20, by())); }), "session.start user");
    EXPECT_EQ(added([&] { (void)await(sessions.rotate(token.hash, next, by())); }), "");
    EXPECT_EQ(added([&] { (void)await(sessions.rotate(token.hash, next, by())); }),
              "session.reuse user");
    token.hash = std::string(32, 'c');
    token.id = token.family = new_id<model::UserId>().value;
    await(sessions.issue(token, 20, by()));
    EXPECT_EQ(added([&] { await(sessions.revoke_family(token.hash, by())); }), "session.end user");
    EXPECT_EQ(added([&] { await(sessions.revoke_family(token.hash, by())); }), "");
    EXPECT_EQ(added([&] {
                  (void)await(world->users().erase(tenant, user, ports::HeldPositions::refuse,
                                                   clock, by()));
              }),
              "user.erase user");
}

TEST_P(Audit, FailedLoginsAreCountedByTheQuarterOfAnHour) {
    auto const quarter = clock - clock.time_since_epoch() % 15min + 15min;
    auto const fail = [&](std::string subject, base::Timestamp at) {
        await(world->audit().failed_login(tenant, subject, "192.0.2.7", at));
    };
    for (int i = 0; i < 5; ++i) fail("user:a", quarter + std::chrono::minutes(i));
    fail("nobody", quarter);
    auto const found = await(world->audit().list({.action = "login.failed"}, {}));
    ASSERT_EQ(found.size(), 2U);
    auto const& counted = found[found[0].subject == "user:a" ? 0 : 1];
    EXPECT_EQ(counted.detail["count"].to_int64(), 5);
    EXPECT_EQ(counted.detail["last_network"].to_text(), "192.0.2.7");
    EXPECT_EQ(counted.actor, "anonymous");
    EXPECT_EQ(counted.at, quarter);
    fail("user:a", quarter + 15min);
    EXPECT_EQ(rows(tenant, "login.failed").size(), 3U);
    await(world->audit().failed_login({}, "nobody", "192.0.2.7", quarter));
    EXPECT_EQ(rows(model::TenantId{}).size(), 1U) << "at a tenant that does not exist";
}

INSTANTIATE_TEST_SUITE_P(On, Audit, ::testing::ValuesIn(store_worlds()),
                         [](auto const& info) { return info.param.name; });

}  // namespace
}  // namespace obscura::test
