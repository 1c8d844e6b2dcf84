#include "store/copy_store.hpp"

#include "store/column_batch.hpp"
#include "store/copy_rows.hpp"
#include "store/lease_store.hpp"

namespace obscura::store {
namespace {

constexpr Statement rearm_legs{"legs_rearm", R"(
    UPDATE copy_legs l SET state = 'armed', attempt = u.attempt, send_not_after = u.send_not_after,
                           epoch = $4
      FROM unnest($1::uuid[], $2::int[], $3::timestamptz[]) AS u(id, attempt, send_not_after)
     WHERE l.id = u.id AND l.state NOT IN ('working', 'filled', 'rejected', 'alarmed')
       AND l.attempt <= u.attempt)"};
constexpr Statement unresolved_legs{"legs_unresolved", R"(
    SELECT l.id, l.tenant_id, l.copy_id, l.signal_id, l.subscription_id, l.connection_id, sub.user_id,
           l.seq, ec.venue, ec.environment, l.market, l.symbol, l.side, l.order_type, l.quantity,
           l.limit_price, l.reduce_only, l.client_order_id, l.state, l.attempt, l.send_not_after,
           s.accepted_at, ec.credentials::text, l.base_asset, l.quote_asset, l.position_side, l.leverage,
           l.margin_mode, l.continues
      FROM copy_legs l JOIN signals s ON s.id = l.signal_id
      JOIN exchange_connections ec ON ec.id = l.connection_id
      JOIN subscriptions sub ON sub.id = l.subscription_id
     WHERE l.ended_at IS NULL AND l.epoch < $1 ORDER BY l.id)"};

}  // namespace

ports::Task<void> PgCopyStore::rearm(ports::Epoch epoch, std::vector<model::Leg> legs) {
    std::function<net::Task<void>(PgTransaction&)> body =
        [&](PgTransaction& tx) -> net::Task<void> {
        co_await hold_epoch(tx, conductor_lease, epoch);
        ColumnBatch batch(3);
        for (auto const& leg : legs) batch.add_row(leg.id, leg.attempt, leg.send_not_after);
        auto params = batch.params().add(epoch);
        auto const done = co_await tx.run(rearm_legs, std::move(params));
        if (done.affected() != static_cast<std::int64_t>(legs.size()))
            throw ports::Fenced("a leg to be armed again is no longer open");
    };
    co_await pool_.transaction(TenantScope::engine(), std::move(body));
}

ports::Task<std::vector<ports::ArmedLeg>> PgCopyStore::unresolved(ports::Epoch epoch) {
    auto params = Params().add(epoch);
    auto const rows =
        co_await pool_.query(TenantScope::engine(), unresolved_legs, std::move(params));
    std::vector<ports::ArmedLeg> legs;
    for (int i = 0; i < rows.size(); ++i)
        legs.push_back(armed_leg_from_row(rows[i], open_lifetime_));
    co_return legs;
}

}  // namespace obscura::store
