#include "store/pool_store.hpp"

#include "store/audit_log.hpp"
#include "store/columns.hpp"

#include <algorithm>

namespace obscura::store {
namespace {

// Traders come as "id=weight"; row-level security hides those of another tenant's pool.
#define OBSCURA_POOL_COLUMNS                                                                     \
    "p.id, p.tenant_id, p.kind, p.name, p.description, p.owner_user_id, p.performance_fee_bps, " \
    "p.status, p.created_at, ARRAY(SELECT t.trader_id || '=' || t.weight FROM pool_traders t "   \
    "WHERE t.pool_id = p.id ORDER BY t.trader_id)"
// ports::PoolViewer::sees, in SQL: $1 the user or NULL for the tenant's key, $2 whether an admin.
#define OBSCURA_POOL_VISIBLE                                                                   \
    "CASE p.kind WHEN 'curated' THEN p.status <> 'draft' OR (p.tenant_id = current_tenant() "  \
    "AND $2::boolean) WHEN 'custom' THEN p.tenant_id = current_tenant() AND "                  \
    "p.owner_user_id = $1::uuid ELSE p.tenant_id = current_tenant() AND (p.status <> 'draft' " \
    "OR $1::uuid IS NULL) END"

constexpr Statement insert_pool{"pool_insert", R"(
    INSERT INTO pools (id, tenant_id, kind, name, description, owner_user_id, performance_fee_bps,
                       status, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING)"};
constexpr Statement active_traders{"pool_active_traders", R"(
    SELECT id FROM traders WHERE id = ANY($1::uuid[]) AND status = 'active' FOR SHARE)"};
constexpr Statement insert_pool_traders{"pool_traders_insert", R"(
    INSERT INTO pool_traders (pool_id, trader_id, tenant_id, weight)
    SELECT $1, t.id, current_tenant(), t.weight
      FROM unnest($2::uuid[], $3::numeric[]) AS t(id, weight)
    ON CONFLICT (pool_id, trader_id) DO UPDATE SET weight = excluded.weight)"};
constexpr Statement drop_pool_traders{"pool_traders_drop", R"(
    DELETE FROM pool_traders WHERE pool_id = $1 AND trader_id <> ALL($2::uuid[]))"};
constexpr Statement own_pool{"pool_own", "SELECT " OBSCURA_POOL_COLUMNS
                                         " FROM pools p WHERE p.id = $1 AND p.tenant_id = "
                                         "current_tenant()"};
constexpr Statement lock_pool{"pool_lock", R"(
    SELECT status FROM pools WHERE id = $1 AND tenant_id = current_tenant() FOR UPDATE)"};
constexpr Statement visible_pool{"pool_visible",
                                 "SELECT " OBSCURA_POOL_COLUMNS
                                 " FROM pools p WHERE " OBSCURA_POOL_VISIBLE " AND p.id = $3"};
constexpr Statement list_pools{
    "pool_list", "SELECT " OBSCURA_POOL_COLUMNS " FROM pools p WHERE " OBSCURA_POOL_VISIBLE
                 " AND ($3::text IS NULL OR p.kind = $3) AND ($4::text IS NULL OR p.status = $4)"
                 " AND ($5::uuid IS NULL OR p.id < $5) ORDER BY p.id DESC LIMIT $6"};
constexpr Statement change_pool{"pool_change", R"(
    UPDATE pools SET name = coalesce($2, name), description = coalesce($3, description),
                     performance_fee_bps = coalesce($4::int, performance_fee_bps)
     WHERE id = $1)"};
constexpr Statement set_pool_status{"pool_set_status",
                                    "UPDATE pools SET status = $2 WHERE id = $1"};
#undef OBSCURA_POOL_COLUMNS
#undef OBSCURA_POOL_VISIBLE

ports::PoolTrader trader_of(std::string_view text) {
    auto const split = text.find('=');
    auto const id = model::TraderId::parse(text.substr(0, split));
    auto const weight = split == std::string_view::npos
                            ? std::nullopt
                            : base::Decimal::parse(text.substr(split + 1));
    if (!id || !weight) throw std::runtime_error("a pool's trader does not parse");
    return {*id, *weight};
}

ports::PoolRecord pool_of(Row const& row) {
    ports::PoolRecord pool{.id = row.id<model::PoolId>(0),
                           .tenant = row.id<model::TenantId>(1),
                           .kind = enum_column(row, 2, ports::pool_kind_names),
                           .name = row.string(3),
                           .description = row.string(4),
                           .owner = optional_id<model::UserId>(row, 5),
                           .performance_fee_bps = row.integer(6),
                           .status = enum_column(row, 7, ports::pool_status_names),
                           .created_at = row.timestamp(8)};
    for (auto const& text : row.text_array(9)) pool.traders.push_back(trader_of(text));
    return pool;
}

std::vector<std::optional<std::string>> ids_of(std::vector<ports::PoolTrader> const& traders) {
    std::vector<std::optional<std::string>> ids;
    for (auto const& entry : traders) ids.emplace_back(entry.trader.to_string());
    return ids;
}

/// The field errors of entries that are not active traders of the tenant.
net::Task<base::Result<void>> check_traders(PgTransaction& tx,
                                            std::vector<ports::PoolTrader> const& traders) {
    if (traders.empty()) co_return base::Result<void>{};
    auto params = Params().add_array(ids_of(traders));
    auto const rows = co_await tx.run(active_traders, std::move(params));
    std::vector<model::TraderId> known;
    for (int i = 0; i < rows.size(); ++i) known.push_back(rows[i].id<model::TraderId>(0));
    auto error = base::field_error("", "", "");
    error.fields.clear();
    for (std::size_t i = 0; i < traders.size(); ++i) {
        if (std::ranges::find(known, traders[i].trader) != known.end()) continue;
        error.fields.push_back({"/traders/" + std::to_string(i) + "/trader_id", "unknown_trader",
                                "Must be an active trader."});
    }
    if (error.fields.empty()) co_return base::Result<void>{};
    co_return std::unexpected(std::move(error));
}

void send_traders(PgTransaction& tx, model::PoolId pool,
                  std::vector<ports::PoolTrader> const& traders) {
    if (traders.empty()) return;
    std::vector<std::optional<std::string>> weights;
    for (auto const& entry : traders) weights.emplace_back(entry.weight.to_string());
    tx.send(insert_pool_traders, Params().add(pool).add_array(ids_of(traders)).add_array(weights));
}

std::unexpected<base::Error> no_such_pool() {
    return base::fail(base::Errc::not_found, "pool_not_found", "There is no such pool.");
}

base::Result<void> may_change(ports::PoolStatus status, ports::PoolChange const& change) {
    if (status == ports::PoolStatus::archived)
        return base::fail(base::Errc::conflict, "pool_archived", "The pool is archived.");
    if (change.performance_fee_bps && status != ports::PoolStatus::draft)
        return base::fail(base::Errc::conflict, "fee_fixed",
                          "The fee of a pool that was published does not change.");
    return {};
}

std::string subject_of(model::PoolId id) { return "pool:" + id.to_string(); }

std::string_view action_to(ports::PoolStatus status) {
    switch (status) {
        case ports::PoolStatus::active:
            return "pool.activate";
        case ports::PoolStatus::paused:
            return "pool.pause";
        case ports::PoolStatus::archived:
            return "pool.archive";
        case ports::PoolStatus::draft:
            break;
    }
    return "pool.withdraw";
}

base::Json detail_of(ports::PoolRecord const& pool) {
    return base::Json::object({{"kind", model::name_of(pool.kind, ports::pool_kind_names)},
                               {"performance_fee_bps", pool.performance_fee_bps}});
}

/// What decides about followers' money; names and words are not of interest.
base::Json detail_of(ports::PoolChange const& change) {
    auto detail = base::Json::object();
    if (change.performance_fee_bps) detail.set("performance_fee_bps", *change.performance_fee_bps);
    if (!change.traders) return detail;
    auto traders = base::Json::array();
    for (auto const& entry : *change.traders)
        traders.push_back(entry.trader.to_string() + "=" + entry.weight.to_string());
    detail.set("traders", std::move(traders));
    return detail;
}

}  // namespace

ports::Task<base::Result<ports::PoolRecord>> PgPoolStore::create(ports::PoolRecord pool,
                                                                 ports::AuditStamp by) {
    base::Result<ports::PoolRecord> answer = no_such_pool();
    auto const body = [&](PgTransaction& tx) -> net::Task<void> {
        auto const known = co_await check_traders(tx, pool.traders);
        if (!known) {
            answer = std::unexpected(known.error());
            co_return;
        }
        auto params = Params()
                          .add(pool.id)
                          .add(pool.tenant)
                          .add(model::name_of(pool.kind, ports::pool_kind_names))
                          .add(pool.name)
                          .add(pool.description)
                          .add(pool.owner)
                          .add(pool.performance_fee_bps)
                          .add(model::name_of(pool.status, ports::pool_status_names))
                          .add(pool.created_at);
        auto const made = co_await tx.run(insert_pool, std::move(params));
        if (made.affected() == 1) {
            send_traders(tx, pool.id, pool.traders);
            send_audit(tx, pool.tenant, by, "pool.create", subject_of(pool.id), detail_of(pool));
        }
        auto which = Params().add(pool.id);
        auto const rows = co_await tx.run(own_pool, std::move(which));
        if (rows.empty()) throw std::runtime_error("a pool vanished while it was made");
        answer = pool_of(rows[0]);
    };
    co_await pool_.transaction(TenantScope::of(pool.tenant), body);
    co_return answer;
}

ports::Task<std::optional<ports::PoolRecord>> PgPoolStore::find(ports::PoolViewer viewer,
                                                                model::PoolId id) {
    auto params = Params().add(viewer.user).add(viewer.is_admin).add(id);
    auto const rows =
        co_await pool_.query(TenantScope::of(viewer.tenant), visible_pool, std::move(params));
    if (rows.empty()) co_return std::nullopt;
    co_return pool_of(rows[0]);
}

ports::Task<std::vector<ports::PoolRecord>> PgPoolStore::list(ports::PoolViewer viewer,
                                                              ports::PoolFilter filter,
                                                              ports::Page page) {
    std::optional<std::string> kind;
    std::optional<std::string> status;
    if (filter.kind) kind = model::name_of(*filter.kind, ports::pool_kind_names);
    if (filter.status) status = model::name_of(*filter.status, ports::pool_status_names);
    auto params = Params()
                      .add(viewer.user)
                      .add(viewer.is_admin)
                      .add(kind)
                      .add(status)
                      .add(page.before)
                      .add(page.limit);
    auto const rows =
        co_await pool_.query(TenantScope::of(viewer.tenant), list_pools, std::move(params));
    std::vector<ports::PoolRecord> pools;
    for (int i = 0; i < rows.size(); ++i) pools.push_back(pool_of(rows[i]));
    co_return pools;
}

ports::Task<base::Result<ports::PoolRecord>> PgPoolStore::change(model::TenantId tenant,
                                                                 model::PoolId id,
                                                                 ports::PoolChange change,
                                                                 ports::AuditStamp by) {
    base::Result<ports::PoolRecord> answer = no_such_pool();
    auto const body = [&](PgTransaction& tx) -> net::Task<void> {
        auto which = Params().add(id);
        auto const locked = co_await tx.run(lock_pool, std::move(which));
        if (locked.empty()) co_return;
        auto allowed = may_change(enum_column(locked[0], 0, ports::pool_status_names), change);
        if (allowed && change.traders) allowed = co_await check_traders(tx, *change.traders);
        if (!allowed) {
            answer = std::unexpected(allowed.error());
            co_return;
        }
        tx.send(change_pool, Params()
                                 .add(id)
                                 .add(change.name)
                                 .add(change.description)
                                 .add(change.performance_fee_bps));
        if (change.traders) {
            tx.send(drop_pool_traders, Params().add(id).add_array(ids_of(*change.traders)));
            send_traders(tx, id, *change.traders);
        }
        send_audit(tx, tenant, by, "pool.change", subject_of(id), detail_of(change));
        auto after = Params().add(id);
        auto const rows = co_await tx.run(own_pool, std::move(after));
        answer = pool_of(rows[0]);
    };
    co_await pool_.transaction(TenantScope::of(tenant), body);
    co_return answer;
}

ports::Task<base::Result<ports::PoolRecord>> PgPoolStore::set_status(model::TenantId tenant,
                                                                     model::PoolId id,
                                                                     ports::PoolStatus to,
                                                                     ports::AuditStamp by) {
    base::Result<ports::PoolRecord> answer = no_such_pool();
    auto const body = [&](PgTransaction& tx) -> net::Task<void> {
        auto which = Params().add(id);
        auto const locked = co_await tx.run(lock_pool, std::move(which));
        if (locked.empty()) co_return;
        auto const from = enum_column(locked[0], 0, ports::pool_status_names);
        auto const allowed = ports::may_become(from, to);
        if (!allowed) {
            answer = std::unexpected(allowed.error());
            co_return;
        }
        tx.send(set_pool_status,
                Params().add(id).add(model::name_of(to, ports::pool_status_names)));
        if (from != to) send_audit(tx, tenant, by, action_to(to), subject_of(id));
        auto after = Params().add(id);
        auto const rows = co_await tx.run(own_pool, std::move(after));
        answer = pool_of(rows[0]);
    };
    co_await pool_.transaction(TenantScope::of(tenant), body);
    co_return answer;
}

}  // namespace obscura::store
