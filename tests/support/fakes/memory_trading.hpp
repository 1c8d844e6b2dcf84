#pragma once

#include "support/fakes/memory_record.hpp"

namespace obscura::test {

using ports::Task;

class MemoryConnectionStore final : public ports::ConnectionStore {
public:
    explicit MemoryConnectionStore(MemoryRecord& record) : record_(record) {}
    Task<base::Result<ports::ConnectionRecord>> create(ports::ConnectionRecord connection,
                                                       ports::AuditStamp by) override {
        record_.reach();
        auto const [row, made] = record_.connections.emplace(connection.id, connection);
        record_.writes += made;
        if (made)
            record_.note(connection.tenant, by, "connection.add",
                         "connection:" + connection.id.to_string());
        if (row->second.status == ports::ConnectionStatus::removed)
            co_return base::fail(base::Errc::conflict, "connection_removed", "Removed.");
        co_return shown(row->second);
    }
    Task<std::optional<ports::ConnectionRecord>> find(model::TenantId tenant, model::UserId user,
                                                      model::ConnectionId id) override {
        record_.reach();
        auto* row = own(tenant, user, id);
        if (row == nullptr) co_return std::nullopt;
        co_return shown(*row);
    }
    Task<std::optional<ports::ConnectionRecord>> find_sealed(model::TenantId tenant,
                                                             model::UserId user,
                                                             model::ConnectionId id) override {
        record_.reach();
        auto* row = own(tenant, user, id);
        if (row == nullptr) co_return std::nullopt;
        co_return *row;
    }
    Task<std::vector<ports::ConnectionRecord>> list(model::TenantId tenant, model::UserId user,
                                                    ports::Page page) override {
        record_.reach();
        auto rows = page_of(record_.connections, page, [&](auto const& row) {
            return row.tenant == tenant && row.user == user &&
                   row.status != ports::ConnectionStatus::removed;
        });
        for (auto& row : rows) row.credentials.clear();
        co_return rows;
    }
    Task<base::Result<void>> remove(model::TenantId tenant, model::UserId user,
                                    model::ConnectionId id, base::Timestamp,
                                    ports::AuditStamp by) override {
        record_.reach();
        auto* row = own(tenant, user, id);
        if (row == nullptr)
            co_return base::fail(base::Errc::not_found, "connection_not_found", "None.");
        bool used = false;
        for (auto const& [key, subscription] : record_.subscriptions)
            used |= subscription.connection == id &&
                    subscription.status != ports::SubscriptionStatus::closed;
        for (auto const& [key, trader] : record_.traders)
            used |= trader.connection == id && trader.is_active;
        if (used) co_return base::fail(base::Errc::conflict, "connection_in_use", "Used.");
        row->status = ports::ConnectionStatus::removed;
        row->credentials.clear();
        record_.note(tenant, by, "connection.remove", "connection:" + id.to_string());
        ++record_.writes;
        co_return base::Result<void>{};
    }

private:
    static ports::ConnectionRecord shown(ports::ConnectionRecord row) {
        row.credentials.clear();
        return row;
    }
    ports::ConnectionRecord* own(model::TenantId tenant, model::UserId user,
                                 model::ConnectionId id) {
        auto const found = record_.connections.find(id);
        if (found == record_.connections.end()) return nullptr;
        auto& row = found->second;
        bool const there = row.tenant == tenant && row.user == user &&
                           row.status != ports::ConnectionStatus::removed;
        return there ? &row : nullptr;
    }

