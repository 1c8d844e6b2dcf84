// TenantStore, ApiKeyStore, UserStore, RefreshTokenStore: what every implementation holds to.
#include "store_world.hpp"

namespace obscura::test {
namespace {

using namespace std::chrono_literals;
using ports::ApiKeyStore;

class Tenants : public StoreContract {};

TEST_P(Tenants, IsFoundByIdAndSlug) {
    auto const found = await(world->tenants().find(tenant));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->slug, "alpha");
    EXPECT_EQ(found->name, "The alpha");
    EXPECT_TRUE(found->is_active);
    EXPECT_EQ(found->created_at.time_since_epoch().count() % 1000, 0);
    EXPECT_EQ(await(world->tenants().by_slug("beta")), other_tenant);
    EXPECT_FALSE(await(world->tenants().by_slug("gamma")));
    EXPECT_FALSE(await(world->tenants().find(new_id<model::TenantId>())));
}

TEST_P(Tenants, KeepsItsSettings) {
    ports::TenantRecord record{.id = new_id<model::TenantId>(), .slug = "delta", .name = "D"};
    record.settings = *base::parse_json(R"({"rate_limits": {"general_per_min": 6000}})");
    record.created_at = clock;
    ASSERT_TRUE(await(world->tenants().create(record, by())));
    auto const found = await(world->tenants().find(record.id));
    EXPECT_EQ(found->settings["rate_limits"]["general_per_min"].to_int64(), 6000);
}

TEST_P(Tenants, RefusesASlugTwiceButKnowsItsOwn) {
    ports::TenantRecord record{.id = new_id<model::TenantId>(), .slug = "alpha", .name = "X"};
    record.created_at = clock;
    EXPECT_EQ(reason_of(await(world->tenants().create(record, by()))), "slug_taken");
    EXPECT_FALSE(await(world->tenants().find(record.id)));
    record.id = tenant;
    auto const again = await(world->tenants().create(record, by()));
    ASSERT_TRUE(again) << "the same id is the same tenant";
    EXPECT_EQ(again->name, "The alpha") << "and nothing of it changes";
}

TEST_P(Tenants, ListsNewestFirstPageByPage) {
    auto const first = await(world->tenants().list({.limit = 1}));
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0].id, other_tenant);
    auto const second = await(world->tenants().list({.before = first[0].id.value, .limit = 1}));
    ASSERT_EQ(second.size(), 1U);
    EXPECT_EQ(second[0].id, tenant);
    EXPECT_TRUE(await(world->tenants().list({.before = tenant.value})).empty());
}

class ApiKeys : public StoreContract {
protected:
    ports::ApiKeyRecord key_record(std::string const& public_id) {
        return {.id = new_id<model::ApiKeyId>(),
                .tenant = tenant,
                .public_id = public_id,
                .mode = ports::ApiKeyMode::live,
                .name = "server",
                .secret_mac = std::string("\0\xff mac of thirty-two bytes long.", 32),
                .scopes = {"signal:write", "pool:manage"},
                .ip_allow = {"192.0.2.0/24", "2001:db8::1"},
                .created_at = clock};
    }
};

TEST_P(ApiKeys, IsFoundWithEverythingItHas) {
    auto record = key_record("pub1");
    record.expires_at = clock + 24h;
    ASSERT_EQ(await(world->api_keys().create(record, by())).value(), ApiKeyStore::Created::made);
    auto const found = await(world->api_keys().find_by_public_id("pub1"));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, record.id);
    EXPECT_EQ(found->tenant, tenant);
    EXPECT_EQ(found->mode, ports::ApiKeyMode::live);
    EXPECT_EQ(found->secret_mac, record.secret_mac);
    EXPECT_EQ(found->scopes, record.scopes);
    EXPECT_EQ(found->ip_allow, record.ip_allow);
    EXPECT_EQ(found->expires_at, record.expires_at);
    EXPECT_FALSE(found->last_used_at);
    EXPECT_FALSE(await(world->api_keys().find_by_public_id("pub2")));
    EXPECT_FALSE(await(world->api_keys().find(other_tenant, record.id)));
}

TEST_P(ApiKeys, IsMadeOnceAndForKnownTenantsOnly) {
    auto const record = key_record("pub1");
    (void)await(world->api_keys().create(record, by())).value();
    EXPECT_EQ(await(world->api_keys().create(record, by())).value(),
              ApiKeyStore::Created::already_made);
    auto orphan = key_record("pub2");
    orphan.tenant = new_id<model::TenantId>();
    EXPECT_EQ(reason_of(await(world->api_keys().create(orphan, by()))), "tenant_not_found");
    EXPECT_EQ(await(world->api_keys().list(tenant, {})).size(), 1U);
    EXPECT_TRUE(await(world->api_keys().list(other_tenant, {})).empty());
}

