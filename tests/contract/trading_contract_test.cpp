// ConnectionStore, TraderStore, PoolStore, SubscriptionStore, ExecutionReader: what every
// implementation holds to.
#include "store_world.hpp"

namespace obscura::test {
namespace {

using namespace std::chrono_literals;
using ports::PoolKind;
using ports::PoolStatus;
using ports::SubscriptionStatus;

class Connections : public StoreContract {};

TEST_P(Connections, ShowTheirCiphertextsOnlyWhenAskedForThem) {
    auto const record = connection_record(user);
    (void)await(world->connections().create(record, by())).value();
    auto& connections = world->connections();
    auto const sealed = await(connections.find_sealed(tenant, user, record.id));
    ASSERT_TRUE(sealed);
    EXPECT_EQ(sealed->credentials, record.credentials);
    EXPECT_EQ(sealed->purpose, record.purpose);
    EXPECT_TRUE(await(connections.find(tenant, user, record.id))->credentials.empty());
    EXPECT_FALSE(await(connections.find_sealed(tenant, neighbour, record.id)));
    EXPECT_FALSE(await(connections.find_sealed(other_tenant, user, record.id)));
    (void)await(connections.remove(tenant, user, record.id, clock, by()));
    EXPECT_FALSE(await(connections.find_sealed(tenant, user, record.id)));
}

TEST_P(Connections, IsShownToItsOwnerWithoutCredentials) {
    auto const record = connection_record(user);
    auto const made = await(world->connections().create(record, by())).value();
    EXPECT_TRUE(made.credentials.empty());
    auto const found = await(world->connections().find(tenant, user, record.id));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->label, "main");
    EXPECT_EQ(found->environment, model::Environment::paper);
    EXPECT_EQ(found->purpose, ports::ConnectionPurpose::follow);
    EXPECT_EQ(found->status, ports::ConnectionStatus::active);
    EXPECT_FALSE(await(world->connections().find(tenant, neighbour, record.id)));
    EXPECT_FALSE(await(world->connections().find(other_tenant, user, record.id)));
    EXPECT_TRUE(await(world->connections().list(tenant, neighbour, {})).empty());
    EXPECT_EQ(await(world->connections().list(tenant, user, {})).size(), 1U);
    EXPECT_TRUE(await(world->connections().create(record, by()))) << "the same id is the same";
    EXPECT_EQ(await(world->connections().list(tenant, user, {})).size(), 1U);
}

TEST_P(Connections, IsRemovedByItsOwnerOnly) {
    auto const id = make_connection(user);
    EXPECT_EQ(reason_of(await(world->connections().remove(tenant, neighbour, id, clock, by()))),
              "connection_not_found");
    EXPECT_TRUE(await(world->connections().remove(tenant, user, id, clock, by())));
    EXPECT_FALSE(await(world->connections().find(tenant, user, id)));
    EXPECT_EQ(reason_of(await(world->connections().remove(tenant, user, id, clock, by()))),
              "connection_not_found");
}

TEST_P(Connections, StaysWhileSomethingNeedsIt) {
    auto const subscription = make_subscription(user);
    auto const follow = subscription.connection;
    EXPECT_EQ(reason_of(await(world->connections().remove(tenant, user, follow, clock, by()))),
              "connection_in_use");
    (void)await(world->subscriptions().close(tenant, user, subscription.id, clock)).value();
    EXPECT_TRUE(await(world->connections().remove(tenant, user, follow, clock, by())));
    auto const lead = make_connection(user, ports::ConnectionPurpose::lead);
    (void)await(world->traders().create(trader_record(lead))).value();
    EXPECT_EQ(reason_of(await(world->connections().remove(tenant, user, lead, clock, by()))),
              "connection_in_use");
}

class Traders : public StoreContract {};

TEST_P(Traders, TellsItsVenueAndIsSeenInItsTenant) {
    auto const id = make_trader();
    auto const found = await(world->traders().find(tenant, id));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->venue, "binance");
    EXPECT_EQ(found->environment, model::Environment::paper);
    EXPECT_TRUE(found->is_active);
    EXPECT_FALSE(await(world->traders().find(other_tenant, id)));
    EXPECT_EQ(await(world->traders().list(tenant, {}, {})).size(), 1U);
    EXPECT_EQ(await(world->traders().list(tenant, user, {})).size(), 1U);
    EXPECT_TRUE(await(world->traders().list(tenant, neighbour, {})).empty());
    EXPECT_TRUE(await(world->traders().list(other_tenant, {}, {})).empty());
}