    MemoryRecord& record_;
};

class MemoryTraderStore final : public ports::TraderStore {
public:
    explicit MemoryTraderStore(MemoryRecord& record) : record_(record) {}
    Task<base::Result<ports::TraderRecord>> create(ports::TraderRecord trader) override {
        record_.reach();
        auto const connection = record_.connections.find(trader.connection);
        if (connection == record_.connections.end() ||
            connection->second.status == ports::ConnectionStatus::removed)
            co_return base::fail(base::Errc::conflict, "connection_removed", "Removed.");
        for (auto const& [id, other] : record_.traders)
            if (other.connection == trader.connection && other.is_active && id != trader.id)
                co_return base::fail(base::Errc::conflict, "trader_exists", "Exists.");
        trader.venue = connection->second.venue;
        trader.environment = connection->second.environment;
        auto const [row, made] = record_.traders.emplace(trader.id, trader);
        record_.writes += made;
        co_return row->second;
    }
    Task<std::optional<ports::TraderRecord>> find(model::TenantId tenant,
                                                  model::TraderId id) override {
        record_.reach();
        auto const found = record_.traders.find(id);
        if (found == record_.traders.end() || found->second.tenant != tenant)
            co_return std::nullopt;
        co_return found->second;
    }
    Task<std::vector<ports::TraderRecord>> list(model::TenantId tenant,
                                                std::optional<model::UserId> user,
                                                ports::Page page) override {
        record_.reach();
        co_return page_of(record_.traders, page, [&](auto const& row) {
            return row.tenant == tenant && (!user || row.user == *user);
        });
    }

private:
    MemoryRecord& record_;
};

class MemoryPoolStore final : public ports::PoolStore {
public:
    explicit MemoryPoolStore(MemoryRecord& record) : record_(record) {}
    Task<base::Result<ports::PoolRecord>> create(ports::PoolRecord pool,
                                                 ports::AuditStamp by) override {
        record_.reach();
        if (auto const good = check(pool.tenant, pool.traders); !good)
            co_return std::unexpected(good.error());
        auto const [row, made] = record_.pools.emplace(pool.id, pool);
        record_.writes += made;
        if (made) record_.note(pool.tenant, by, "pool.create", subject_of(pool.id));
        sort(row->second);
        co_return row->second;
    }
    Task<std::optional<ports::PoolRecord>> find(ports::PoolViewer viewer,
                                                model::PoolId id) override {
        record_.reach();
        auto const found = record_.pools.find(id);
        if (found == record_.pools.end() || !viewer.sees(found->second)) co_return std::nullopt;
        co_return shown(viewer, found->second);
    }
    Task<std::vector<ports::PoolRecord>> list(ports::PoolViewer viewer, ports::PoolFilter filter,
                                              ports::Page page) override {
        record_.reach();
        auto rows = page_of(record_.pools, page, [&](auto const& pool) {
            return viewer.sees(pool) && (!filter.kind || pool.kind == *filter.kind) &&
                   (!filter.status || pool.status == *filter.status);
        });
        for (auto& row : rows) row = shown(viewer, row);
        co_return rows;
    }
    Task<base::Result<ports::PoolRecord>> change(model::TenantId tenant, model::PoolId id,
                                                 ports::PoolChange change,
                                                 ports::AuditStamp by) override {
        record_.reach();
        auto* pool = own(tenant, id);
        if (pool == nullptr) co_return none();
        if (pool->status == ports::PoolStatus::archived)
            co_return base::fail(base::Errc::conflict, "pool_archived", "Archived.");
        if (change.performance_fee_bps && pool->status != ports::PoolStatus::draft)
            co_return base::fail(base::Errc::conflict, "fee_fixed", "Published.");
        if (change.traders)
            if (auto const good = check(tenant, *change.traders); !good)
                co_return std::unexpected(good.error());
        if (change.name) pool->name = *change.name;
        if (change.description) pool->description = *change.description;
        if (change.performance_fee_bps) pool->performance_fee_bps = *change.performance_fee_bps;
        if (change.traders) pool->traders = *change.traders;
        sort(*pool);
        ++record_.writes;
        record_.note(tenant, by, "pool.change", subject_of(id));
        co_return *pool;
    }
    Task<base::Result<ports::PoolRecord>> set_status(model::TenantId tenant, model::PoolId id,
                                                     ports::PoolStatus to,
                                                     ports::AuditStamp by) override {
        record_.reach();
        auto* pool = own(tenant, id);
        if (pool == nullptr) co_return none();
        if (auto const good = ports::may_become(pool->status, to); !good)
            co_return std::unexpected(good.error());
        static std::map<ports::PoolStatus, char const*> const actions{
            {ports::PoolStatus::active, "pool.activate"},
            {ports::PoolStatus::paused, "pool.pause"},
            {ports::PoolStatus::archived, "pool.archive"}};
        if (pool->status != to) record_.note(tenant, by, actions.at(to), subject_of(id));
        pool->status = to;
        ++record_.writes;
        co_return *pool;
    }

private:
    static std::unexpected<base::Error> none() {
        return base::fail(base::Errc::not_found, "pool_not_found", "None.");
    }
    static std::string subject_of(model::PoolId id) { return "pool:" + id.to_string(); }
    static ports::PoolRecord shown(ports::PoolViewer const& viewer, ports::PoolRecord pool) {
        if (pool.tenant != viewer.tenant) pool.traders.clear();
        return pool;
    }
    static void sort(ports::PoolRecord& pool) {
        std::ranges::sort(pool.traders, {}, &ports::PoolTrader::trader);
    }
    ports::PoolRecord* own(model::TenantId tenant, model::PoolId id) {
        auto const found = record_.pools.find(id);
        return found == record_.pools.end() || found->second.tenant != tenant ? nullptr
                                                                              : &found->second;
    }
    base::Result<void> check(model::TenantId tenant,
                             std::vector<ports::PoolTrader> const& traders) const {
        auto error = base::field_error("", "", "");
        error.fields.clear();
        for (std::size_t i = 0; i < traders.size(); ++i) {
            auto const found = record_.traders.find(traders[i].trader);
            if (found != record_.traders.end() && found->second.tenant == tenant &&
                found->second.is_active)
                continue;
            error.fields.push_back({"/traders/" + std::to_string(i) + "/trader_id",
                                    "unknown_trader", "Must be an active trader."});
        }
        if (error.fields.empty()) return {};
        return std::unexpected(error);
    }

