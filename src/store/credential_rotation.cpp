#include "store/credential_rotation.hpp"

#include "store/columns.hpp"
#include "store/copy_rows.hpp"

namespace obscura::store {
namespace {

constexpr Statement count_older{"rotation_count", R"(
    SELECT count(*) FROM exchange_connections ec
     WHERE ec.status <> 'removed'
       AND EXISTS (SELECT FROM jsonb_each_text(ec.credentials) f WHERE NOT starts_with(f.value, $1)))"};
constexpr Statement next_older{"rotation_next", R"(
    SELECT ec.id, ec.tenant_id, ec.user_id, ec.venue, ec.environment, ec.purpose, ec.credentials::text
      FROM exchange_connections ec
     WHERE ec.id > $2 AND ec.status <> 'removed'
       AND EXISTS (SELECT FROM jsonb_each_text(ec.credentials) f WHERE NOT starts_with(f.value, $1))
     ORDER BY ec.id LIMIT $3)"};
constexpr Statement replace_credentials{"rotation_replace", R"(
    UPDATE exchange_connections SET credentials = $3::jsonb
     WHERE id = $1 AND status <> 'removed' AND credentials = $2::jsonb)"};

constexpr Statement older_keys{"rotation_held_keys", R"(
    SELECT key_id, purpose, sealed_key FROM held_keys
     WHERE NOT starts_with(sealed_key, $1) ORDER BY key_id)"};
constexpr Statement replace_key{"rotation_replace_held_key", R"(
    UPDATE held_keys SET sealed_key = $3 WHERE key_id = $1 AND sealed_key = $2)"};

/// What every ciphertext of the version begins with; for 0 what none begins with.
std::string prefix_of(int version) {
    return version == 0 ? "every" : "nil:v" + std::to_string(version) + ":";
}

std::string json_of(ports::SealedCredentials const& credentials) {
    auto json = base::Json::object();
    for (auto const& [field, ciphertext] : credentials) json.set(field, ciphertext);
    return json.dump();
}

}  // namespace

net::Task<std::int64_t> CredentialRotation::count(int version) {
    auto params = Params().add(prefix_of(version));
    auto const rows = co_await pool_.query(TenantScope::engine(), count_older, std::move(params));
    co_return rows[0].integer(0);
}

net::Task<std::vector<ports::ConnectionRecord>> CredentialRotation::next(int version,
                                                                         model::ConnectionId after,
                                                                         std::size_t limit) {
    auto params = Params().add(prefix_of(version)).add(after).add(static_cast<std::int64_t>(limit));
    auto const rows = co_await pool_.query(TenantScope::engine(), next_older, std::move(params));
    std::vector<ports::ConnectionRecord> out;
    for (int i = 0; i < rows.size(); ++i) {
        auto const row = rows[i];
        out.push_back({.id = row.id<model::ConnectionId>(0),
                       .tenant = row.id<model::TenantId>(1),
                       .user = row.id<model::UserId>(2),
                       .venue = row.string(3),
                       .environment = enum_column(row, 4, model::environment_names),
                       .purpose = enum_column(row, 5, ports::connection_purpose_names),
                       .credentials = credentials_from_json(row.text(6))});
    }
    co_return out;
}

net::Task<bool> CredentialRotation::replace(model::ConnectionId id,
                                            ports::SealedCredentials const& before,
                                            ports::SealedCredentials const& after) {
    auto params = Params().add(id).add(json_of(before)).add(json_of(after));
    auto const done =
        co_await pool_.query(TenantScope::engine(), replace_credentials, std::move(params));
    co_return done.affected() == 1;
}

net::Task<std::vector<ports::HeldKey>> CredentialRotation::held_keys(int version) {
    auto params = Params().add(prefix_of(version));
    auto const rows = co_await pool_.query(TenantScope::engine(), older_keys, std::move(params));
    std::vector<ports::HeldKey> out;
    for (int i = 0; i < rows.size(); ++i)
        out.push_back({.id = rows[i].string(0),
                       .purpose = enum_column(rows[i], 1, ports::key_purpose_names),
                       .public_key = {},
                       .address = {},
                       .sealed = rows[i].string(2)});
    co_return out;
}

net::Task<bool> CredentialRotation::replace(ports::HeldKey const& before, std::string sealed) {
    auto params = Params().add(before.id).add(before.sealed).add(sealed);
    auto const done = co_await pool_.query(TenantScope::engine(), replace_key, std::move(params));
    co_return done.affected() == 1;
}

}  // namespace obscura::store
