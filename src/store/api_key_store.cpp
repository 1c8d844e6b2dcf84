#include "store/api_key_store.hpp"

#include "store/audit_log.hpp"
#include "store/columns.hpp"

namespace obscura::store {
namespace {

#define OBSCURA_KEY_COLUMNS                                                            \
    "id, tenant_id, public_id, mode, name, secret_mac, scopes, ip_allow, created_at, " \
    "expires_at, last_used_at, revoked_at"

// Only where the tenant exists: with row-level security an unknown one would look like a broken
// rule.
constexpr Statement insert_key{"api_key_insert", R"(
    INSERT INTO api_keys (id, tenant_id, public_id, mode, name, secret_mac, scopes, ip_allow,
                          created_at, expires_at)
    SELECT $1::uuid, tenant_id, $3::text, $4::text, $5::text, $6::bytea, $7::text[], $8::text[],
           $9::timestamptz, $10::timestamptz
      FROM tenants WHERE tenant_id = $2
    ON CONFLICT (id) DO NOTHING)"};
constexpr Statement key_tenant{"api_key_tenant", "SELECT tenant_of_api_key($1)"};
constexpr Statement key_by_public_id{
    "api_key_by_public_id", "SELECT " OBSCURA_KEY_COLUMNS " FROM api_keys WHERE public_id = $1"};
constexpr Statement key_by_id{"api_key_by_id",
                              "SELECT " OBSCURA_KEY_COLUMNS " FROM api_keys WHERE id = $1"};
constexpr Statement lock_key{
    "api_key_lock", "SELECT " OBSCURA_KEY_COLUMNS " FROM api_keys WHERE id = $1 FOR UPDATE"};
constexpr Statement list_keys{
    "api_key_list", "SELECT " OBSCURA_KEY_COLUMNS
                    " FROM api_keys WHERE ($1::uuid IS NULL OR id < $1) ORDER BY id DESC LIMIT $2"};
constexpr Statement end_key{"api_key_end", R"(
    UPDATE api_keys SET expires_at = least(coalesce(expires_at, $2), $2) WHERE id = $1)"};
constexpr Statement revoke_key{
    "api_key_revoke",
    "UPDATE api_keys SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1 "
    "RETURNING " OBSCURA_KEY_COLUMNS};
constexpr Statement touch_key{"api_key_touch", R"(
    UPDATE api_keys SET last_used_at = greatest(coalesce(last_used_at, $2), $2) WHERE id = $1)"};
#undef OBSCURA_KEY_COLUMNS

ports::ApiKeyRecord key_of(Row const& row) {
    return {.id = row.id<model::ApiKeyId>(0),
            .tenant = row.id<model::TenantId>(1),
            .public_id = row.string(2),
            .mode = enum_column(row, 3, ports::api_key_mode_names),
            .name = row.string(4),
            .secret_mac = row.bytes(5),
            .scopes = row.text_array(6),
            .ip_allow = row.text_array(7),
            .created_at = row.timestamp(8),
            .expires_at = optional_time(row, 9),
            .last_used_at = optional_time(row, 10),
            .revoked_at = optional_time(row, 11)};
}

Params params_of(ports::ApiKeyRecord const& key) {
    return Params()
        .add(key.id)
        .add(key.tenant)
        .add(key.public_id)
        .add(model::name_of(key.mode, ports::api_key_mode_names))
        .add(key.name)
        .add_bytes(key.secret_mac)
        .add_array(array_items(key.scopes))
        .add_array(array_items(key.ip_allow))
        .add(key.created_at)
        .add(key.expires_at);
}

std::string subject_of(model::ApiKeyId id) { return "api_key:" + id.to_string(); }

base::Json detail_of(ports::ApiKeyRecord const& key) {
    auto scopes = base::Json::array();
    for (auto const& scope : key.scopes) scopes.push_back(scope);
    return base::Json::object({{"name", key.name},
                               {"mode", model::name_of(key.mode, ports::api_key_mode_names)},
                               {"scopes", std::move(scopes)}});
}

}  // namespace

ports::Task<base::Result<ports::ApiKeyStore::Created>> PgApiKeyStore::create(
    ports::ApiKeyRecord key, ports::AuditStamp by) {
    bool is_made = false;
    auto const body = [&](PgTransaction& tx) -> net::Task<void> {
        auto params = params_of(key);
        auto const done = co_await tx.run(insert_key, std::move(params));
        is_made = done.affected() == 1;
        if (is_made)
            send_audit(tx, key.tenant, by, "api_key.create", subject_of(key.id), detail_of(key));
    };
    co_await pool_.transaction(TenantScope::of(key.tenant), body);
    if (is_made) co_return Created::made;
    auto const stored = co_await find(key.tenant, key.id);
    if (stored) co_return Created::already_made;
    co_return base::fail(base::Errc::not_found, "tenant_not_found", "There is no such tenant.");
}

ports::Task<std::optional<ports::ApiKeyRecord>> PgApiKeyStore::find_by_public_id(
    std::string public_id) {
    auto lookup = Params().add(public_id);
    auto const owner = co_await pool_.query(TenantScope{}, key_tenant, std::move(lookup));
    auto const tenant = optional_id<model::TenantId>(owner[0], 0);
    if (!tenant) co_return std::nullopt;
    auto params = Params().add(public_id);
    auto const rows =
        co_await pool_.query(TenantScope::of(*tenant), key_by_public_id, std::move(params));
    if (rows.empty()) co_return std::nullopt;
    co_return key_of(rows[0]);
}

ports::Task<std::optional<ports::ApiKeyRecord>> PgApiKeyStore::find(model::TenantId tenant,
                                                                    model::ApiKeyId id) {
    auto params = Params().add(id);
    auto const rows = co_await pool_.query(TenantScope::of(tenant), key_by_id, std::move(params));
    if (rows.empty()) co_return std::nullopt;
    co_return key_of(rows[0]);
}

ports::Task<std::vector<ports::ApiKeyRecord>> PgApiKeyStore::list(model::TenantId tenant,
                                                                  ports::Page page) {
    auto params = Params().add(page.before).add(page.limit);
    auto const rows = co_await pool_.query(TenantScope::of(tenant), list_keys, std::move(params));
    std::vector<ports::ApiKeyRecord> keys;
    for (int i = 0; i < rows.size(); ++i) keys.push_back(key_of(rows[i]));
    co_return keys;
}

ports::Task<base::Result<ports::ApiKeyStore::Created>> PgApiKeyStore::rotate(
    model::ApiKeyId old, base::Timestamp old_ends, ports::ApiKeyRecord next, ports::AuditStamp by) {
    base::Result<Created> answer = Created::made;
    auto const body = [&](PgTransaction& tx) -> net::Task<void> {
        auto which = Params().add(old);
        auto const rows = co_await tx.run(lock_key, std::move(which));
        if (rows.empty()) {
            answer =
                base::fail(base::Errc::not_found, "api_key_not_found", "There is no such key.");
            co_return;
        }
        auto successor = Params().add(next.id);
        auto const made = co_await tx.run(key_by_id, std::move(successor));
        if (!made.empty()) {
            answer = Created::already_made;
            co_return;
        }
        if (!key_of(rows[0]).is_usable(next.created_at)) {
            answer = base::fail(base::Errc::conflict, "key_not_active",
                                "The key was revoked or is over.");
            co_return;
        }
        auto params = params_of(next);
        (void)co_await tx.run(insert_key, std::move(params));
        auto ending = Params().add(old).add(old_ends);
        (void)co_await tx.run(end_key, std::move(ending));
        auto detail = detail_of(next);
        detail.set("next", next.id.to_string());
        detail.set("old_ends", base::to_rfc3339(old_ends));
        send_audit(tx, next.tenant, by, "api_key.rotate", subject_of(old), std::move(detail));
    };
    co_await pool_.transaction(TenantScope::of(next.tenant), body);
    co_return answer;
}

ports::Task<base::Result<ports::ApiKeyRecord>> PgApiKeyStore::revoke(model::TenantId tenant,
                                                                     model::ApiKeyId id,
                                                                     base::Timestamp at,
                                                                     ports::AuditStamp by) {
    base::Result<ports::ApiKeyRecord> answer =
        base::fail(base::Errc::not_found, "api_key_not_found", "There is no such key.");
    auto const body = [&](PgTransaction& tx) -> net::Task<void> {
        auto which = Params().add(id);
        auto const found = co_await tx.run(lock_key, std::move(which));
        if (found.empty()) co_return;
        answer = key_of(found[0]);
        if (answer->revoked_at) co_return;
        auto params = Params().add(id).add(at);
        auto const rows = co_await tx.run(revoke_key, std::move(params));
        answer = key_of(rows[0]);
        send_audit(tx, tenant, by, "api_key.revoke", subject_of(id), detail_of(*answer));
    };
    co_await pool_.transaction(TenantScope::of(tenant), body);
    co_return answer;
}

ports::Task<void> PgApiKeyStore::touch(model::TenantId tenant, model::ApiKeyId id,
                                       base::Timestamp at) {
    auto params = Params().add(id).add(at);
    (void)co_await pool_.query(TenantScope::of(tenant), touch_key, std::move(params));
}

}  // namespace obscura::store