    MemoryRecord& record_;
};

class MemorySubscriptionStore final : public ports::SubscriptionStore {
public:
    using Record = ports::SubscriptionRecord;
    using Status = ports::SubscriptionStatus;

    explicit MemorySubscriptionStore(MemoryRecord& record) : record_(record) {}
    Task<base::Result<Record>> create(Record subscription) override {
        record_.reach();
        auto const known = record_.subscriptions.find(subscription.id);
        if (known != record_.subscriptions.end()) co_return known->second;
        auto const connection = record_.connections.find(subscription.connection);
        if (connection == record_.connections.end() ||
            connection->second.status == ports::ConnectionStatus::removed)
            co_return base::fail(base::Errc::conflict, "connection_removed", "Removed.");
        for (auto const& [id, other] : record_.subscriptions)
            if (other.pool == subscription.pool && other.connection == subscription.connection &&
                other.status != Status::closed)
                co_return base::fail(base::Errc::conflict, "already_subscribed", "Subscribed.");
        ++record_.writes;
        co_return record_.subscriptions.emplace(subscription.id, subscription).first->second;
    }
    Task<std::optional<Record>> find(model::TenantId tenant, model::UserId user,
                                     model::SubscriptionId id) override {
        record_.reach();
        auto* row = own(tenant, user, id);
        if (row == nullptr) co_return std::nullopt;
        co_return *row;
    }
    Task<std::vector<Record>> list(model::TenantId tenant, model::UserId user,
                                   std::optional<Status> status, ports::Page page) override {
        record_.reach();
        co_return page_of(record_.subscriptions, page, [&](auto const& row) {
            return row.tenant == tenant && row.user == user && (!status || row.status == *status);
        });
    }
    Task<base::Result<Record>> change(model::TenantId tenant, model::UserId user,
                                      model::SubscriptionId id,
                                      ports::SubscriptionChange change) override {
        record_.reach();
        auto* row = own(tenant, user, id);
        if (row == nullptr) co_return none();
        if (row->status == Status::closing || row->status == Status::closed) co_return over();
        if (change.total_investment_usd) row->total_investment_usd = *change.total_investment_usd;
        if (change.max_loss_usd) row->max_loss_usd = *change.max_loss_usd;
        if (change.profit_target_usd) row->profit_target_usd = *change.profit_target_usd;
        if (change.daily_loss_limit_usd) row->daily_loss_limit_usd = *change.daily_loss_limit_usd;
        ++record_.writes;
        co_return *row;
    }
    Task<base::Result<Record>> set_paused(model::TenantId tenant, model::UserId user,
                                          model::SubscriptionId id, bool paused) override {
        record_.reach();
        auto* row = own(tenant, user, id);
        if (row == nullptr) co_return none();
        if (row->status == Status::closing || row->status == Status::closed) co_return over();
        row->status = paused ? Status::paused : Status::active;
        ++record_.writes;
        co_return *row;
    }
    Task<base::Result<Record>> close(model::TenantId tenant, model::UserId user,
                                     model::SubscriptionId id, base::Timestamp at) override {
        record_.reach();
        auto* row = own(tenant, user, id);
        if (row == nullptr) co_return none();
        if (row->status == Status::closed) co_return *row;
        bool const held = record_.has_exposure(id);
        row->status = held ? Status::closing : Status::closed;
        if (!held) row->closed_at = at;
        ++record_.writes;
        co_return *row;
    }

private:
    static std::unexpected<base::Error> none() {
        return base::fail(base::Errc::not_found, "subscription_not_found", "None.");
    }
    static std::unexpected<base::Error> over() {
        return base::fail(base::Errc::conflict, "subscription_closed", "Closed.");
    }
    Record* own(model::TenantId tenant, model::UserId user, model::SubscriptionId id) {
        auto const found = record_.subscriptions.find(id);
        bool const there = found != record_.subscriptions.end() && found->second.tenant == tenant &&
                           found->second.user == user;
        return there ? &found->second : nullptr;
    }

