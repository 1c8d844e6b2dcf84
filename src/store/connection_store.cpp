#include "store/connection_store.hpp"

#include "store/audit_log.hpp"
#include "store/columns.hpp"
#include "store/copy_rows.hpp"

namespace obscura::store {
namespace {

constexpr Statement insert_connection{"connection_insert", R"(
    INSERT INTO exchange_connections (id, tenant_id, user_id, venue, environment, purpose, label,
                                      credentials, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9) ON CONFLICT (id) DO NOTHING)"};
constexpr Statement connection_by_id{"connection_by_id", R"(
    SELECT id, tenant_id, user_id, venue, environment, purpose, label, status, created_at
      FROM exchange_connections WHERE id = $1 AND user_id = $2 AND status <> 'removed')"};
constexpr Statement sealed_connection{"connection_sealed", R"(
    SELECT id, tenant_id, user_id, venue, environment, purpose, label, status, created_at,
           credentials::text
      FROM exchange_connections WHERE id = $1 AND user_id = $2 AND status <> 'removed')"};
constexpr Statement list_connections{"connection_list", R"(
    SELECT id, tenant_id, user_id, venue, environment, purpose, label, status, created_at
      FROM exchange_connections
     WHERE user_id = $1 AND status <> 'removed' AND ($2::uuid IS NULL OR id < $2)
     ORDER BY id DESC LIMIT $3)"};
constexpr Statement lock_connection{"connection_lock", R"(
    SELECT 1 FROM exchange_connections
     WHERE id = $1 AND user_id = $2 AND status <> 'removed' FOR UPDATE)"};
constexpr Statement connection_in_use{"connection_in_use", R"(
    SELECT EXISTS (SELECT FROM subscriptions WHERE connection_id = $1 AND status <> 'closed')
        OR EXISTS (SELECT FROM traders WHERE connection_id = $1 AND status = 'active'))"};
constexpr Statement remove_connection{"connection_remove", R"(
    UPDATE exchange_connections SET status = 'removed', credentials = '{}', removed_at = $2
     WHERE id = $1)"};

ports::ConnectionRecord connection_of(Row const& row) {
    return {.id = row.id<model::ConnectionId>(0),
            .tenant = row.id<model::TenantId>(1),
            .user = row.id<model::UserId>(2),
            .venue = row.string(3),
            .environment = enum_column(row, 4, model::environment_names),
            .purpose = enum_column(row, 5, ports::connection_purpose_names),
            .label = row.string(6),
            .credentials = {},
            .status = enum_column(row, 7, ports::connection_status_names),
            .created_at = row.timestamp(8)};
}

std::string credentials_json(ports::SealedCredentials const& credentials) {
    auto json = base::Json::object();
    for (auto const& [field, ciphertext] : credentials) json.set(field, ciphertext);
    return json.dump();
}

std::string subject_of(model::ConnectionId id) { return "connection:" + id.to_string(); }

base::Json detail_of(ports::ConnectionRecord const& connection) {
    return base::Json::object(
        {{"venue", connection.venue},
         {"environment", model::to_string(connection.environment)},
         {"purpose", model::name_of(connection.purpose, ports::connection_purpose_names)}});
}

}  // namespace

ports::Task<base::Result<ports::ConnectionRecord>> PgConnectionStore::create(
    ports::ConnectionRecord connection, ports::AuditStamp by) {
    auto params = Params()
                      .add(connection.id)
                      .add(connection.tenant)
                      .add(connection.user)
                      .add(connection.venue)
                      .add(model::to_string(connection.environment))
                      .add(model::name_of(connection.purpose, ports::connection_purpose_names))
                      .add(connection.label)
                      .add(credentials_json(connection.credentials))
                      .add(connection.created_at);
    auto const body = [&](PgTransaction& tx) -> net::Task<void> {
        auto const made = co_await tx.run(insert_connection, std::move(params));
        if (made.affected() == 1)
            send_audit(tx, connection.tenant, by, "connection.add", subject_of(connection.id),
                       detail_of(connection));
    };
    co_await pool_.transaction(TenantScope::of(connection.tenant), body);
    auto stored = co_await find(connection.tenant, connection.user, connection.id);
    if (!stored)
        co_return base::fail(base::Errc::conflict, "connection_removed",
                             "The connection was removed meanwhile.");
    co_return std::move(*stored);
}

ports::Task<std::optional<ports::ConnectionRecord>> PgConnectionStore::find(
    model::TenantId tenant, model::UserId user, model::ConnectionId id) {
    auto params = Params().add(id).add(user);
    auto const rows =
        co_await pool_.query(TenantScope::of(tenant), connection_by_id, std::move(params));
    if (rows.empty()) co_return std::nullopt;
    co_return connection_of(rows[0]);
}

ports::Task<std::optional<ports::ConnectionRecord>> PgConnectionStore::find_sealed(
    model::TenantId tenant, model::UserId user, model::ConnectionId id) {
    auto params = Params().add(id).add(user);
    auto const rows =
        co_await pool_.query(TenantScope::of(tenant), sealed_connection, std::move(params));
    if (rows.empty()) co_return std::nullopt;
    auto connection = connection_of(rows[0]);
    connection.credentials = credentials_from_json(rows[0].text(9));
    co_return connection;
}

ports::Task<std::vector<ports::ConnectionRecord>> PgConnectionStore::list(model::TenantId tenant,
                                                                          model::UserId user,
                                                                          ports::Page page) {
    auto params = Params().add(user).add(page.before).add(page.limit);
    auto const rows =
        co_await pool_.query(TenantScope::of(tenant), list_connections, std::move(params));
    std::vector<ports::ConnectionRecord> connections;
    for (int i = 0; i < rows.size(); ++i) connections.push_back(connection_of(rows[i]));
    co_return connections;
}

ports::Task<base::Result<void>> PgConnectionStore::remove(model::TenantId tenant,
                                                          model::UserId user,
                                                          model::ConnectionId id,
                                                          base::Timestamp at,
                                                          ports::AuditStamp by) {
    base::Result<void> answer;
    auto const body = [&](PgTransaction& tx) -> net::Task<void> {
        auto which = Params().add(id).add(user);
        auto const found = co_await tx.run(lock_connection, std::move(which));
        if (found.empty()) {
            answer = base::fail(base::Errc::not_found, "connection_not_found",
                                "There is no such connection.");
            co_return;
        }
        auto used_by = Params().add(id);
        auto const used = co_await tx.run(connection_in_use, std::move(used_by));
        if (used[0].boolean(0)) {
            answer = base::fail(base::Errc::conflict, "connection_in_use",
                                "A subscription or a trader still needs the connection.");
            co_return;
        }
        auto removal = Params().add(id).add(at);
        (void)co_await tx.run(remove_connection, std::move(removal));
        send_audit(tx, tenant, by, "connection.remove", subject_of(id));
    };
    co_await pool_.transaction(TenantScope::of(tenant), body);
    co_return answer;
}

}  // namespace obscura::store
