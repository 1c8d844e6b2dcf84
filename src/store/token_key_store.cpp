#include "store/token_key_store.hpp"

#include "store/columns.hpp"

#include <stdexcept>

namespace obscura::store {
namespace {

constexpr Statement token_key{"token_key", "SELECT id, public, sealed FROM token_key()"};
constexpr Statement keep_token_key{"token_key_keep", "SELECT keep_token_key($1, $2, $3)"};
constexpr Statement verifying_keys{"token_key_verifying", R"(
    SELECT key_id, public_key, created_at, retired_at FROM held_keys
     WHERE purpose = 'access_token' AND (retired_at IS NULL OR retired_at > $1)
     ORDER BY created_at DESC, key_id LIMIT 100)"};

}  // namespace

net::Task<std::optional<ports::HeldKey>> PgTokenKeyStore::current() {
    auto const rows = co_await pool_.query(TenantScope{}, token_key, {});
    if (rows.empty()) co_return std::nullopt;
    co_return ports::HeldKey{.id = rows[0].string(0),
                             .purpose = ports::KeyPurpose::access_token,
                             .public_key = rows[0].string(1),
                             .address = {},
                             .sealed = rows[0].string(2)};
}

net::Task<ports::HeldKey> PgTokenKeyStore::keep(ports::HeldKey key) {
    auto params = Params().add(key.id).add(key.public_key).add(key.sealed);
    (void)co_await pool_.query(TenantScope{}, keep_token_key, std::move(params));
    auto const kept = co_await current();
    if (!kept) throw std::runtime_error("the key that was there is gone");
    co_return *kept;
}

net::Task<std::vector<ports::PublicKeyRecord>> PgTokenKeyStore::verifying(base::Timestamp since) {
    auto params = Params().add(since);
    auto const rows = co_await pool_.query(TenantScope{}, verifying_keys, std::move(params));
    std::vector<ports::PublicKeyRecord> out;
    for (int i = 0; i < rows.size(); ++i)
        out.push_back({.id = rows[i].string(0),
                       .public_key = rows[i].string(1),
                       .created_at = rows[i].timestamp(2),
                       .retired_at = optional_time(rows[i], 3)});
    co_return out;
}

}  // namespace obscura::store
