// Recording what became of legs, by the batch: every statement is harmless when repeated.
#include "store/copy_store.hpp"

#include "store/column_batch.hpp"
#include "store/contract_fills.hpp"
#include "store/exposure.hpp"
#include "store/gone_positions.hpp"
#include "store/lease_store.hpp"
#include "store/signal_rows.hpp"

#include <algorithm>
#include <set>

namespace obscura::store {
namespace {

using model::LegState;
using ports::LegRecord;

// Planning holds the same lock: of the two that end a signal's last copies, the second sees the
// first's.
constexpr Statement lock_signals{
    "record_lock_signals",
    "SELECT id FROM signals WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE"};

constexpr Statement update_legs{"record_legs", R"(
    UPDATE copy_legs l
       SET state = u.state, venue_order_id = coalesce(u.venue_order_id, l.venue_order_id),
           executed_quantity = greatest(l.executed_quantity, u.executed_quantity),
           executed_quote = greatest(l.executed_quote, u.executed_quote),
           evidence = coalesce(u.evidence, l.evidence),
           signed_at = coalesce(u.signed_at, l.signed_at), sent_at = coalesce(u.sent_at, l.sent_at),
           accepted_at = coalesce(l.accepted_at, u.accepted_at), ended_at = u.ended_at,
           continues = u.continues
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::numeric[], $5::numeric[], $6::text[],
                  $7::timestamptz[], $8::timestamptz[], $9::timestamptz[], $10::timestamptz[],
                  $11::boolean[])
           AS u(id, state, venue_order_id, executed_quantity, executed_quote, evidence, signed_at,
                sent_at, accepted_at, ended_at, continues)
     WHERE l.id = u.id AND l.state NOT IN ('filled', 'rejected', 'alarmed'))"};

// Of spot. New fills move positions; fills seen before move nothing. A fee in the base asset leaves
// less of it; a fee in the quote asset makes a purchase dearer and a sale smaller; any other is
// only kept.
constexpr Statement apply_fills{"record_fills", R"(
    WITH input AS (
        SELECT DISTINCT ON (u.connection_id, u.symbol, u.venue_trade_id) u.*
          FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::uuid[], $6::text[], $7::numeric[],
                      $8::numeric[], $9::numeric[], $10::text[], $11::timestamptz[], $12::boolean[])
               AS u(connection_id, symbol, venue_trade_id, tenant_id, leg_id, side, price, quantity, fee,
                    fee_asset, executed_at, is_foreign)),
    fresh AS (
        INSERT INTO leg_fills (connection_id, market, symbol, venue_trade_id, tenant_id, leg_id, side,
                               price, quantity, fee, fee_asset, executed_at, is_foreign)
        SELECT connection_id, 'spot', symbol, venue_trade_id, tenant_id, leg_id, side, price, quantity, fee,
               fee_asset, executed_at, is_foreign FROM input
        ON CONFLICT DO NOTHING
        RETURNING symbol, tenant_id, leg_id, side, price, quantity, fee, fee_asset, executed_at),
    parts AS (
        SELECT f.*, l.subscription_id, f.price * f.quantity AS quote,
               CASE WHEN f.fee_asset = l.base_asset THEN f.fee ELSE 0 END AS base_fee,
               CASE WHEN f.fee_asset = l.quote_asset THEN f.fee ELSE 0 END AS quote_fee
          FROM fresh f JOIN copy_legs l ON l.id = f.leg_id),
    moves AS (
        SELECT subscription_id, symbol, tenant_id, min(executed_at) AS at,
               sum(CASE WHEN side = 'buy' THEN quantity ELSE -quantity END - base_fee) AS delta,
               round(sum(CASE WHEN side = 'buy' THEN quote + quote_fee ELSE 0 END), 12) AS paid,
               round(sum(CASE WHEN side = 'sell' THEN quote - quote_fee ELSE 0 END), 12) AS got,
               sum(CASE WHEN side = 'sell' THEN quantity ELSE 0 END) AS sold,
               sum(quote_fee + base_fee * price) AS fees
          FROM parts GROUP BY 1, 2, 3),
    results AS (
        SELECT m.*, CASE WHEN m.sold = 0 OR p.quantity <= 0 THEN 0
                         ELSE round(p.cost * least(1, m.sold / p.quantity), 12) END AS released
          FROM moves m JOIN positions p USING (subscription_id, symbol) WHERE p.market = 'spot'),
    days AS (
        INSERT INTO subscription_days AS d (subscription_id, day, tenant_id, realised_pnl)
        SELECT subscription_id, (at AT TIME ZONE 'UTC')::date, tenant_id, sum(got - released)
          FROM results WHERE sold > 0 GROUP BY 1, 2, 3
        ON CONFLICT (subscription_id, day)
        DO UPDATE SET realised_pnl = d.realised_pnl + excluded.realised_pnl)
    UPDATE positions p
       SET quantity = p.quantity + r.delta, cost = p.cost + r.paid - r.released,
           realised_pnl = p.realised_pnl + CASE WHEN r.sold > 0 THEN r.got - r.released ELSE 0 END,
           fees_quote = p.fees_quote + round(r.fees, 12), updated_at = now()
      FROM results r WHERE p.subscription_id = r.subscription_id AND p.market = 'spot' AND p.symbol = r.symbol)"};

