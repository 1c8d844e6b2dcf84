#pragma once

#include "base/random.hpp"
#include "ports/api_key_store.hpp"
#include "ports/connection_store.hpp"
#include "ports/execution_reader.hpp"
#include "ports/idempotency_store.hpp"
#include "ports/pool_store.hpp"
#include "ports/refresh_token_store.hpp"
#include "ports/subscription_store.hpp"
#include "ports/tenant_store.hpp"
#include "ports/trader_store.hpp"
#include "ports/user_store.hpp"
#include "support/coroutine.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace obscura::test {

/// The stores of one fresh record, whichever it is.
class StoreWorld {
public:
    virtual ~StoreWorld() = default;
    virtual ports::TenantStore& tenants() = 0;
    virtual ports::ApiKeyStore& api_keys() = 0;
    virtual ports::UserStore& users() = 0;
    virtual ports::RefreshTokenStore& refresh_tokens() = 0;
    virtual ports::ConnectionStore& connections() = 0;
    virtual ports::TraderStore& traders() = 0;
    virtual ports::PoolStore& pools() = 0;
    virtual ports::SubscriptionStore& subscriptions() = 0;
    virtual ports::ExecutionReader& records() = 0;
    virtual ports::IdempotencyStore& idempotency() = 0;
    virtual ports::AuditLog& audit() = 0;
    /// What conductor would have written: a filled copy of a new signal with one leg and a receipt,
    /// and a position of `quantity`. Returns the copy's id.
    virtual model::CopyId copy(ports::SubscriptionRecord const& subscription,
                               model::TenantId pool_tenant, std::string const& symbol,
                               base::Quantity quantity) = 0;
};

struct WorldMaker {
    std::string name;
    std::function<std::unique_ptr<StoreWorld>(boost::asio::io_context&)> make;
    friend void PrintTo(WorldMaker const& maker, std::ostream* out) { *out << maker.name; }
};

/// Every implementation there is.
[[nodiscard]] std::vector<WorldMaker> store_worlds();

/// What every suite of contracts starts from.
class StoreContract : public ::testing::TestWithParam<WorldMaker> {
protected:
    StoreContract() : world(GetParam().make(io)) {
        tenant = make_tenant("alpha");
        other_tenant = make_tenant("beta");
        user = make_user(tenant, "ada@example.org");
        neighbour = make_user(tenant, "bob@example.org");
        stranger = make_user(other_tenant, "eve@example.org");
    }

    template <class T>
    T await(ports::Task<T> task) {
        std::optional<T> out;
        run(io, keep(std::move(task), out));
        return std::move(*out);
    }
    void await(ports::Task<void> task) { run(io, std::move(task)); }

    /// Who makes a change, for the audit log.
    ports::AuditStamp by() {
        return {.id = base::make_uuid_v7(clock, random),
                .actor = "system",
                .request_id = "req-1",
                .network = "192.0.2.1",
                .at = clock};
    }
    template <class Id>
    Id new_id() {
        clock += std::chrono::milliseconds(1);
        return Id::make(clock, random);
    }
    model::TenantId make_tenant(std::string const& slug,
                                ports::TenantKind kind = ports::TenantKind::b2b) {
        ports::TenantRecord const record{.id = new_id<model::TenantId>(),
                                         .slug = slug,
                                         .name = "The " + slug,
                                         .kind = kind,
                                         .created_at = clock};
        return await(world->tenants().create(record, by())).value().id;
    }
    model::UserId make_user(model::TenantId of, std::string const& email) {
        ports::UserRecord const record{.id = new_id<model::UserId>(),
                                       .tenant = of,
                                       .email = email,
                                       .password_hash = "$hash$",
                                       .created_at = clock};
        return await(world->users().create(record, by())).value().id;
    }
    ports::ConnectionRecord connection_record(
        model::UserId of, ports::ConnectionPurpose purpose = ports::ConnectionPurpose::follow) {
        return {.id = new_id<model::ConnectionId>(),
                .tenant = of == stranger ? other_tenant : tenant,
                .user = of,
                .venue = "binance",
                .environment = model::Environment::paper,
                .purpose = purpose,
                .label = "main",
                .credentials = {{"api_key", "nil:v1:a"}, {"secret", "nil:v1:b"}},
                .created_at = clock};
    }
    model::ConnectionId make_connection(
        model::UserId of, ports::ConnectionPurpose purpose = ports::ConnectionPurpose::follow) {
        return await(world->connections().create(connection_record(of, purpose), by())).value().id;
    }
    ports::TraderRecord trader_record(model::ConnectionId connection) {
        return {.id = new_id<model::TraderId>(),
                .tenant = tenant,
                .user = user,
                .connection = connection,
                .display_name = "Ada",
                .created_at = clock};
    }
    model::TraderId make_trader() {
        auto const connection = make_connection(user, ports::ConnectionPurpose::lead);
        return await(world->traders().create(trader_record(connection))).value().id;
    }
    ports::PoolRecord pool_record(ports::PoolKind kind,
                                  ports::PoolStatus status = ports::PoolStatus::draft) {
        ports::PoolRecord pool{.id = new_id<model::PoolId>(),
                               .tenant = tenant,
                               .kind = kind,
                               .name = "Majors",
                               .status = status,
                               .created_at = clock};
        if (kind != ports::PoolKind::partner) pool.owner = user;
        return pool;
    }
    model::PoolId make_pool(ports::PoolKind kind,
                            ports::PoolStatus status = ports::PoolStatus::active) {
        return await(world->pools().create(pool_record(kind, status), by())).value().id;
    }
    ports::SubscriptionRecord subscription_record(model::PoolId pool,
                                                  model::ConnectionId connection,
                                                  model::UserId of) {
        return {.id = new_id<model::SubscriptionId>(),
                .tenant = of == stranger ? other_tenant : tenant,
                .pool = pool,
                .user = of,
                .connection = connection,
                .total_investment_usd = base::Money(1000),
                .max_loss_usd = base::Money(100),
                .created_at = clock};
    }
    ports::SubscriptionRecord make_subscription(model::UserId of) {
        auto const pool = make_pool(ports::PoolKind::curated);
        auto const record = subscription_record(pool, make_connection(of), of);
        return await(world->subscriptions().create(record)).value();
    }
    template <class T>
    static std::string reason_of(base::Result<T> const& result) {
        return result ? "(none)" : result.error().reason;
    }

    boost::asio::io_context io;
    base::SeededRandom random{7};
    base::Timestamp clock = base::from_unix_ms(1'790'000'000'000);
    std::unique_ptr<StoreWorld> world;
    model::TenantId tenant;
    model::TenantId other_tenant;
    model::UserId user;
    model::UserId neighbour;
    model::UserId stranger;

private:
    // expected<> and vectors of non-empty types have no default: `run` keeps the value for us.
    template <class T>
    static ports::Task<void> keep(ports::Task<T> task, std::optional<T>& out) {
        out.emplace(co_await std::move(task));
    }
};

}  // namespace obscura::test