TEST_P(ApiKeys, RotationLeavesTheOldOneAWhile) {
    auto const old = key_record("old");
    (void)await(world->api_keys().create(old, by())).value();
    auto const next = key_record("next");
    auto const ends = clock + 1h;
    auto const done = await(world->api_keys().rotate(old.id, ends, next, by()));
    EXPECT_EQ(done.value(), ApiKeyStore::Created::made);
    EXPECT_EQ(await(world->api_keys().find(tenant, old.id))->expires_at, ends);
    EXPECT_TRUE(await(world->api_keys().find_by_public_id("next")));
    auto const again = await(world->api_keys().rotate(old.id, clock + 9h, next, by()));
    EXPECT_EQ(again.value(), ApiKeyStore::Created::already_made);
    auto const later = key_record("later");
    (void)await(world->api_keys().rotate(old.id, clock + 9h, later, by())).value();
    EXPECT_EQ(await(world->api_keys().find(tenant, old.id))->expires_at, ends)
        << "a rotation never lengthens a life";
}

TEST_P(ApiKeys, RotationOfAnUnknownOrRevokedKeyMakesNothing) {
    auto const lost = await(
        world->api_keys().rotate(new_id<model::ApiKeyId>(), clock + 1h, key_record("next"), by()));
    EXPECT_EQ(reason_of(lost), "api_key_not_found");
    auto const old = key_record("old");
    (void)await(world->api_keys().create(old, by())).value();
    (void)await(world->api_keys().revoke(tenant, old.id, clock, by())).value();
    auto const refused =
        await(world->api_keys().rotate(old.id, clock + 1h, key_record("next2"), by()));
    EXPECT_EQ(reason_of(refused), "key_not_active");
    EXPECT_FALSE(await(world->api_keys().find_by_public_id("next2")));
}

TEST_P(ApiKeys, RevocationHoldsItsFirstTimeAndOwnTenant) {
    auto const record = key_record("pub1");
    (void)await(world->api_keys().create(record, by())).value();
    EXPECT_EQ(reason_of(await(world->api_keys().revoke(other_tenant, record.id, clock, by()))),
              "api_key_not_found");
    (void)await(world->api_keys().revoke(tenant, record.id, clock, by())).value();
    auto const again = await(world->api_keys().revoke(tenant, record.id, clock + 1h, by())).value();
    EXPECT_EQ(again.revoked_at, clock);
    EXPECT_FALSE(again.is_usable(clock));
}

TEST_P(ApiKeys, RemembersItsLastUse) {
    auto const record = key_record("pub1");
    (void)await(world->api_keys().create(record, by())).value();
    await(world->api_keys().touch(tenant, record.id, clock + 5s));
    EXPECT_EQ(await(world->api_keys().find(tenant, record.id))->last_used_at, clock + 5s);
}

class Users : public StoreContract {};

TEST_P(Users, IsFoundInItsOwnTenantOnly) {
    auto const found = await(world->users().find(tenant, user));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->email, "ada@example.org");
    EXPECT_EQ(found->password_hash, "$hash$");
    EXPECT_FALSE(found->is_admin);
    EXPECT_EQ(await(world->users().find_by_email(tenant, "ada@example.org"))->id, user);
    EXPECT_FALSE(await(world->users().find(other_tenant, user)));
    EXPECT_FALSE(await(world->users().find_by_email(other_tenant, "ada@example.org")));
}

TEST_P(Users, HasAnAddressOfItsOwnInTheTenant) {
    ports::UserRecord record{.id = new_id<model::UserId>(),
                             .tenant = tenant,
                             .email = "ada@example.org",
                             .password_hash = "x",
                             .created_at = clock};
    EXPECT_EQ(reason_of(await(world->users().create(record, by()))), "email_taken");
    record.tenant = other_tenant;
    EXPECT_TRUE(await(world->users().create(record, by())));
    EXPECT_TRUE(await(world->users().create(record, by()))) << "the same id is the same user";
}

