#include "store/held_key_store.hpp"

#include "store/columns.hpp"

namespace obscura::store {
namespace {

constexpr Statement current_key{"held_key_current", R"(
    SELECT key_id, purpose, public_key, address, sealed_key FROM held_keys
     WHERE purpose = $1 AND retired_at IS NULL)"};
constexpr Statement keep_key{"held_key_keep", R"(
    INSERT INTO held_keys (key_id, purpose, algorithm, public_key, address, sealed_key)
    VALUES ($1, $2, $3, $4, nullif($5, ''), $6)
    ON CONFLICT (purpose) WHERE retired_at IS NULL DO NOTHING)"};
constexpr Statement retire_key{"held_key_retire", R"(
    UPDATE held_keys SET retired_at = now() WHERE purpose = $1 AND retired_at IS NULL)"};

std::string_view name_of(ports::KeyPurpose purpose) {
    return model::name_of(purpose, ports::key_purpose_names);
}

}  // namespace

net::Task<std::optional<ports::HeldKey>> PgHeldKeyStore::current(ports::KeyPurpose purpose) {
    auto params = Params().add(name_of(purpose));
    auto const rows = co_await pool_.query(TenantScope::engine(), current_key, std::move(params));
    if (rows.empty()) co_return std::nullopt;
    co_return ports::HeldKey{.id = rows[0].string(0),
                             .purpose = enum_column(rows[0], 1, ports::key_purpose_names),
                             .public_key = rows[0].string(2),
                             .address = text_or_empty(rows[0], 3),
                             .sealed = rows[0].string(4)};
}

net::Task<ports::HeldKey> PgHeldKeyStore::keep(ports::HeldKey key) {
    auto params =
        Params()
            .add(key.id)
            .add(name_of(key.purpose))
            .add(model::name_of(ports::algorithm_of(key.purpose), ports::key_algorithm_names))
            .add(key.public_key)
            .add(key.address)
            .add(key.sealed);
    auto const done = co_await pool_.query(TenantScope::engine(), keep_key, std::move(params));
    if (done.affected() == 1) co_return key;
    auto const first = co_await current(key.purpose);
    if (!first) throw std::runtime_error("the key that was there is gone");
    co_return *first;
}

net::Task<bool> PgHeldKeyStore::retire(ports::KeyPurpose purpose) {
    auto params = Params().add(name_of(purpose));
    auto const done = co_await pool_.query(TenantScope::engine(), retire_key, std::move(params));
    co_return done.affected() == 1;
}

}  // namespace obscura::store
