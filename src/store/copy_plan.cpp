// Planning a signal: what is read, decided and armed, in one transaction.
#include "store/copy_store.hpp"

#include "ports/key_vault.hpp"
#include "store/column_batch.hpp"
#include "store/columns.hpp"
#include "store/copy_rows.hpp"
#include "store/exposure.hpp"
#include "store/lease_store.hpp"
#include "store/signal_rows.hpp"

#include <set>

namespace obscura::store {
namespace {

using ports::PlanCandidate;
using ports::PlannedCopy;

constexpr Statement lock_signal{
    "plan_lock_signal", "SELECT status, plan_cursor FROM signals WHERE id = $1 FOR NO KEY UPDATE"};
// Accepted elsewhere, or by a call whose answer got lost: this process may not know of them.
constexpr Statement earlier_signals{"plan_earlier_signals", R"(
    SELECT s.id, s.tenant_id, s.pool_id, s.sequence, s.source, s.source_id, s.leader_ref, s.symbol,
           s.side, s.quantity, s.price, s.order_type, s.venue, s.market, s.environment, s.reduce_only,
           s.priority, s.leader_before, s.leader_after, s.expires_at, s.leader_executed_at,
           s.ingested_at, s.accepted_at, s.position_side, s.leverage, s.margin_mode, s.stop_loss_pct,
           s.take_profit_pct
      FROM signals s
     WHERE s.pool_id = $1 AND s.symbol = $2 AND s.sequence < $3
       AND (s.status = 'queued' OR s.plan_cursor IS NOT NULL) AND s.market = $4
     ORDER BY s.sequence LIMIT 100)"};
constexpr Statement unsent_legs{"plan_unsent_legs", R"(
    SELECT l.id, l.tenant_id, l.copy_id, l.signal_id, l.subscription_id, l.connection_id, sub.user_id,
           l.seq, ec.venue, ec.environment, l.market, l.symbol, l.side, l.order_type, l.quantity,
           l.limit_price, l.reduce_only, l.client_order_id, l.state, l.attempt, l.send_not_after,
           s.accepted_at, ec.credentials::text, l.base_asset, l.quote_asset, l.position_side, l.leverage,
           l.margin_mode, l.continues
      FROM copy_legs l JOIN signals s ON s.id = l.signal_id
      JOIN exchange_connections ec ON ec.id = l.connection_id
      JOIN subscriptions sub ON sub.id = l.subscription_id
     WHERE l.signal_id = $1 AND l.epoch = $2 AND l.state = 'armed' AND l.attempt = 1)"};

// The next subscriptions of the pool after the signal's cursor, at most `$3`, without a cursor
// `$4`: the last of them, and whether there are more.
constexpr Statement next_part{"plan_part", R"(
    WITH at AS MATERIALIZED (
        SELECT coalesce(plan_cursor, '00000000-0000-0000-0000-000000000000') AS cursor,
               CASE WHEN plan_cursor IS NULL THEN $4::bigint ELSE $3::bigint END AS most
          FROM signals WHERE id = $1)
    SELECT (array_agg(x.id ORDER BY x.id))[least(count(*), (SELECT most FROM at))],
           count(*) > (SELECT most FROM at)
      FROM (SELECT sub.id FROM subscriptions sub
             WHERE sub.pool_id = $2 AND sub.status <> 'closed' AND sub.id > (SELECT cursor FROM at)
               AND (sub.pool_id, sub.id) > ($2, (SELECT cursor FROM at))
             ORDER BY sub.id LIMIT (SELECT most + 1 FROM at)) x)"};

// Who answers the signal: while it is planned for the first time ($4) the active subscriptions of
// the part ($9 to $10; for reductions also those that hold something or are about to), later those
// whose copy waits. Costs count orders under way. A copy waits for an order under way in its
// symbol, and for copies of earlier signals that wait: none overtakes. Legs under way are those
// that have not ended: in these words they are found by their subscription, and by nothing else.
// The subscriptions are locked against a change of their limits and against being closed (see
// exposure.hpp) until the copies are there.
constexpr Statement candidates_of{"plan_candidates", R"(
    SELECT sub.id, sub.tenant_id, sub.user_id, sub.connection_id, sub.status, sub.total_investment_usd,
           sub.max_loss_usd, sub.profit_target_usd, sub.daily_loss_limit_usd,
           ec.venue, ec.environment, ec.credentials::text,
           coalesce(p.quantity, 0), coalesce(p.target_quantity, 0),
           coalesce(held.cost, 0) + coalesce(going.reserved, 0), coalesce(held.realised, 0),
           coalesce(today.realised_pnl, 0), c.id,
           coalesce(going.same_symbol, false) OR sub.id IN (
               SELECT w.subscription_id
                 FROM signals e CROSS JOIN LATERAL (
                          SELECT c.subscription_id FROM copies c
                           WHERE c.signal_id = e.id AND c.status = 'waiting' OFFSET 0) w
                WHERE e.pool_id = $2 AND e.market = $8 AND e.symbol = $3 AND e.sequence < $7
                  AND e.status IN ('queued', 'processing')),
           (SELECT count(*) FROM copy_legs b WHERE b.copy_id = c.id),
           coalesce(p.position_side, 'both'),
           $8 = 'futures' AND EXISTS (
               SELECT FROM subscriptions o
                 LEFT JOIN positions h ON h.subscription_id = o.id AND h.market = $8 AND h.symbol = $3
                WHERE o.connection_id = sub.connection_id AND o.id <> sub.id
                  AND (h.quantity <> 0 OR coalesce((
                          SELECT true FROM copy_legs l WHERE l.subscription_id = o.id AND l.market = $8
                             AND l.symbol = $3 AND l.ended_at IS NULL LIMIT 1), false)))
      FROM (SELECT s.id FROM subscriptions s
             WHERE $4::boolean AND s.pool_id = $2 AND s.id > $9 AND s.id <= $10
               AND (s.pool_id, s.id) > ($2, $9)
             UNION ALL
            SELECT w.subscription_id FROM copies w
             WHERE NOT $4::boolean AND w.signal_id = $1 AND w.status = 'waiting') who
      JOIN subscriptions sub ON sub.id = who.id
      JOIN exchange_connections ec ON ec.id = sub.connection_id
      LEFT JOIN copies c ON c.signal_id = $1 AND c.subscription_id = sub.id
      LEFT JOIN positions p ON p.subscription_id = sub.id AND p.market = $8 AND p.symbol = $3
      LEFT JOIN subscription_days today
             ON today.subscription_id = sub.id AND today.day = ($6::timestamptz AT TIME ZONE 'UTC')::date
      LEFT JOIN LATERAL (SELECT sum(q.cost) AS cost, sum(q.realised_pnl) AS realised
                           FROM positions q WHERE q.subscription_id = sub.id) held ON true
      LEFT JOIN LATERAL (SELECT sum(l.reserved_quote) AS reserved,
                                bool_or(l.market = $8 AND l.symbol = $3) AS same_symbol
                           FROM copy_legs l WHERE l.subscription_id = sub.id
                            AND l.ended_at IS NULL) going ON true
     WHERE CASE WHEN $4::boolean
                THEN c.id IS NULL
                     AND (sub.status = 'active'
                          OR (sub.status IN ('paused', 'closing') AND $5::boolean
                              AND (p.quantity > 0 OR ($8 = 'futures' AND p.quantity < 0)
                                   OR going.same_symbol)))
                ELSE c.status = 'waiting' END
     ORDER BY sub.id FOR SHARE OF sub)"};
// A contract belongs to its account: whoever plans in it looks at what others hold in it, and no
// two may look at once.
constexpr Statement lock_accounts{"plan_lock_accounts", R"(
    SELECT ec.id FROM exchange_connections ec
     WHERE ec.id IN (SELECT sub.connection_id FROM subscriptions sub
                      WHERE $3::boolean AND sub.pool_id = $2 AND sub.id > $4 AND sub.id <= $5
                        AND (sub.pool_id, sub.id) > ($2, $4) AND sub.status <> 'closed'
                      UNION ALL
                     SELECT sub.connection_id FROM copies w
                       JOIN subscriptions sub ON sub.id = w.subscription_id
                      WHERE NOT $3::boolean AND w.signal_id = $1 AND w.status = 'waiting')
     ORDER BY ec.id FOR NO KEY UPDATE)"};
// Refused once it has an order that ended: it has done what it could.
constexpr Statement insert_copies{"plan_insert_copies", R"(
    INSERT INTO copies (id, tenant_id, signal_id, subscription_id, status, reason, limit_bound, ended_at)
    SELECT u.id, u.tenant_id, u.signal_id, u.subscription_id, u.status, u.reason, u.limit_bound,
           CASE WHEN u.status = 'refused' THEN now() END
      FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[])
           AS u(id, tenant_id, signal_id, subscription_id, status, reason, limit_bound)
    ON CONFLICT (signal_id, subscription_id) DO UPDATE
       SET status = CASE WHEN excluded.status = 'refused'
                              AND EXISTS (SELECT FROM copy_legs l WHERE l.copy_id = copies.id)
                         THEN 'filled' ELSE excluded.status END,
           reason = excluded.reason, limit_bound = excluded.limit_bound,
           ended_at = excluded.ended_at
     WHERE copies.status = 'waiting')"};
constexpr Statement insert_legs{"plan_insert_legs", R"(
    INSERT INTO copy_legs (id, tenant_id, copy_id, signal_id, subscription_id, connection_id, seq, symbol,
                           side, order_type, quantity, limit_price, reduce_only, target_after,
                           client_order_id, state, attempt, send_not_after, reserved_quote, epoch,
                           base_asset, quote_asset, market, position_side, leverage, margin_mode,
                           continues)
    SELECT u.id, u.tenant_id, u.copy_id, u.signal_id, u.subscription_id, u.connection_id, u.seq, u.symbol,
           u.side, u.order_type, u.quantity, u.limit_price, u.reduce_only, u.target_after,
           u.client_order_id, 'armed', 1, u.send_not_after,
           CASE WHEN u.reduce_only THEN 0 ELSE u.reserved_quote END, u.epoch, u.base_asset, u.quote_asset,
           u.market, u.position_side, u.leverage, u.margin_mode, u.continues
      FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::int[],
                  $8::text[], $9::text[], $10::text[], $11::numeric[], $12::numeric[], $13::boolean[],
                  $14::numeric[], $15::text[], $16::timestamptz[], $17::numeric[], $18::bigint[],
                  $19::text[], $20::text[], $21::text[], $22::text[], $23::int[], $24::text[],
                  $25::boolean[])
           AS u(id, tenant_id, copy_id, signal_id, subscription_id, connection_id, seq, symbol, side,
                order_type, quantity, limit_price, reduce_only, target_after, client_order_id,
                send_not_after, reserved_quote, epoch, base_asset, quote_asset, market, position_side,
                leverage, margin_mode, continues))"};