// An open that got less than it aimed at: reductions are measured from what it got.
constexpr Statement correct_targets{"record_targets", R"(
    UPDATE positions p
       SET target_quantity = CASE WHEN l.side = 'buy' THEN least(p.target_quantity, l.executed_quantity)
                                  ELSE greatest(p.target_quantity, -l.executed_quantity) END
      FROM copy_legs l JOIN copies c ON c.id = l.copy_id
       AND c.status NOT IN ('waiting', 'filled', 'refused', 'rejected', 'alarmed')
     WHERE l.id = ANY($1::uuid[]) AND NOT l.reduce_only AND l.executed_quantity < l.quantity
       AND l.state IN ('filled', 'rejected', 'alarmed')
       AND p.subscription_id = l.subscription_id AND p.market = l.market AND p.symbol = l.symbol)"};

// A copy whose leg continues waits to be planned again, with any other it is over. Said of its last
// leg only: a record that is repeated may come after the next was armed.
constexpr Statement end_copies{"record_copies", R"(
    UPDATE copies c
       SET status = CASE WHEN l.continues THEN 'waiting' ELSE l.state END,
           reason = CASE WHEN l.continues OR l.state = 'filled' THEN NULL ELSE l.evidence END,
           ended_at = CASE WHEN l.continues THEN NULL ELSE l.ended_at END
      FROM copy_legs l
     WHERE l.id = ANY($1::uuid[]) AND c.id = l.copy_id
       AND c.status NOT IN ('filled', 'refused', 'rejected', 'alarmed')
       AND l.state IN ('filled', 'rejected', 'alarmed')
       AND NOT EXISTS (SELECT FROM copy_legs later WHERE later.copy_id = l.copy_id AND later.seq > l.seq))"};

// One a copy. Of one with several legs it is the first's, and has those of the others in it.
constexpr Statement write_receipts{"record_receipts", R"(
    INSERT INTO receipts (id, tenant_id, copy_id, subscription_id, body)
    SELECT l.id, l.tenant_id, l.copy_id, l.subscription_id, jsonb_build_object(
             'market', l.market, 'position_side', l.position_side, 'leverage', l.leverage,
             'leg', l.seq,
             'execution_id', 'exe_' || replace(l.copy_id::text, '-', ''),
             'signal_id', 'sig_' || replace(l.signal_id::text, '-', ''),
             'symbol', l.symbol, 'side', l.side, 'quantity', trim_scale(l.executed_quantity)::text,
             'leader_price', trim_scale(s.price)::text, 'leader_time', s.leader_executed_at,
             'follower_price', trim_scale(average.price)::text, 'follower_time', l.accepted_at,
             'slippage_bps', CASE WHEN s.price > 0 THEN round((average.price / s.price - 1) * 10000 *
                 CASE WHEN l.side = 'buy' THEN 1 ELSE -1 END, 2)::text END,
             'limit_bound', c.limit_bound, 'attempts', l.attempt, 'client_order_id', l.client_order_id,
             'venue_order_id', l.venue_order_id,
             'stages', jsonb_build_object('leader_fill', s.leader_executed_at, 'ingested', s.ingested_at,
                 'signal', s.accepted_at, 'planned', s.planned_at, 'signed', l.signed_at,
                 'sent', l.sent_at, 'accepted', l.accepted_at))
      FROM copy_legs l JOIN signals s ON s.id = l.signal_id JOIN copies c ON c.id = l.copy_id
     CROSS JOIN LATERAL (SELECT round(l.executed_quote / nullif(l.executed_quantity, 0), 12) AS price) average
     WHERE l.id = ANY($1::uuid[]) AND l.state = 'filled' ORDER BY l.copy_id, l.seq
    ON CONFLICT (copy_id) DO UPDATE
       SET body = receipts.body || jsonb_build_object(
               'further_legs', coalesce(receipts.body -> 'further_legs', '{}')
                   || jsonb_build_object(excluded.body ->> 'leg', excluded.body)),
           signature = NULL, key_id = NULL  -- of a receipt that said less
     WHERE receipts.id <> excluded.id)"};