TEST_P(Users, ErasureTakesEverythingPersonal) {
    auto const connection = make_connection(user, ports::ConnectionPurpose::lead);
    auto const trader = await(world->traders().create(trader_record(connection))).value();
    auto const pool = make_pool(ports::PoolKind::custom);
    auto const subscription = make_subscription(user);
    ports::RefreshToken const token{.id = new_id<model::UserId>().value,
                                    .tenant = tenant,
                                    .user = user,
                                    .family = base::Uuid{},
                                    .hash = std::string(32, 'h'),
                                    .issued_at = clock,
                                    .expires_at = clock + 24h};
    await(world->refresh_tokens().issue(token, 20, by()));
    auto const done =
        await(world->users().erase(tenant, user, ports::HeldPositions::refuse, clock, by()));
    ASSERT_TRUE(done) << reason_of(done);
    EXPECT_FALSE(await(world->users().find(tenant, user)));
    EXPECT_FALSE(await(world->users().find_by_email(tenant, "ada@example.org")));
    EXPECT_FALSE(await(world->connections().find(tenant, user, connection)));
    auto const dead = await(world->traders().find(tenant, trader.id));
    ASSERT_TRUE(dead) << "leaders stay in the list";
    EXPECT_FALSE(dead->is_active);
    EXPECT_EQ(dead->display_name, "erased");
    auto const closed = await(world->subscriptions().find(tenant, user, subscription.id));
    EXPECT_EQ(closed->status, ports::SubscriptionStatus::closed);
    auto const archived = await(world->pools().find({.tenant = tenant, .user = user}, pool));
    EXPECT_EQ(archived->status, ports::PoolStatus::archived);
    auto next = token;
    next.id = new_id<model::UserId>().value;
    next.hash = std::string(32, 'n');
    EXPECT_EQ(reason_of(await(world->refresh_tokens().rotate(token.hash, next, by()))),
              "invalid_refresh_token");
    EXPECT_TRUE(await(world->users().find(tenant, neighbour)));
    EXPECT_NO_THROW(make_user(tenant, "ada@example.org")) << "the address is free again";
}

TEST_P(Users, ErasureWaitsForOpenPositionsUnlessTheyAreAbandoned) {
    auto const subscription = make_subscription(user);
    (void)world->copy(subscription, tenant, "BTCUSDT", base::Quantity(1));
    auto const refused =
        await(world->users().erase(tenant, user, ports::HeldPositions::refuse, clock, by()));
    EXPECT_EQ(reason_of(refused), "open_positions");
    EXPECT_TRUE(await(world->users().find(tenant, user))) << "nothing half done";
    EXPECT_EQ(await(world->subscriptions().find(tenant, user, subscription.id))->status,
              ports::SubscriptionStatus::active);
    EXPECT_TRUE(
        await(world->users().erase(tenant, user, ports::HeldPositions::abandon, clock, by())));
    EXPECT_EQ(reason_of(await(
                  world->users().erase(tenant, user, ports::HeldPositions::abandon, clock, by()))),
              "user_not_found");
}

TEST_P(Users, AreKnownWhereTheyLoggedIn) {
    auto const from = [](char c) { return std::string(32, c); };
    auto const knows = [&](model::TenantId of, model::UserId who, char c, base::Timestamp since) {
        return await(world->users().knows_origin(of, who, from(c), since));
    };
    EXPECT_FALSE(knows(tenant, user, 'a', clock));
    await(world->users().remember_origin(tenant, user, from('a'), clock));
    EXPECT_TRUE(knows(tenant, user, 'a', clock));
    EXPECT_FALSE(knows(tenant, user, 'a', clock + 1s)) << "too long ago";
    EXPECT_FALSE(knows(tenant, user, 'b', clock));
    EXPECT_FALSE(knows(tenant, neighbour, 'a', clock));
    EXPECT_FALSE(knows(other_tenant, user, 'a', clock));
    EXPECT_FALSE(knows({}, {}, 'a', clock)) << "nobody, nowhere";
    await(world->users().remember_origin(tenant, user, from('a'), clock + 1h));
    EXPECT_TRUE(knows(tenant, user, 'a', clock + 1h));
    for (int i = 0; i < ports::UserStore::max_origins; ++i)
        await(world->users().remember_origin(tenant, user, from(static_cast<char>('A' + i)),
                                             clock + 2h + std::chrono::seconds(i)));
    EXPECT_FALSE(knows(tenant, user, 'a', clock)) << "only the newest are kept";
    EXPECT_TRUE(knows(tenant, user, 'A', clock));
    EXPECT_TRUE(
        await(world->users().erase(tenant, user, ports::HeldPositions::refuse, clock, by())));
    EXPECT_FALSE(knows(tenant, user, 'A', clock));
}

class RefreshTokens : public StoreContract {
protected:
    ports::RefreshToken token(char hash) {
        auto const id = new_id<model::UserId>().value;
        return {.id = id,
                .tenant = tenant,
                .user = user,
                .family = id,
                .hash = std::string(32, hash),
                .issued_at = clock,
                .expires_at = clock + 24h};
    }
    void issue(ports::RefreshToken const& one, int max_families = 20) {
        await(world->refresh_tokens().issue(one, max_families, by()));
    }
    std::string rotate(char old, char next) {
        auto const result =
            await(world->refresh_tokens().rotate(std::string(32, old), token(next), by()));
        return result ? "ok" : result.error().reason;
    }
};

