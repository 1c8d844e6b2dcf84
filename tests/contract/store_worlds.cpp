#include "base/metrics.hpp"
#include "store/api_key_store.hpp"
#include "store/audit_log.hpp"
#include "store/connection_store.hpp"
#include "store/execution_reader.hpp"
#include "store/idempotency_store.hpp"
#include "store/pool_store.hpp"
#include "store/refresh_token_store.hpp"
#include "store/subscription_store.hpp"
#include "store/tenant_store.hpp"
#include "store/trader_store.hpp"
#include "store/user_store.hpp"
#include "store_world.hpp"
#include "support/fakes/memory_accounts.hpp"
#include "support/fakes/memory_idempotency.hpp"
#include "support/fakes/memory_trading.hpp"
#include "support/private_postgres.hpp"

namespace obscura::test {
namespace {

class MemoryWorld final : public StoreWorld {
public:
    ports::TenantStore& tenants() override { return tenants_; }
    ports::ApiKeyStore& api_keys() override { return api_keys_; }
    ports::UserStore& users() override { return users_; }
    ports::RefreshTokenStore& refresh_tokens() override { return refresh_tokens_; }
    ports::ConnectionStore& connections() override { return connections_; }
    ports::TraderStore& traders() override { return traders_; }
    ports::PoolStore& pools() override { return pools_; }
    ports::SubscriptionStore& subscriptions() override { return subscriptions_; }
    ports::ExecutionReader& records() override { return records_; }
    ports::IdempotencyStore& idempotency() override { return idempotency_; }
    ports::AuditLog& audit() override { return audit_; }
    model::CopyId copy(ports::SubscriptionRecord const& subscription, model::TenantId,
                       std::string const& symbol, base::Quantity quantity) override {
        now_ += std::chrono::milliseconds(1);
        ports::Execution execution{.id = model::CopyId::make(now_, random_),
                                   .signal = model::SignalId::make(now_, random_),
                                   .pool = subscription.pool,
                                   .subscription = subscription.id,
                                   .status = "filled",
                                   .receipt = model::ReceiptId::make(now_, random_),
                                   .created_at = now_};
        execution.legs.push_back({.id = model::LegId::make(now_, random_),
                                  .symbol = symbol,
                                  .executed_quantity = quantity});
        record_.receipts.push_back({.id = *execution.receipt,
                                    .copy = execution.id,
                                    .subscription = subscription.id,
                                    .body = base::Json::object()});
        record_.positions.push_back({.subscription = subscription.id,
                                     .pool = subscription.pool,
                                     .symbol = symbol,
                                     .quantity = quantity});
        record_.executions.push_back(execution);
        return execution.id;
    }

private:
    MemoryRecord record_;
    MemoryTenantStore tenants_{record_};
    MemoryApiKeyStore api_keys_{record_};
    MemoryUserStore users_{record_};
    MemoryRefreshTokenStore refresh_tokens_{record_};
    MemoryConnectionStore connections_{record_};
    MemoryTraderStore traders_{record_};
    MemoryPoolStore pools_{record_};
    MemorySubscriptionStore subscriptions_{record_};
    MemoryExecutionReader records_{record_};
    MemoryIdempotencyStore idempotency_{record_};
    MemoryAuditLog audit_{record_};
    base::Timestamp now_ = base::from_unix_ms(1'790'000'100'000);
    base::SeededRandom random_{3};
};

/// As the gateway has it: obscura_app, under row-level security.
class PostgresWorld final : public StoreWorld {
public:
    explicit PostgresWorld(boost::asio::io_context& io)
        : server_(PrivatePostgres::shared()),
          name_(server_.create_database("contract")),
          pool_(io.get_executor(), {.url = server_.url(name_, "obscura_app"), .connections = 2},
                metrics_) {}
    ~PostgresWorld() override { pool_.close(); }
    ports::TenantStore& tenants() override { return tenants_; }
    ports::ApiKeyStore& api_keys() override { return api_keys_; }
    ports::UserStore& users() override { return users_; }
    ports::RefreshTokenStore& refresh_tokens() override { return refresh_tokens_; }
    ports::ConnectionStore& connections() override { return connections_; }
    ports::TraderStore& traders() override { return traders_; }
    ports::PoolStore& pools() override { return pools_; }
    ports::SubscriptionStore& subscriptions() override { return subscriptions_; }
    ports::ExecutionReader& records() override { return records_; }
    ports::IdempotencyStore& idempotency() override { return idempotency_; }
    ports::AuditLog& audit() override { return audit_; }
    model::CopyId copy(ports::SubscriptionRecord const& s, model::TenantId pool_tenant,
                       std::string const& symbol, base::Quantity quantity) override {
        now_ += std::chrono::milliseconds(1);
        auto const copy = model::CopyId::make(now_, random_);
        auto const signal = quoted(model::SignalId::make(now_, random_).value);
        auto const leg = quoted(model::LegId::make(now_, random_).value);
        auto const receipt = quoted(model::ReceiptId::make(now_, random_).value);
        auto const id = quoted(copy.value);
        auto const tenant = quoted(s.tenant.value);
        auto const subscription = quoted(s.id.value);
        auto const amount = quantity.to_string();
        insert(
            "signals (id, tenant_id, pool_id, source, source_id, leader_ref, symbol, side, "
            "quantity, order_type, venue, market, reduce_only, priority, leader_before, "
            "leader_after)",
            signal + ", " + quoted(pool_tenant.value) + ", " + quoted(s.pool.value) + ", 'rest', " +
                signal + ", 'l', '" + symbol +
                "', 'buy', 1, 'market', 'binance', 'spot', false, 50, 0, 1");
        insert("copies (id, tenant_id, signal_id, subscription_id, status, ended_at)",
               id + ", " + tenant + ", " + signal + ", " + subscription + ", 'filled', now()");
        insert(
            "copy_legs (id, tenant_id, copy_id, signal_id, subscription_id, connection_id, seq, "
            "symbol, base_asset, quote_asset, side, order_type, quantity, reduce_only, "
            "client_order_id, state, "
            "send_not_after, epoch, ended_at, executed_quantity)",
            leg + ", " + tenant + ", " + id + ", " + signal + ", " + subscription + ", " +
                quoted(s.connection.value) + ", 1, '" + symbol +
                "', 'BTC', 'USDT', 'buy', 'market', 1, false, " + leg +
                ", 'filled', now(), 1, now(), " + amount);
        insert("receipts (id, tenant_id, copy_id, subscription_id, body)",
               receipt + ", " + tenant + ", " + id + ", " + subscription + ", '{}'");
        insert(
            "positions (subscription_id, symbol, tenant_id, quantity, target_quantity, cost)",
            subscription + ", '" + symbol + "', " + tenant + ", " + amount + ", " + amount + ", 0");
        return copy;
    }

private:
    static std::string quoted(base::Uuid const& id) { return "'" + id.to_string() + "'"; }
    void insert(std::string const& into, std::string const& values) {
        server_.execute(name_, "INSERT INTO " + into + " VALUES (" + values + ")");
    }

    PrivatePostgres& server_;
    std::string name_;
    base::Metrics metrics_;
    store::PgPool pool_;
    store::PgTenantStore tenants_{pool_};
    store::PgApiKeyStore api_keys_{pool_};
    store::PgUserStore users_{pool_};
    store::PgRefreshTokenStore refresh_tokens_{pool_};
    store::PgConnectionStore connections_{pool_};
    store::PgTraderStore traders_{pool_};
    store::PgPoolStore pools_{pool_};
    store::PgSubscriptionStore subscriptions_{pool_};
    store::PgExecutionReader records_{pool_};
    store::PgIdempotencyStore idempotency_{pool_};
    store::PgAuditLog audit_{pool_};
    base::Timestamp now_ = base::from_unix_ms(1'790'000'100'000);
    base::SeededRandom random_{3};
};

}  // namespace

std::vector<WorldMaker> store_worlds() {
    return {{"memory", [](auto&) { return std::make_unique<MemoryWorld>(); }},
            {"postgresql", [](auto& io) { return std::make_unique<PostgresWorld>(io); }}};
}

}  // namespace obscura::test