TEST_P(Traders, HasItsConnectionForItself) {
    auto const connection = make_connection(user, ports::ConnectionPurpose::lead);
    auto const record = trader_record(connection);
    ASSERT_TRUE(await(world->traders().create(record)));
    EXPECT_TRUE(await(world->traders().create(record))) << "the same id is the same trader";
    EXPECT_EQ(reason_of(await(world->traders().create(trader_record(connection)))),
              "trader_exists");
    EXPECT_EQ(await(world->traders().list(tenant, {}, {})).size(), 1U);
    auto const gone = make_connection(user, ports::ConnectionPurpose::lead);
    (void)await(world->connections().remove(tenant, user, gone, clock, by())).value();
    EXPECT_EQ(reason_of(await(world->traders().create(trader_record(gone)))), "connection_removed");
}

class Pools : public StoreContract {
protected:
    bool sees(ports::PoolViewer const& viewer, model::PoolId id) {
        auto const found = await(world->pools().find(viewer, id)).has_value();
        bool listed = false;
        for (auto const& pool : await(world->pools().list(viewer, {}, {}))) listed |= pool.id == id;
        EXPECT_EQ(found, listed) << "find and list disagree";
        return found;
    }
};

TEST_P(Pools, AreSeenByThoseTheyAreFor) {
    ports::PoolViewer const ada{.tenant = tenant, .user = user};
    ports::PoolViewer const bob{.tenant = tenant, .user = neighbour};
    ports::PoolViewer const eve{.tenant = other_tenant, .user = stranger};
    ports::PoolViewer const admin{.tenant = tenant, .user = neighbour, .is_admin = true};
    ports::PoolViewer const far_admin{.tenant = other_tenant, .user = stranger, .is_admin = true};
    ports::PoolViewer const key{.tenant = tenant};
    ports::PoolViewer const far_key{.tenant = other_tenant};
    struct Case {
        PoolKind kind;
        PoolStatus status;
        std::vector<ports::PoolViewer> seen_by;
    };
    std::vector<ports::PoolViewer> const all{ada, bob, eve, admin, far_admin, key, far_key};
    std::vector<Case> const cases{{PoolKind::curated, PoolStatus::active, all},
                                  {PoolKind::curated, PoolStatus::archived, all},
                                  {PoolKind::curated, PoolStatus::draft, {admin}},
                                  {PoolKind::custom, PoolStatus::draft, {ada}},
                                  {PoolKind::custom, PoolStatus::active, {ada}},
                                  {PoolKind::partner, PoolStatus::draft, {key}},
                                  {PoolKind::partner, PoolStatus::active, {ada, bob, admin, key}}};
    for (auto const& c : cases) {
        auto const id = make_pool(c.kind, c.status);
        for (std::size_t i = 0; i < all.size(); ++i) {
            auto const& viewer = all[i];
            bool const expected = std::ranges::any_of(c.seen_by, [&](auto const& v) {
                return v.tenant == viewer.tenant && v.user == viewer.user &&
                       v.is_admin == viewer.is_admin;
            });
            EXPECT_EQ(sees(viewer, id), expected)
                << "viewer " << i << " kind " << static_cast<int>(c.kind) << " status "
                << static_cast<int>(c.status);
        }
    }
}

TEST_P(Pools, KeepTheirTraders) {
    auto record = pool_record(PoolKind::curated, PoolStatus::active);
    record.traders = {{make_trader(), base::Decimal::from_scaled(25, 2)},
                      {make_trader(), base::Decimal(1)}};
    auto const made = await(world->pools().create(record, by()));
    ASSERT_TRUE(made) << reason_of(made);
    EXPECT_EQ(made->traders, record.traders);
    auto const again = await(world->pools().create(record, by()));
    EXPECT_EQ(again->traders, record.traders) << "the same id is the same pool";
    auto const abroad =
        await(world->pools().find({.tenant = other_tenant, .user = stranger}, record.id));
    EXPECT_TRUE(abroad->traders.empty()) << "another tenant's pool does not tell";
}

TEST_P(Pools, RefuseTradersThatAreNone) {
    auto const dead = make_trader();
    (void)await(world->users().erase(tenant, user, ports::HeldPositions::refuse, clock, by()))
        .value();
    auto record = pool_record(PoolKind::curated);
    record.traders = {{new_id<model::TraderId>()}, {dead}};
    auto const refused = await(world->pools().create(record, by()));
    ASSERT_FALSE(refused);
    ASSERT_EQ(refused.error().fields.size(), 2U);
    EXPECT_EQ(refused.error().fields[0].pointer, "/traders/0/trader_id");
    EXPECT_EQ(refused.error().fields[1].pointer, "/traders/1/trader_id");
    EXPECT_FALSE(await(world->pools().find({.tenant = tenant, .is_admin = true}, record.id)))
        << "nothing half stored";
}