TEST_P(RefreshTokens, RotateWithinTheirFamily) {
    auto const first = token('a');
    issue(first);
    auto const next = await(world->refresh_tokens().rotate(first.hash, token('b'), by())).value();
    EXPECT_EQ(next.tenant, tenant);
    EXPECT_EQ(next.user, user);
    EXPECT_EQ(next.family, first.family);
    EXPECT_EQ(rotate('b', 'c'), "ok");
}

TEST_P(RefreshTokens, TellWhoseTheyAre) {
    issue(token('a'));
    auto const owner = await(world->refresh_tokens().owner(std::string(32, 'a')));
    ASSERT_TRUE(owner);
    EXPECT_EQ(owner->tenant, tenant);
    EXPECT_EQ(owner->user, user);
    EXPECT_FALSE(await(world->refresh_tokens().owner(std::string(32, '?'))));
    EXPECT_EQ(rotate('a', 'b'), "ok") << "asking uses nothing up";
}

TEST_P(RefreshTokens, ReuseEndsTheFamilyAndNoOther) {
    issue(token('a'));
    issue(token('x'));
    EXPECT_EQ(rotate('a', 'b'), "ok");
    EXPECT_EQ(rotate('a', 'c'), "refresh_token_reused");
    EXPECT_EQ(rotate('b', 'd'), "invalid_refresh_token");
    EXPECT_EQ(rotate('x', 'y'), "ok");
}

TEST_P(RefreshTokens, EndByTimeByLogoutAndWhenUnknown) {
    auto old = token('o');
    old.expires_at = clock;
    issue(old);
    EXPECT_EQ(rotate('o', 'p'), "invalid_refresh_token");
    EXPECT_EQ(rotate('?', 'q'), "invalid_refresh_token");
    issue(token('a'));
    EXPECT_EQ(rotate('a', 'b'), "ok");
    await(world->refresh_tokens().revoke_family(std::string(32, 'a'), by()));
    EXPECT_EQ(rotate('b', 'c'), "invalid_refresh_token");
    EXPECT_NO_THROW(await(world->refresh_tokens().revoke_family(std::string(32, '?'), by())));
}

TEST_P(RefreshTokens, TheFamiliesIdleLongestEndWhenThereAreTooMany) {
    for (char const c : {'a', 'b', 'c'}) issue(token(c), 3);
    EXPECT_EQ(rotate('a', 'A'), "ok") << "in use, so that b is idle longest now";
    auto strangers = token('s');
    strangers.user = neighbour;
    issue(strangers, 3);
    issue(token('d'), 3);
    EXPECT_EQ(rotate('b', 'B'), "invalid_refresh_token");
    issue(token('e'), 1);
    for (char const c : {'A', 'c', 'd'}) EXPECT_EQ(rotate(c, '+'), "invalid_refresh_token") << c;
    EXPECT_EQ(rotate('e', 'E'), "ok");
    EXPECT_EQ(rotate('s', 'S'), "ok") << "another user's";
}

TEST_P(RefreshTokens, WhatIsOverTakesNoPlace) {
    issue(token('a'), 3);
    issue(token('b'), 3);
    issue(token('c'), 3);
    await(world->refresh_tokens().revoke_family(std::string(32, 'c'), by()));
    issue(token('d'), 3);
    EXPECT_EQ(rotate('a', 'A'), "ok");
    clock += 25h;
    issue(token('e'), 3);
    issue(token('f'), 3);
    issue(token('g'), 3);
    EXPECT_EQ(rotate('e', 'E'), "ok");
    EXPECT_EQ(rotate('A', 'x'), "invalid_refresh_token");
}

class Idempotency : public StoreContract {
protected:
    using Kind = ports::IdempotencyStore::Begun::Kind;
    ports::IdempotencyStore::Begun begin(std::string key, char body, base::Timestamp at) {
        return await(world->idempotency().begin(named(key), std::string(32, body), at));
    }
    void finish(std::string key, base::Timestamp started_at, unsigned status) {
        await(world->idempotency().finish(named(key), started_at, status, "{}"));
    }
    ports::IdempotencyKey named(std::string key) {
        return {.tenant = tenant, .caller = "me", .route = "POST /v2/pools", .key = key};
    }
};