constexpr Statement set_targets{"plan_set_targets", R"(
    INSERT INTO positions (subscription_id, market, symbol, tenant_id, quantity, target_quantity, cost)
    SELECT u.subscription_id, u.market, u.symbol, u.tenant_id, 0, u.target, 0
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::numeric[])
           AS u(subscription_id, market, symbol, tenant_id, target)
    ON CONFLICT (subscription_id, market, symbol) DO UPDATE SET target_quantity = excluded.target_quantity)"};
constexpr Statement mark_part{"plan_mark_part", R"(
    UPDATE signals SET planned_at = coalesce(planned_at, $2), status = 'processing', plan_cursor = $3
     WHERE id = $1)"};
// A signal with nothing left open is over in the transaction that planned the last of it.
constexpr Statement mark_planned{"plan_mark", R"(
    UPDATE signals s
       SET planned_at = coalesce(s.planned_at, $2), plan_cursor = NULL,
           status = CASE WHEN all_of.going > 0 THEN 'processing' WHEN all_of.bad = 0 THEN 'completed'
                         WHEN all_of.filled = 0 THEN 'failed' ELSE 'partial' END,
           completed_at = CASE WHEN all_of.going > 0 THEN NULL ELSE $2 END
      FROM (SELECT count(*) FILTER (WHERE c.status IN ('open', 'waiting')) AS going,
                   count(*) FILTER (WHERE c.status = 'waiting') AS waiting,
                   count(*) FILTER (WHERE c.status IN ('rejected', 'alarmed')) AS bad,
                   count(*) FILTER (WHERE c.status = 'filled') AS filled
              FROM copies c WHERE c.signal_id = $1) all_of
     WHERE s.id = $1 RETURNING all_of.waiting > 0)"};