    MemoryRecord& record_;
};

/// What tests put into the record, unfiltered but for the user.
class MemoryExecutionReader final : public ports::ExecutionReader {
public:
    explicit MemoryExecutionReader(MemoryRecord& record) : record_(record) {}
    Task<std::vector<ports::Execution>> executions(ports::RecordScope scope,
                                                   ports::ExecutionFilter filter,
                                                   ports::Page page) override {
        record_.reach();
        std::map<model::CopyId, ports::Execution> by_id;
        for (auto const& row : record_.executions)
            if (is_of(scope, row.subscription) && takes(filter, row)) by_id[row.id] = row;
        co_return page_of(by_id, page, [](auto const&) { return true; });
    }
    Task<std::vector<ports::Position>> positions(ports::RecordScope scope,
                                                 ports::ExecutionFilter filter, bool held_only,
                                                 ports::PositionPage page) override {
        record_.reach();
        std::map<ports::PositionPage::Place, ports::Position> sorted;
        for (auto const& row : record_.positions) {
            bool const wanted = is_of(scope, row.subscription) &&
                                (!filter.pool || row.pool == *filter.pool) &&
                                (!filter.subscription || row.subscription == *filter.subscription);
            if (wanted && !(held_only && row.quantity.is_zero()))
                sorted[{row.subscription.value, row.market, row.symbol}] = row;
        }
        std::vector<ports::Position> rows;
        for (auto const& [key, row] : sorted)
            if ((!page.after || key > *page.after) &&
                rows.size() < static_cast<std::size_t>(page.limit))
                rows.push_back(row);
        co_return rows;
    }
    Task<std::optional<ports::Receipt>> receipt(ports::RecordScope scope,
                                                model::ReceiptId id) override {
        record_.reach();
        for (auto const& row : record_.receipts)
            if (row.id == id && is_of(scope, row.subscription)) co_return row;
        co_return std::nullopt;
    }
    Task<std::vector<ports::PublicKeyRecord>> receipt_keys() override {
        record_.reach();
        co_return record_.receipt_keys;
    }

private:
    [[nodiscard]] bool is_of(ports::RecordScope const& scope, model::SubscriptionId id) const {
        auto const found = record_.subscriptions.find(id);
        return found != record_.subscriptions.end() && found->second.tenant == scope.tenant &&
               (!scope.user || found->second.user == *scope.user);
    }
    [[nodiscard]] static bool takes(ports::ExecutionFilter const& filter,
                                    ports::Execution const& row) {
        return (!filter.pool || row.pool == *filter.pool) &&
               (!filter.subscription || row.subscription == *filter.subscription) &&
               (!filter.signal || row.signal == *filter.signal);
    }

    MemoryRecord& record_;
};

}  // namespace obscura::test