TEST_P(Idempotency, GivesTheFirstAnswerAgain) {
    EXPECT_EQ(begin("k", 'a', clock).kind, Kind::proceed);
    await(world->idempotency().finish(named("k"), clock, 201, R"({"id":"é"})"));
    auto const again = begin("k", 'a', clock + 1h);
    EXPECT_EQ(again.kind, Kind::replay);
    EXPECT_EQ(again.status, 201U);
    EXPECT_EQ(again.body, R"({"id":"é"})");
    EXPECT_EQ(begin("k", 'b', clock + 1h).kind, Kind::mismatch);
    EXPECT_EQ(begin("other", 'b', clock + 1h).kind, Kind::proceed);
}

TEST_P(Idempotency, HoldsASecondRequestBackWhileTheFirstIsUnderWay) {
    EXPECT_EQ(begin("k", 'a', clock).kind, Kind::proceed);
    EXPECT_EQ(begin("k", 'a', clock + 59s).kind, Kind::in_flight);
    EXPECT_EQ(begin("k", 'b', clock + 59s).kind, Kind::mismatch);
    auto const taken_over = begin("k", 'a', clock + 60s);
    EXPECT_EQ(taken_over.kind, Kind::proceed) << "the first is dead";
    EXPECT_EQ(taken_over.first_seen, clock) << "what it creates has the first one's id";
}

TEST_P(Idempotency, OneOfManyTakesOverFromTheDead) {
    (void)begin("k", 'a', clock);
    auto const taken_over = begin("k", 'a', clock + 61s);
    EXPECT_EQ(taken_over.kind, Kind::proceed);
    EXPECT_EQ(taken_over.started_at, clock + 61s);
    EXPECT_EQ(begin("k", 'a', clock + 61s).kind, Kind::in_flight) << "there is a runner";
    EXPECT_EQ(begin("k", 'a', clock + 120s).kind, Kind::in_flight) << "and it has its minute";
    EXPECT_EQ(begin("k", 'a', clock + 121s).kind, Kind::proceed);
    EXPECT_EQ(begin("k", 'a', clock + 121s).kind, Kind::in_flight);
}

TEST_P(Idempotency, WhoIsNoLongerTheRunnerChangesNothing) {
    (void)begin("k", 'a', clock);
    (void)begin("k", 'a', clock + 61s);
    await(world->idempotency().abandon(named("k"), clock));
    EXPECT_EQ(begin("k", 'a', clock + 62s).kind, Kind::in_flight) << "still one runner";
    finish("k", clock, 500);
    EXPECT_EQ(begin("k", 'a', clock + 63s).kind, Kind::in_flight);
    finish("k", clock + 61s, 201);
    EXPECT_EQ(begin("k", 'a', clock + 64s).status, 201U);
}

TEST_P(Idempotency, ARunnerOfTheLastMinuteOutlivesTheKeysDay) {
    (void)begin("k", 'a', clock);
    EXPECT_EQ(begin("k", 'a', clock + 24h - 10s).kind, Kind::proceed);
    EXPECT_EQ(begin("k", 'a', clock + 24h + 10s).kind, Kind::in_flight);
}

TEST_P(Idempotency, AnAbandonedRequestMayBeMadeAgain) {
    (void)begin("k", 'a', clock);
    await(world->idempotency().abandon(named("k"), clock));
    auto const again = begin("k", 'a', clock + 5s);
    EXPECT_EQ(again.kind, Kind::proceed);
    EXPECT_EQ(again.first_seen, clock);
    EXPECT_EQ(begin("k", 'a', clock + 6s).kind, Kind::in_flight);
}

TEST_P(Idempotency, ForgetsAfterADay) {
    (void)begin("k", 'a', clock);
    finish("k", clock, 201);
    auto const next_day = begin("k", 'b', clock + 24h);
    EXPECT_EQ(next_day.kind, Kind::proceed);
    EXPECT_EQ(next_day.first_seen, clock + 24h);
}

}  // namespace

namespace {
auto const name_of = [](auto const& info) { return info.param.name; };
INSTANTIATE_TEST_SUITE_P(On, Tenants, ::testing::ValuesIn(store_worlds()), name_of);
INSTANTIATE_TEST_SUITE_P(On, ApiKeys, ::testing::ValuesIn(store_worlds()), name_of);
INSTANTIATE_TEST_SUITE_P(On, Users, ::testing::ValuesIn(store_worlds()), name_of);
INSTANTIATE_TEST_SUITE_P(On, RefreshTokens, ::testing::ValuesIn(store_worlds()), name_of);
INSTANTIATE_TEST_SUITE_P(On, Idempotency, ::testing::ValuesIn(store_worlds()), name_of);
}  // namespace
}  // namespace obscura::test
