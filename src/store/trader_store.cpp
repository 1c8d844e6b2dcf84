#include "store/trader_store.hpp"

#include "store/columns.hpp"

namespace obscura::store {
namespace {

// The connection's row is the lock under which nobody else makes a trader of it or removes it.
constexpr Statement lock_lead{"trader_lock_connection", R"(
    SELECT status FROM exchange_connections WHERE id = $1 AND user_id = $2 FOR UPDATE)"};
constexpr Statement lead_of{"trader_of_connection", R"(
    SELECT id FROM traders WHERE connection_id = $1 AND status = 'active')"};
constexpr Statement insert_trader{"trader_insert", R"(
    INSERT INTO traders (id, tenant_id, user_id, connection_id, display_name, created_at)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING)"};
constexpr Statement trader_by_id{"trader_by_id", R"(
    SELECT t.id, t.tenant_id, t.user_id, t.connection_id, t.display_name, t.status, t.created_at,
           c.venue, c.environment
      FROM traders t JOIN exchange_connections c ON c.id = t.connection_id WHERE t.id = $1)"};
constexpr Statement list_traders{"trader_list", R"(
    SELECT t.id, t.tenant_id, t.user_id, t.connection_id, t.display_name, t.status, t.created_at,
           c.venue, c.environment
      FROM traders t JOIN exchange_connections c ON c.id = t.connection_id
     WHERE ($1::uuid IS NULL OR t.user_id = $1) AND ($2::uuid IS NULL OR t.id < $2)
     ORDER BY t.id DESC LIMIT $3)"};

ports::TraderRecord trader_of(Row const& row) {
    return {.id = row.id<model::TraderId>(0),
            .tenant = row.id<model::TenantId>(1),
            .user = row.id<model::UserId>(2),
            .connection = row.id<model::ConnectionId>(3),
            .display_name = row.string(4),
            .is_active = row.text(5) == "active",
            .created_at = row.timestamp(6),
            .venue = row.string(7),
            .environment = enum_column(row, 8, model::environment_names)};
}

}  // namespace

ports::Task<base::Result<ports::TraderRecord>> PgTraderStore::create(ports::TraderRecord trader) {
    base::Result<void> allowed;
    auto const body = [&](PgTransaction& tx) -> net::Task<void> {
        auto which = Params().add(trader.connection).add(trader.user);
        auto const connection = co_await tx.run(lock_lead, std::move(which));
        if (connection.empty() || connection[0].text(0) == "removed") {
            allowed = base::fail(base::Errc::conflict, "connection_removed",
                                 "The connection was removed meanwhile.");
            co_return;
        }
        auto lead = Params().add(trader.connection);
        auto const leads = co_await tx.run(lead_of, std::move(lead));
        if (!leads.empty() && leads[0].id<model::TraderId>(0) != trader.id) {
            allowed = base::fail(base::Errc::conflict, "trader_exists",
                                 "The connection belongs to a trader already.");
            co_return;
        }
        auto params = Params()
                          .add(trader.id)
                          .add(trader.tenant)
                          .add(trader.user)
                          .add(trader.connection)
                          .add(trader.display_name)
                          .add(trader.created_at);
        (void)co_await tx.run(insert_trader, std::move(params));
    };
    co_await pool_.transaction(TenantScope::of(trader.tenant), body);
    if (!allowed) co_return std::unexpected(allowed.error());
    auto stored = co_await find(trader.tenant, trader.id);
    if (!stored) throw std::runtime_error("a trader vanished while it was made");
    co_return std::move(*stored);
}

ports::Task<std::optional<ports::TraderRecord>> PgTraderStore::find(model::TenantId tenant,
                                                                    model::TraderId id) {
    auto params = Params().add(id);
    auto const rows =
        co_await pool_.query(TenantScope::of(tenant), trader_by_id, std::move(params));
    if (rows.empty()) co_return std::nullopt;
    co_return trader_of(rows[0]);
}

ports::Task<std::vector<ports::TraderRecord>> PgTraderStore::list(model::TenantId tenant,
                                                                  std::optional<model::UserId> user,
                                                                  ports::Page page) {
    auto params = Params().add(user).add(page.before).add(page.limit);
    auto const rows =
        co_await pool_.query(TenantScope::of(tenant), list_traders, std::move(params));
    std::vector<ports::TraderRecord> traders;
    for (int i = 0; i < rows.size(); ++i) traders.push_back(trader_of(rows[i]));
    co_return traders;
}

}  // namespace obscura::store
