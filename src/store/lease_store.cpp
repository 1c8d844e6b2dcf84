#include "store/lease_store.hpp"

#include "base/failpoint.hpp"

namespace obscura::store {
namespace {

constexpr Statement acquire_lease{"lease_acquire", R"(
    INSERT INTO leases AS l (name, owner, epoch, expires_at)
    VALUES ($1, $2, 1, now() + $3::bigint * interval '1 millisecond')
    ON CONFLICT (name) DO UPDATE
       SET owner = excluded.owner, epoch = l.epoch + 1, expires_at = excluded.expires_at
     WHERE l.expires_at < now() OR l.owner = excluded.owner
    RETURNING epoch)"};
constexpr Statement renew_lease{"lease_renew", R"(
    UPDATE leases SET expires_at = now() + $3::bigint * interval '1 millisecond'
     WHERE name = $1 AND epoch = $2)"};
constexpr Statement release_lease{
    "lease_release", "UPDATE leases SET expires_at = now() WHERE name = $1 AND epoch = $2"};
// The weakest lock that a change of epoch (part of a unique key) waits for. A renewal changes no
// key and waits for nobody, however many transactions hold the epoch.
constexpr Statement share_lease{"lease_share",
                                "SELECT epoch FROM leases WHERE name = $1 FOR KEY SHARE"};

}  // namespace

ports::Task<std::optional<ports::Epoch>> PgLeaseStore::acquire(std::string name, std::string owner,
                                                               std::chrono::milliseconds ttl) {
    auto params = Params().add(name).add(owner).add(static_cast<std::int64_t>(ttl.count()));
    auto const rows = co_await pool_.query(TenantScope::engine(), acquire_lease, std::move(params));
    if (rows.empty()) co_return std::nullopt;
    co_return rows[0].integer(0);
}

ports::Task<bool> PgLeaseStore::renew(std::string name, ports::Epoch epoch,
                                      std::chrono::milliseconds ttl) {
    auto params = Params().add(name).add(epoch).add(static_cast<std::int64_t>(ttl.count()));
    auto const done = co_await pool_.query(TenantScope::engine(), renew_lease, std::move(params));
    co_return done.affected() == 1 || !base::guard("epoch_fence");
}

ports::Task<void> PgLeaseStore::release(std::string name, ports::Epoch epoch) {
    auto params = Params().add(name).add(epoch);
    (void)co_await pool_.query(TenantScope::engine(), release_lease, std::move(params));
}

net::Task<void> hold_epoch(PgTransaction& tx, std::string_view name, ports::Epoch epoch) {
    auto const asked = ask_epoch(tx, name);
    co_await expect_epoch(tx, asked, name, epoch);
}

PgTransaction::Asked ask_epoch(PgTransaction& tx, std::string_view name) {
    return tx.ask(share_lease, Params().add(name));
}

net::Task<void> expect_epoch(PgTransaction& tx, PgTransaction::Asked asked, std::string_view name,
                             ports::Epoch epoch) {
    auto const rows = co_await tx.answer(asked);
    // Switched off, an owner of the past goes on writing.
    bool const is_ours = !rows.empty() && rows[0].integer(0) == epoch;
    if (!is_ours && base::guard("epoch_fence"))
        throw ports::Fenced("lease " + std::string(name) + " is no longer held at epoch " +
                            std::to_string(epoch));
}

}  // namespace obscura::store
