#include "store/subscription_store.hpp"

#include "store/columns.hpp"
#include "store/exposure.hpp"

namespace obscura::store {
namespace {

using ports::SubscriptionRecord;
using ports::SubscriptionStatus;

#define OBSCURA_SUBSCRIPTION_COLUMNS                                                       \
    "id, tenant_id, pool_id, user_id, connection_id, total_investment_usd, max_loss_usd, " \
    "profit_target_usd, daily_loss_limit_usd, status, created_at, closed_at"

// The connection's row is locked so that it cannot be removed under the new subscription.
constexpr Statement lock_follow{"subscription_lock_connection", R"(
    SELECT status FROM exchange_connections WHERE id = $1 AND user_id = $2 FOR SHARE)"};
constexpr Statement insert_subscription{"subscription_insert", R"(
    INSERT INTO subscriptions (id, tenant_id, pool_id, user_id, connection_id, mode,
                               total_investment_usd, max_loss_usd, profit_target_usd,
                               daily_loss_limit_usd, created_at)
    VALUES ($1, $2, $3, $4, $5, 'fixed_amount', $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING)"};
constexpr Statement subscription_by_id{"subscription_by_id",
                                       "SELECT " OBSCURA_SUBSCRIPTION_COLUMNS
                                       " FROM subscriptions WHERE id = $1 AND user_id = $2"};
constexpr Statement lock_subscription{"subscription_lock",
                                      "SELECT " OBSCURA_SUBSCRIPTION_COLUMNS
                                      " FROM subscriptions WHERE id = $1 AND user_id = $2 "
                                      "FOR UPDATE"};
constexpr Statement list_subscriptions{
    "subscription_list",
    "SELECT " OBSCURA_SUBSCRIPTION_COLUMNS
    " FROM subscriptions WHERE user_id = $1 AND ($2::text IS NULL OR status = $2)"
    " AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4"};
constexpr Statement change_limits{"subscription_change", R"(
    UPDATE subscriptions SET total_investment_usd = $2, max_loss_usd = $3, profit_target_usd = $4,
                             daily_loss_limit_usd = $5
     WHERE id = $1)"};
constexpr Statement set_subscription_status{"subscription_set_status", R"(
    UPDATE subscriptions SET status = $2, closed_at = $3 WHERE id = $1)"};
#undef OBSCURA_SUBSCRIPTION_COLUMNS

SubscriptionRecord subscription_of(Row const& row) {
    return {.id = row.id<model::SubscriptionId>(0),
            .tenant = row.id<model::TenantId>(1),
            .pool = row.id<model::PoolId>(2),
            .user = row.id<model::UserId>(3),
            .connection = row.id<model::ConnectionId>(4),
            .total_investment_usd = row.amount<base::Money>(5),
            .max_loss_usd = optional_amount<base::Money>(row, 6),
            .profit_target_usd = optional_amount<base::Money>(row, 7),
            .daily_loss_limit_usd = optional_amount<base::Money>(row, 8),
            .status = enum_column(row, 9, ports::subscription_status_names),
            .created_at = row.timestamp(10),
            .closed_at = optional_time(row, 11)};
}

std::unexpected<base::Error> not_there() {
    return base::fail(base::Errc::not_found, "subscription_not_found",
                      "There is no such subscription.");
}

bool is_ending(SubscriptionStatus status) {
    return status == SubscriptionStatus::closing || status == SubscriptionStatus::closed;
}

std::unexpected<base::Error> is_over() {
    return base::fail(base::Errc::conflict, "subscription_closed", "The subscription is closed.");
}

void apply(ports::SubscriptionChange const& change, SubscriptionRecord& to) {
    if (change.total_investment_usd) to.total_investment_usd = *change.total_investment_usd;
    if (change.max_loss_usd) to.max_loss_usd = *change.max_loss_usd;
    if (change.profit_target_usd) to.profit_target_usd = *change.profit_target_usd;
    if (change.daily_loss_limit_usd) to.daily_loss_limit_usd = *change.daily_loss_limit_usd;
}

net::Task<base::Result<SubscriptionRecord>> lock(PgTransaction& tx, model::UserId user,
                                                 model::SubscriptionId id) {
    auto params = Params().add(id).add(user);
    auto const rows = co_await tx.run(lock_subscription, std::move(params));
    if (rows.empty()) co_return not_there();
    co_return subscription_of(rows[0]);
}

void send_status(PgTransaction& tx, SubscriptionRecord const& subscription) {
    tx.send(set_subscription_status,
            Params()
                .add(subscription.id)
                .add(model::name_of(subscription.status, ports::subscription_status_names))
                .add(subscription.closed_at));
}

/// Inserts unless the id is there already; an error when the connection went.
net::Task<base::Result<void>> insert(PgTransaction& tx, SubscriptionRecord const& s) {
    auto which = Params().add(s.connection).add(s.user);
    auto const connection = co_await tx.run(lock_follow, std::move(which));
    if (connection.empty() || connection[0].text(0) == "removed")
        co_return base::fail(base::Errc::conflict, "connection_removed",
                             "The connection was removed meanwhile.");
    auto params = Params()
                      .add(s.id)
                      .add(s.tenant)
                      .add(s.pool)
                      .add(s.user)
                      .add(s.connection)
                      .add(s.total_investment_usd)
                      .add(s.max_loss_usd)
                      .add(s.profit_target_usd)
                      .add(s.daily_loss_limit_usd)
                      .add(s.created_at);
    (void)co_await tx.run(insert_subscription, std::move(params));
    co_return base::Result<void>{};
}

}  // namespace

ports::Task<base::Result<SubscriptionRecord>> PgSubscriptionStore::create(
    SubscriptionRecord subscription) {
    base::Result<void> made;
    auto const body = [&](PgTransaction& tx) -> net::Task<void> {
        made = co_await insert(tx, subscription);
    };
    bool taken = false;
    try {
        co_await pool_.transaction(TenantScope::of(subscription.tenant), body);
    } catch (PgError const& e) {
        if (!e.is_unique_violation()) throw;
        taken = true;
    }
    if (taken)
        co_return base::fail(base::Errc::conflict, "already_subscribed",
                             "The connection has a subscription of this pool already.");
    if (!made) co_return std::unexpected(made.error());
    auto stored = co_await find(subscription.tenant, subscription.user, subscription.id);
    if (!stored) throw std::runtime_error("a subscription vanished while it was made");
    co_return std::move(*stored);
}

ports::Task<std::optional<SubscriptionRecord>> PgSubscriptionStore::find(model::TenantId tenant,
                                                                         model::UserId user,
                                                                         model::SubscriptionId id) {
    auto params = Params().add(id).add(user);
    auto const rows =
        co_await pool_.query(TenantScope::of(tenant), subscription_by_id, std::move(params));
    if (rows.empty()) co_return std::nullopt;
    co_return subscription_of(rows[0]);
}

ports::Task<std::vector<SubscriptionRecord>> PgSubscriptionStore::list(
    model::TenantId tenant, model::UserId user, std::optional<SubscriptionStatus> status,
    ports::Page page) {
    std::optional<std::string> wanted;
    if (status) wanted = model::name_of(*status, ports::subscription_status_names);
    auto params = Params().add(user).add(wanted).add(page.before).add(page.limit);
    auto const rows =
        co_await pool_.query(TenantScope::of(tenant), list_subscriptions, std::move(params));
    std::vector<SubscriptionRecord> subscriptions;
    for (int i = 0; i < rows.size(); ++i) subscriptions.push_back(subscription_of(rows[i]));
    co_return subscriptions;
}

ports::Task<base::Result<SubscriptionRecord>> PgSubscriptionStore::change(
    model::TenantId tenant, model::UserId user, model::SubscriptionId id,
    ports::SubscriptionChange change) {
    base::Result<SubscriptionRecord> answer = not_there();
    auto const body = [&](PgTransaction& tx) -> net::Task<void> {
        answer = co_await lock(tx, user, id);
        if (!answer) co_return;
        if (is_ending(answer->status)) {
            answer = is_over();
            co_return;
        }
        apply(change, *answer);
        tx.send(change_limits, Params()
                                   .add(id)
                                   .add(answer->total_investment_usd)
                                   .add(answer->max_loss_usd)
                                   .add(answer->profit_target_usd)
                                   .add(answer->daily_loss_limit_usd));
    };
    co_await pool_.transaction(TenantScope::of(tenant), body);
    co_return answer;
}

ports::Task<base::Result<SubscriptionRecord>> PgSubscriptionStore::set_paused(
    model::TenantId tenant, model::UserId user, model::SubscriptionId id, bool paused) {
    base::Result<SubscriptionRecord> answer = not_there();
    auto const body = [&](PgTransaction& tx) -> net::Task<void> {
        answer = co_await lock(tx, user, id);
        if (!answer) co_return;
        if (is_ending(answer->status)) {
            answer = is_over();
            co_return;
        }
        answer->status = paused ? SubscriptionStatus::paused : SubscriptionStatus::active;
        send_status(tx, *answer);
    };
    co_await pool_.transaction(TenantScope::of(tenant), body);
    co_return answer;
}

ports::Task<base::Result<SubscriptionRecord>> PgSubscriptionStore::close(model::TenantId tenant,
                                                                         model::UserId user,
                                                                         model::SubscriptionId id,
                                                                         base::Timestamp at) {
    base::Result<SubscriptionRecord> answer = not_there();
    auto const body = [&](PgTransaction& tx) -> net::Task<void> {
        answer = co_await lock(tx, user, id);
        if (!answer || answer->status == SubscriptionStatus::closed) co_return;
        auto const held = co_await has_exposure(tx, id);
        answer->status = held ? SubscriptionStatus::closing : SubscriptionStatus::closed;
        if (!held) answer->closed_at = at;
        send_status(tx, *answer);
    };
    co_await pool_.transaction(TenantScope::of(tenant), body);
    co_return answer;
}

}  // namespace obscura::store