constexpr Statement write_dead_letters{"record_dead_letters", R"(
    INSERT INTO dead_letters (id, tenant_id, signal_id, copy_id, leg_id, reason, detail)
    SELECT l.id, l.tenant_id, l.signal_id, l.copy_id, l.id, coalesce(l.evidence, 'alarmed'),
           jsonb_build_object('symbol', l.symbol, 'side', l.side, 'quantity', l.quantity::text,
                              'client_order_id', l.client_order_id, 'attempts', l.attempt)
      FROM copy_legs l WHERE l.id = ANY($1::uuid[]) AND l.state = 'alarmed'
    ON CONFLICT (id) DO NOTHING)"};

constexpr Statement first_accepted{"record_first_accepted", R"(
    UPDATE signals s SET first_accepted_at = u.at
      FROM (SELECT signal_id, min(at) AS at
              FROM unnest($1::uuid[], $2::timestamptz[]) AS v(signal_id, at) GROUP BY 1) u
     WHERE s.id = u.signal_id AND (s.first_accepted_at IS NULL OR s.first_accepted_at > u.at))"};
// Whether anything is still open is asked once a signal, not once a copy. LIMIT keeps it a question
// about this one: of all that is open at once, which looks like nothing, the planner would ask
// anew.
constexpr Statement complete_signals{"record_complete_signals", R"(
    WITH over AS MATERIALIZED (
        SELECT s.id FROM signals s
         WHERE s.id = ANY($1::uuid[]) AND s.plan_cursor IS NULL
           AND s.status NOT IN ('queued', 'completed', 'partial', 'failed')
           AND coalesce((SELECT false FROM copies o WHERE o.signal_id = s.id
                            AND o.status IN ('waiting', 'open') LIMIT 1), true))
    UPDATE signals s
       SET completed_at = $2,
           status = CASE WHEN ends.bad = 0 THEN 'completed' WHEN ends.filled = 0 THEN 'failed'
                         ELSE 'partial' END
      FROM (SELECT c.signal_id, count(*) FILTER (WHERE c.status IN ('rejected', 'alarmed')) AS bad,
                   count(*) FILTER (WHERE c.status = 'filled') AS filled
              FROM over JOIN copies c ON c.signal_id = over.id GROUP BY c.signal_id) ends
     WHERE s.id = ends.signal_id AND s.id = ANY($1::uuid[]))"};
// First, as planning does it: nobody waits for a subscription while he holds its positions. Held,
// none of them is ended by its owner until the outcome is there to be seen.
constexpr Statement hold_subscriptions{"record_hold_subscriptions", R"(
    SELECT FROM subscriptions WHERE id = ANY($1::uuid[]) ORDER BY id FOR KEY SHARE)"};
constexpr Statement lock_closing{"record_lock_closing", R"(
    SELECT FROM subscriptions WHERE id = ANY($1::uuid[]) AND status = 'closing'
     ORDER BY id FOR UPDATE)"};
// Of each subscription and symbol the earliest: none overtakes, so that those behind it wait on.
constexpr Statement released_signals{"record_released", R"(
    SELECT s.id, s.tenant_id, s.pool_id, s.sequence, s.source, s.source_id, s.leader_ref, s.symbol,
           s.side, s.quantity, s.price, s.order_type, s.venue, s.market, s.environment, s.reduce_only,
           s.priority, s.leader_before, s.leader_after, s.expires_at, s.leader_executed_at,
           s.ingested_at, s.accepted_at, s.position_side, s.leverage, s.margin_mode, s.stop_loss_pct,
           s.take_profit_pct
      FROM (SELECT DISTINCT first.signal_id
              FROM (SELECT DISTINCT ON (c.subscription_id, w.market, w.symbol) c.signal_id
                      FROM copies c JOIN signals w ON w.id = c.signal_id
                     WHERE c.ended_at IS NULL AND c.status <> 'open'
                       AND c.subscription_id = ANY($1::uuid[])
                     ORDER BY c.subscription_id, w.market, w.symbol, w.sequence) first) released
      JOIN signals s ON s.id = released.signal_id)"};

void send_legs(PgTransaction& tx, std::vector<LegRecord> const& records, base::Timestamp now) {
    ColumnBatch legs(11);
    for (auto const& r : records)
        legs.add_row(r.leg.id, to_string(r.leg.state), text_or_null(r.venue_order_id),
                     r.executed_quantity, r.executed_quote, text_or_null(r.evidence), r.signed_at,
                     r.sent_at, r.accepted_at, r.leg.is_final() ? std::optional(now) : std::nullopt,
                     r.leg.continues);
    tx.send(update_legs, legs.params());
}