/// Subscriptions after `after` up to `last`, in the order of their ids.
struct Part {
    base::Uuid after{};  ///< nil: from the first
    base::Uuid last{};
    bool is_last = true;
};
constexpr base::Uuid highest_id = [] {
    base::Uuid id;
    id.bytes.fill(0xff);
    return id;
}();

PlanCandidate candidate_from_row(Row const& row, model::PoolId pool) {
    PlanCandidate c;
    auto& s = c.subscription;
    s.id = row.id<model::SubscriptionId>(0);
    s.tenant = row.id<model::TenantId>(1);
    s.pool = pool;
    s.user = row.id<model::UserId>(2);
    s.connection = row.id<model::ConnectionId>(3);
    s.status = row.text(4) == "active" ? model::SubscriptionStatus::active
                                       : model::SubscriptionStatus::paused;
    s.total_investment = row.amount<base::Money>(5);
    if (!row.is_null(6)) s.max_loss = row.amount<base::Money>(6);
    if (!row.is_null(7)) s.profit_target = row.amount<base::Money>(7);
    if (!row.is_null(8)) s.daily_loss_limit = row.amount<base::Money>(8);
    c.venue = row.string(9);
    s.environment = model::value_of(row.text(10), model::environment_names).value();
    c.credentials.fields = credentials_from_json(row.text(11));
    // Orders are placed on connections made to follow: another's credentials do not open so.
    c.credentials.context = ports::credential_context(
        s.tenant, s.user, c.venue, s.environment, ports::ConnectionPurpose::follow, s.connection);
    c.portfolio.quantity = row.amount<base::Quantity>(12);
    c.portfolio.target_quantity = row.amount<base::Quantity>(13);
    c.portfolio.open_cost = row.amount<base::Money>(14);
    c.portfolio.realised_total = row.amount<base::Money>(15);
    c.portfolio.realised_today = row.amount<base::Money>(16);
    if (!row.is_null(17)) c.waiting_copy = row.id<model::CopyId>(17);
    c.has_open_leg = row.boolean(18);
    c.legs_before = static_cast<int>(row.integer(19));
    c.held_side = enum_column(row, 20, model::position_side_names);
    c.portfolio.is_symbol_in_use = row.boolean(21);
    return c;
}