TEST_P(Pools, ChangeAsAWholeOrNotAtAll) {
    auto const first = make_trader();
    auto const second = make_trader();
    auto record = pool_record(PoolKind::curated);
    record.traders = {{first}};
    (void)await(world->pools().create(record, by())).value();
    auto const bad = await(world->pools().change(
        tenant, record.id,
        {.name = "New", .traders = std::vector<ports::PoolTrader>{{new_id<model::TraderId>()}}},
        by()));
    EXPECT_FALSE(bad);
    ports::PoolViewer const admin{.tenant = tenant, .user = user, .is_admin = true};
    EXPECT_EQ(await(world->pools().find(admin, record.id))->name, "Majors");
    auto const changed = await(world->pools().change(
        tenant, record.id,
        {.name = "New",
         .performance_fee_bps = 2000,
         .traders = std::vector<ports::PoolTrader>{{second, base::Decimal::from_scaled(5, 1)}}},
        by()));
    ASSERT_TRUE(changed) << reason_of(changed);
    EXPECT_EQ(changed->name, "New");
    EXPECT_EQ(changed->description, "");
    EXPECT_EQ(changed->performance_fee_bps, 2000);
    ASSERT_EQ(changed->traders.size(), 1U);
    EXPECT_EQ(changed->traders[0].trader, second);
    auto const emptied = await(world->pools().change(
        tenant, record.id, {.traders = std::vector<ports::PoolTrader>{}}, by()));
    EXPECT_TRUE(emptied.value().traders.empty());
    EXPECT_EQ(
        reason_of(await(world->pools().change(other_tenant, record.id, {.name = "Mine"}, by()))),
        "pool_not_found");
}

TEST_P(Pools, GoThroughTheirStates) {
    auto const id = make_pool(PoolKind::custom, PoolStatus::draft);
    auto const to = [&](PoolStatus status) {
        auto const result = await(world->pools().set_status(tenant, id, status, by()));
        return result ? std::string("ok") : result.error().reason;
    };
    EXPECT_EQ(to(PoolStatus::paused), "pool_not_active");
    EXPECT_EQ(to(PoolStatus::active), "ok");
    EXPECT_EQ(to(PoolStatus::active), "ok");
    EXPECT_EQ(
        reason_of(await(world->pools().change(tenant, id, {.performance_fee_bps = 2000}, by()))),
        "fee_fixed");
    EXPECT_EQ(to(PoolStatus::paused), "ok");
    EXPECT_EQ(to(PoolStatus::active), "ok");
    EXPECT_EQ(to(PoolStatus::archived), "ok");
    EXPECT_EQ(to(PoolStatus::active), "pool_archived");
    EXPECT_EQ(reason_of(await(world->pools().change(tenant, id, {.name = "New"}, by()))),
              "pool_archived");
    EXPECT_EQ(
        reason_of(await(world->pools().set_status(other_tenant, id, PoolStatus::active, by()))),
        "pool_not_found");
}

TEST_P(Pools, AreListedByKindStatusAndPage) {
    auto const a = make_pool(PoolKind::custom, PoolStatus::draft);
    auto const b = make_pool(PoolKind::custom, PoolStatus::active);
    auto const c = make_pool(PoolKind::partner, PoolStatus::active);
    ports::PoolViewer const ada{.tenant = tenant, .user = user};
    auto const custom = await(world->pools().list(ada, {.kind = PoolKind::custom}, {}));
    ASSERT_EQ(custom.size(), 2U);
    EXPECT_EQ(custom[0].id, b);
    EXPECT_EQ(custom[1].id, a);
    auto const active = await(world->pools().list(ada, {.status = PoolStatus::active}, {}));
    ASSERT_EQ(active.size(), 2U);
    EXPECT_EQ(active[0].id, c);
    auto const page = await(world->pools().list(ada, {}, {.before = c.value, .limit = 1}));
    ASSERT_EQ(page.size(), 1U);
    EXPECT_EQ(page[0].id, b);
}

class Subscriptions : public StoreContract {};