void send_fills(PgTransaction& tx, std::vector<LegRecord> const& records) {
    ColumnBatch fills(12);
    for (auto const& r : records) {
        if (r.leg.market != model::Market::spot) continue;
        for (auto const& f : r.fills)
            fills.add_row(r.leg.connection, r.leg.symbol, f.venue_trade_id, r.leg.tenant, r.leg.id,
                          to_string(r.leg.side), f.price, f.quantity, f.fee, f.fee_asset,
                          f.executed_at, f.is_foreign);
    }
    if (!fills.empty()) tx.send(apply_fills, fills.params());
}

void send_first_accepted(PgTransaction& tx, std::vector<LegRecord> const& records) {
    ColumnBatch accepted(2);
    for (auto const& r : records)
        if (r.accepted_at) accepted.add_row(r.leg.signal, *r.accepted_at);
    if (!accepted.empty()) tx.send(first_accepted, accepted.params());
}

std::vector<std::optional<std::string>> texts(std::set<base::Uuid> const& ids) {
    std::vector<std::optional<std::string>> out;
    for (auto const& id : ids) out.emplace_back(id.to_string());
    return out;
}

/// What the records of a batch are about.
struct Ended {
    explicit Ended(std::vector<LegRecord> const& records) {
        for (auto const& r : records) {
            if (r.leg.is_final() || r.accepted_at) signals.insert(r.leg.signal.value);
            if (!r.leg.is_final()) continue;
            legs.insert(r.leg.id.value);
            subscriptions.insert(r.leg.subscription.value);
        }
    }
    std::set<base::Uuid> legs;
    std::set<base::Uuid> subscriptions;
    std::set<base::Uuid> signals;
};

}  // namespace

// Two transactions. The first needs no lock that a planning of the same signal holds, so that
// outcomes are recorded while later parts of it are planned. The second is about the signals only:
// one that never comes to it is completed when it is planned again after a start.
ports::Task<std::vector<model::Signal>> PgCopyStore::record(ports::Epoch epoch,
                                                            std::vector<LegRecord> records,
                                                            base::Timestamp now) {
    std::vector<model::Signal> released;
    if (records.empty()) co_return released;
    std::function<net::Task<void>(PgTransaction&)> outcomes = [&](PgTransaction& tx) {
        return record_in(tx, epoch, records, now, released);
    };
    co_await pool_.transaction(TenantScope::engine(), std::move(outcomes));
    std::function<net::Task<void>(PgTransaction&)> ends = [&](PgTransaction& tx) {
        return end_signals_in(tx, epoch, records, now);
    };
    if (!Ended(records).signals.empty())
        co_await pool_.transaction(TenantScope::engine(), std::move(ends));
    co_return released;
}

net::Task<void> PgCopyStore::record_in(PgTransaction& tx, ports::Epoch epoch,
                                       std::vector<LegRecord> const& told, base::Timestamp now,
                                       std::vector<model::Signal>& released) {
    released.clear();
    std::vector<LegRecord> foreign;
    Ended const ended(told);
    auto const legs = texts(ended.legs);
    auto const subscriptions = texts(ended.subscriptions);
    if (!legs.empty()) {
        tx.send(hold_subscriptions, Params().add_array(subscriptions));
        tx.send(lock_closing, Params().add_array(subscriptions));
    }
    if (std::ranges::any_of(told, [](LegRecord const& r) { return r.gone.has_value(); }))
        foreign = co_await with_foreign_fills(tx, told, now);
    auto const& records = foreign.empty() ? told : foreign;
    send_legs(tx, records, now);
    send_fills(tx, records);
    co_await apply_contract_fills(tx, records);
    if (legs.empty()) co_return co_await hold_epoch(tx, conductor_lease, epoch);
    tx.send(correct_targets, Params().add_array(legs));
    tx.send(end_copies, Params().add_array(legs));
    tx.send(write_receipts, Params().add_array(legs));
    tx.send(write_dead_letters, Params().add_array(legs));
    send_close_ended(tx, subscriptions, now);
    auto const freed = tx.ask(released_signals, Params().add_array(subscriptions));
    // Last: a process that is stopped before this has no lock on the lease.
    auto const lease = ask_epoch(tx, conductor_lease);
    co_await expect_epoch(tx, lease, conductor_lease, epoch);
    auto const rows = co_await tx.answer(freed);
    for (int i = 0; i < rows.size(); ++i) released.push_back(signal_from_row(rows[i]));
}

net::Task<void> PgCopyStore::end_signals_in(PgTransaction& tx, ports::Epoch epoch,
                                            std::vector<LegRecord> const& records,
                                            base::Timestamp now) {
    auto const signals = texts(Ended(records).signals);
    tx.send(lock_signals, Params().add_array(signals));
    send_first_accepted(tx, records);
    tx.send(complete_signals, Params().add_array(signals).add(now));
    co_await hold_epoch(tx, conductor_lease, epoch);
}

}  // namespace obscura::store