std::string_view copy_status(PlannedCopy const& copy) {
    if (copy.leg) return copy.leg->continues ? "waiting" : "open";
    return copy.reason.empty() ? "waiting" : "refused";
}

/// `waiting` are copies that waited before: of those that go on waiting there is nothing to write.
void send_copies(PgTransaction& tx, model::Signal const& signal,
                 std::vector<PlannedCopy> const& planned, std::set<model::CopyId> const& waiting) {
    ColumnBatch copies(7);
    ColumnBatch targets(5);
    for (auto const& copy : planned) {
        auto const status = copy_status(copy);
        if (status == "waiting" && !copy.leg && waiting.contains(copy.id)) continue;
        copies.add_row(copy.id, copy.subscription.tenant, signal.id, copy.subscription.id, status,
                       text_or_null(copy.reason), text_or_null(copy.limit_bound));
        bool const aims = copy.leg || (status == "refused" && signal.is_reducing());
        if (aims)
            targets.add_row(copy.subscription.id, to_string(signal.market), signal.symbol,
                            copy.subscription.tenant, copy.target_after);
    }
    if (!copies.empty()) tx.send(insert_copies, copies.params());
    if (!targets.empty()) tx.send(set_targets, targets.params());
}

/// What a subscription that its owner ended has waited for may end in a refusal.
void send_ends(PgTransaction& tx, std::vector<PlannedCopy> const& planned, base::Timestamp now) {
    std::vector<std::optional<std::string>> refused;
    for (auto const& copy : planned)
        if (!copy.leg && !copy.reason.empty())
            refused.emplace_back(copy.subscription.id.to_string());
    if (!refused.empty()) send_close_ended(tx, refused, now);
}

void send_legs(PgTransaction& tx, ports::Epoch epoch, std::vector<PlannedCopy> const& planned) {
    ColumnBatch legs(25);
    for (auto const& copy : planned) {
        if (!copy.leg) continue;
        auto const& l = *copy.leg;
        legs.add_row(l.id, l.tenant, l.copy, l.signal, l.subscription, l.connection, l.seq,
                     l.symbol, to_string(l.side), to_string(l.type), l.quantity, l.limit_price,
                     l.reduce_only, copy.target_after, l.client_order_id, l.send_not_after,
                     copy.reserved, epoch, l.base_asset, l.quote_asset, to_string(l.market),
                     to_string(l.position_side), l.leverage, to_string(l.margin_mode), l.continues);
    }
    if (!legs.empty()) tx.send(insert_legs, legs.params());
}

