#include "store/idempotency_store.hpp"

#include "store/columns.hpp"

namespace obscura::store {
namespace {

// `status`: NULL while a run is under way, 0 when it ended without an answer to keep.
constexpr Statement enter_key{"idempotency_enter", R"(
    INSERT INTO idempotency_keys (tenant_id, caller, route, key, body_hash, created_at,
                                  started_at)
    VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT DO NOTHING)"};
constexpr Statement lock_key{"idempotency_lock", R"(
    SELECT body_hash, status, response, created_at, started_at FROM idempotency_keys
     WHERE tenant_id = $1 AND caller = $2 AND route = $3 AND key = $4 FOR UPDATE)"};
constexpr Statement restart_key{"idempotency_restart", R"(
    UPDATE idempotency_keys
       SET status = NULL, response = NULL, body_hash = $5, created_at = $6, started_at = $7
     WHERE tenant_id = $1 AND caller = $2 AND route = $3 AND key = $4)"};
constexpr Statement finish_key{"idempotency_finish", R"(
    UPDATE idempotency_keys SET status = $6, response = $7
     WHERE tenant_id = $1 AND caller = $2 AND route = $3 AND key = $4 AND started_at = $5)"};

// A few with each new key: as many go as come. An hour more than they count, so that none goes
// while somebody looks at it.
constexpr Statement forget_keys{"idempotency_forget", R"(
    DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM idempotency_keys WHERE created_at < $1
         ORDER BY created_at LIMIT 8 FOR UPDATE SKIP LOCKED)))"};

Params which(ports::IdempotencyKey const& key) {
    return Params().add(key.tenant).add(key.caller).add(key.route).add(key.key);
}

/// What a stored key says to the same key again. The row is locked: of many that take over from a
/// dead run, the first writes its own start and the others find it.
ports::IdempotencyStore::Begun judge(Row const& row, std::string const& body_mac,
                                     base::Timestamp now) {
    using Store = ports::IdempotencyStore;
    using Kind = Store::Begun::Kind;
    auto const first_seen = row.timestamp(3);
    bool const is_running = row.is_null(1) && now - row.timestamp(4) < Store::in_flight_for;
    if (!is_running && now - first_seen >= Store::lifetime)
        return {.kind = Kind::proceed, .first_seen = now, .started_at = now};
    if (row.bytes(0) != body_mac) return {.kind = Kind::mismatch};
    if (is_running) return {.kind = Kind::in_flight};
    if (row.is_null(1) || row.integer(1) == 0)
        return {.kind = Kind::proceed, .first_seen = first_seen, .started_at = now};
    return {.kind = Kind::replay,
            .first_seen = first_seen,
            .status = static_cast<unsigned>(row.integer(1)),
            .body = text_or_empty(row, 2)};
}

}  // namespace

ports::Task<ports::IdempotencyStore::Begun> PgIdempotencyStore::begin(ports::IdempotencyKey key,
                                                                      std::string body_mac,
                                                                      base::Timestamp now) {
    Begun begun{.kind = Begun::Kind::proceed, .first_seen = now, .started_at = now};
    auto const body = [&](PgTransaction& tx) -> net::Task<void> {
        auto entry = which(key).add_bytes(body_mac).add(now);
        auto const entered = co_await tx.run(enter_key, std::move(entry));
        if (entered.affected() == 1) {
            tx.send(forget_keys, Params().add(now - lifetime - std::chrono::hours(1)));
            co_return;
        }
        auto stored = which(key);
        auto const rows = co_await tx.run(lock_key, std::move(stored));
        if (rows.empty()) throw std::runtime_error("an idempotency key vanished");
        begun = judge(rows[0], body_mac, now);
        if (begun.kind != Begun::Kind::proceed) co_return;
        tx.send(restart_key,
                which(key).add_bytes(body_mac).add(begun.first_seen).add(begun.started_at));
    };
    co_await pool_.transaction(TenantScope::of(key.tenant), body);
    co_return begun;
}

ports::Task<void> PgIdempotencyStore::finish(ports::IdempotencyKey key, base::Timestamp started_at,
                                             unsigned status, std::string body) {
    auto params = which(key).add(started_at).add(static_cast<std::int64_t>(status)).add(body);
    (void)co_await pool_.query(TenantScope::of(key.tenant), finish_key, std::move(params));
}

ports::Task<void> PgIdempotencyStore::abandon(ports::IdempotencyKey key,
                                              base::Timestamp started_at) {
    auto params = which(key).add(started_at).add(0).add_null();
    (void)co_await pool_.query(TenantScope::of(key.tenant), finish_key, std::move(params));
}

}  // namespace obscura::store