TEST_P(Subscriptions, KeepTheirLimits) {
    auto record = make_subscription(user);
    EXPECT_EQ(record.total_investment_usd, base::Money(1000));
    EXPECT_EQ(record.max_loss_usd, base::Money(100));
    EXPECT_FALSE(record.profit_target_usd);
    EXPECT_EQ(record.status, SubscriptionStatus::active);
    EXPECT_TRUE(await(world->subscriptions().find(tenant, user, record.id)));
    EXPECT_FALSE(await(world->subscriptions().find(tenant, neighbour, record.id)));
    auto const changed = await(world->subscriptions().change(
        tenant, user, record.id,
        {.total_investment_usd = base::Money::parse("1500.000000000001"),
         .max_loss_usd = std::optional<base::Money>(),
         .daily_loss_limit_usd = std::optional(base::Money(50))}));
    ASSERT_TRUE(changed) << reason_of(changed);
    EXPECT_EQ(changed->total_investment_usd.to_string(), "1500.000000000001");
    EXPECT_FALSE(changed->max_loss_usd) << "taken away";
    EXPECT_EQ(changed->daily_loss_limit_usd, base::Money(50));
    auto const stored = await(world->subscriptions().find(tenant, user, record.id));
    EXPECT_EQ(stored->total_investment_usd, changed->total_investment_usd);
    EXPECT_EQ(reason_of(await(world->subscriptions().change(tenant, neighbour, record.id, {}))),
              "subscription_not_found");
}

TEST_P(Subscriptions, AreOneForAPoolAndConnectionUntilClosed) {
    auto const first = make_subscription(user);
    auto again = subscription_record(first.pool, first.connection, user);
    EXPECT_EQ(reason_of(await(world->subscriptions().create(again))), "already_subscribed");
    auto same = first;
    same.total_investment_usd = base::Money(7);
    EXPECT_EQ(await(world->subscriptions().create(same)).value().total_investment_usd,
              base::Money(1000))
        << "the same id is the same subscription";
    (void)await(world->subscriptions().close(tenant, user, first.id, clock)).value();
    EXPECT_TRUE(await(world->subscriptions().create(again)));
}

TEST_P(Subscriptions, NeedAConnectionThatIsThere) {
    auto const pool = make_pool(PoolKind::curated);
    auto const connection = make_connection(user);
    (void)await(world->connections().remove(tenant, user, connection, clock, by())).value();
    auto const record = subscription_record(pool, connection, user);
    EXPECT_EQ(reason_of(await(world->subscriptions().create(record))), "connection_removed");
    EXPECT_FALSE(await(world->subscriptions().find(tenant, user, record.id)));
}

TEST_P(Subscriptions, OfCuratedPoolsCrossTenants) {
    auto const pool = make_pool(PoolKind::curated);
    auto const record = subscription_record(pool, make_connection(stranger), stranger);
    auto const made = await(world->subscriptions().create(record));
    ASSERT_TRUE(made) << reason_of(made);
    EXPECT_EQ(made->tenant, other_tenant);
}

TEST_P(Subscriptions, PauseAndResumeAndClose) {
    auto const id = make_subscription(user).id;
    auto& store = world->subscriptions();
    EXPECT_EQ(await(store.set_paused(tenant, user, id, true))->status, SubscriptionStatus::paused);
    EXPECT_EQ(await(store.set_paused(tenant, user, id, false))->status, SubscriptionStatus::active);
    auto const closed = await(store.close(tenant, user, id, clock + 1h)).value();
    EXPECT_EQ(closed.status, SubscriptionStatus::closed);
    EXPECT_EQ(closed.closed_at, clock + 1h);
    EXPECT_EQ(await(store.close(tenant, user, id, clock + 2h))->closed_at, clock + 1h);
    EXPECT_EQ(reason_of(await(store.set_paused(tenant, user, id, false))), "subscription_closed");
    EXPECT_EQ(reason_of(await(store.change(tenant, user, id, {}))), "subscription_closed");
    EXPECT_EQ(await(store.list(tenant, user, SubscriptionStatus::closed, {})).size(), 1U);
    EXPECT_TRUE(await(store.list(tenant, user, SubscriptionStatus::active, {})).empty());
    EXPECT_TRUE(await(store.list(tenant, neighbour, {}, {})).empty());
}

TEST_P(Subscriptions, CloseOnlyWhenNothingIsHeld) {
    auto const subscription = make_subscription(user);
    (void)world->copy(subscription, tenant, "BTCUSDT", base::Quantity(1));
    auto const closing =
        await(world->subscriptions().close(tenant, user, subscription.id, clock)).value();
    EXPECT_EQ(closing.status, SubscriptionStatus::closing);
    EXPECT_FALSE(closing.closed_at);
    EXPECT_EQ(
        reason_of(await(world->subscriptions().set_paused(tenant, user, subscription.id, false))),
        "subscription_closed");
}