net::Task<std::vector<PlanCandidate>> candidates_in(PgTransaction& tx, model::Signal const& signal,
                                                    bool is_first, Part const& part,
                                                    base::Timestamp now) {
    auto who = Params()
                   .add(signal.id)
                   .add(signal.pool)
                   .add(signal.symbol)
                   .add(is_first)
                   .add(signal.is_reducing())
                   .add(now)
                   .add(signal.sequence)
                   .add(to_string(signal.market))
                   .add(part.after)
                   .add(part.last);
    if (signal.market == model::Market::futures)
        tx.send(
            lock_accounts,
            Params().add(signal.id).add(signal.pool).add(is_first).add(part.after).add(part.last));
    auto const rows = co_await tx.run(candidates_of, std::move(who));
    std::vector<PlanCandidate> candidates;
    candidates.reserve(static_cast<std::size_t>(rows.size()));
    for (int i = 0; i < rows.size(); ++i)
        candidates.push_back(candidate_from_row(rows[i], signal.pool));
    co_return candidates;
}

/// `next`: the row of `next_part`.
Part part_after(base::Uuid after, Row const& next) {
    Part part{.after = after, .last = after};
    if (next.is_null(0)) return part;
    part.last = next.uuid(0);
    part.is_last = !next.boolean(1);
    return part;
}

}  // namespace

ports::Task<ports::CopyStore::Plan> PgCopyStore::plan(ports::Epoch epoch, model::Signal signal,
                                                      Try which, Planner planner) {
    Plan plan;
    std::function<net::Task<void>(PgTransaction&)> body = [&](PgTransaction& tx) {
        return plan_in(tx, epoch, signal, which, planner, plan);
    };
    co_await pool_.transaction(TenantScope::engine(), std::move(body));
    co_return plan;
}

net::Task<void> PgCopyStore::plan_in(PgTransaction& tx, ports::Epoch epoch,
                                     model::Signal const& signal, Try which, Planner const& planner,
                                     Plan& plan) {
    plan = {};
    // One round trip: the loop is busy with the orders of the part before.
    auto const lease = ask_epoch(tx, conductor_lease);
    auto const lock = tx.ask(lock_signal, Params().add(signal.id));
    auto const line = tx.ask(earlier_signals, Params()
                                                  .add(signal.pool)
                                                  .add(signal.symbol)
                                                  .add(signal.sequence)
                                                  .add(to_string(signal.market)));
    auto const next =
        tx.ask(next_part, Params()
                              .add(signal.id)
                              .add(signal.pool)
                              .add(static_cast<std::int64_t>(part_size_))
                              .add(static_cast<std::int64_t>(ports::first_part_size(part_size_))));
    co_await expect_epoch(tx, lease, conductor_lease, epoch);
    auto const found = co_await tx.answer(lock);
    if (found.empty()) throw std::logic_error("a signal that is not stored was dispatched");
    bool const is_begun = found[0].text(0) == "processing";
    if (!is_begun && found[0].text(0) != "queued") co_return;
    bool const is_first = !is_begun || !found[0].is_null(1);

    auto const before = co_await tx.answer(line);
    for (int i = 0; i < before.size(); ++i) plan.earlier.push_back(signal_from_row(before[i]));
    if (!plan.earlier.empty()) co_return;
    if (which == Try::again) {
        auto mine = Params().add(signal.id).add(epoch);
        auto const unsent = co_await tx.run(unsent_legs, std::move(mine));
        for (int i = 0; i < unsent.size(); ++i)
            plan.unsent.push_back(armed_leg_from_row(unsent[i], open_lifetime_));
    }

    Part part{.last = highest_id};
    auto const after_cursor = co_await tx.answer(next);
    if (is_first) part = part_after(is_begun ? found[0].uuid(1) : base::Uuid{}, after_cursor[0]);
    auto const now = clock_.now();
    auto const candidates = co_await candidates_in(tx, signal, is_first, part, now);
    plan.planned = planner(candidates);
    std::set<model::CopyId> waiting;
    for (auto const& c : candidates)
        if (c.waiting_copy) waiting.insert(*c.waiting_copy);
    send_copies(tx, signal, plan.planned, waiting);
    send_ends(tx, plan.planned, now);
    send_legs(tx, epoch, plan.planned);
    plan.is_whole = part.is_last;
    if (!part.is_last) {
        tx.send(mark_part, Params().add(signal.id).add(now).add(part.last));
        co_return;
    }
    auto mark = Params().add(signal.id).add(now);
    auto const marked = co_await tx.run(mark_planned, std::move(mark));
    plan.waits = marked[0].boolean(0);
}

}  // namespace obscura::store