class Records : public StoreContract {};

TEST_P(Records, ShowAUserTheirOwnAndATenantAll) {
    auto const mine = make_subscription(user);
    auto const bobs = make_subscription(neighbour);
    auto const evas = make_subscription(stranger);
    auto const first = world->copy(mine, tenant, "BTCUSDT", base::Quantity(1));
    (void)world->copy(bobs, tenant, "ETHUSDT", base::Quantity(2));
    (void)world->copy(evas, tenant, "BTCUSDT", base::Quantity(3));
    auto& records = world->records();
    ports::RecordScope const ada{.tenant = tenant, .user = user};
    auto const own = await(records.executions(ada, {}, {}));
    ASSERT_EQ(own.size(), 1U);
    EXPECT_EQ(own[0].id, first);
    EXPECT_EQ(own[0].pool, mine.pool);
    EXPECT_EQ(own[0].status, "filled");
    ASSERT_EQ(own[0].legs.size(), 1U);
    EXPECT_EQ(own[0].legs[0].symbol, "BTCUSDT");
    EXPECT_EQ(own[0].legs[0].executed_quantity, base::Quantity(1));
    EXPECT_EQ(await(records.executions({.tenant = tenant}, {}, {})).size(), 2U);
    EXPECT_EQ(await(records.executions({.tenant = other_tenant}, {}, {})).size(), 1U);
    EXPECT_EQ(await(records.positions({.tenant = tenant}, {}, true, {})).size(), 2U);
    EXPECT_EQ(await(records.positions(ada, {}, true, {}))[0].quantity, base::Quantity(1));
    ASSERT_TRUE(own[0].receipt);
    EXPECT_TRUE(await(records.receipt(ada, *own[0].receipt)));
    EXPECT_FALSE(await(records.receipt({.tenant = tenant, .user = neighbour}, *own[0].receipt)));
    EXPECT_FALSE(await(records.receipt({.tenant = other_tenant}, *own[0].receipt)));
    EXPECT_TRUE(await(records.receipt({.tenant = tenant}, *own[0].receipt)));
}

TEST_P(Records, AreFilteredAndPaged) {
    auto const subscription = make_subscription(user);
    auto const first = world->copy(subscription, tenant, "BTCUSDT", base::Quantity(1));
    auto const second = world->copy(subscription, tenant, "ETHUSDT", base::Quantity(0));
    auto& records = world->records();
    ports::RecordScope const ada{.tenant = tenant, .user = user};
    auto const newest = await(records.executions(ada, {}, {.limit = 1}));
    ASSERT_EQ(newest.size(), 1U);
    EXPECT_EQ(newest[0].id, second);
    auto const older =
        await(records.executions(ada, {}, {.before = newest[0].id.value, .limit = 1}));
    ASSERT_EQ(older.size(), 1U);
    EXPECT_EQ(older[0].id, first);
    EXPECT_EQ(await(records.executions(ada, {.signal = older[0].signal}, {})).size(), 1U);
    EXPECT_EQ(await(records.executions(ada, {.pool = subscription.pool}, {})).size(), 2U);
    EXPECT_TRUE(
        await(records.executions(ada, {.subscription = new_id<model::SubscriptionId>()}, {}))
            .empty());
    EXPECT_EQ(await(records.positions(ada, {}, true, {})).size(), 1U);
    auto const all = await(records.positions(ada, {}, false, {.limit = 1}));
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].symbol, "BTCUSDT");
    ports::PositionPage const after{
        .after = {{all[0].subscription.value, all[0].market, all[0].symbol}}};
    auto const rest = await(records.positions(ada, {}, false, after));
    ASSERT_EQ(rest.size(), 1U);
    EXPECT_EQ(rest[0].symbol, "ETHUSDT");
}

auto const name_of = [](auto const& info) { return info.param.name; };
INSTANTIATE_TEST_SUITE_P(On, Connections, ::testing::ValuesIn(store_worlds()), name_of);
INSTANTIATE_TEST_SUITE_P(On, Traders, ::testing::ValuesIn(store_worlds()), name_of);
INSTANTIATE_TEST_SUITE_P(On, Pools, ::testing::ValuesIn(store_worlds()), name_of);
INSTANTIATE_TEST_SUITE_P(On, Subscriptions, ::testing::ValuesIn(store_worlds()), name_of);
INSTANTIATE_TEST_SUITE_P(On, Records, ::testing::ValuesIn(store_worlds()), name_of);

}  // namespace
}  // namespace obscura::test
