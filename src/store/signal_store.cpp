#include "store/signal_store.hpp"

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "crypto/hash.hpp"
#include "model/intake.hpp"
#include "store/leader_positions.hpp"
#include "store/signal_rows.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace obscura::store {
namespace {

using model::Signal;
using model::Trade;

constexpr Statement take_outbox{"outbox_take", R"(
    SELECT id, source_id, payload::text FROM outbox
     WHERE topic = 'trade' ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)"};
constexpr Statement end_outbox{
    "outbox_end", "DELETE FROM outbox WHERE topic = 'trade' AND id = ANY($1::bigint[])"};
constexpr Statement enter_inbox{"inbox_enter", R"(
    INSERT INTO inbox (source, source_id) SELECT 'trade', unnest($1::text[])
    ON CONFLICT DO NOTHING RETURNING source_id)"};
// A fill makes one signal a pool, even where a pool names two traders of one account. A paused pool
// still follows its leaders' positions and exits.
constexpr Statement pools_of_leaders{"pools_of_leaders", R"(
    SELECT DISTINCT ON (t.connection_id, p.id)
           t.connection_id, t.id, p.id, p.tenant_id, p.status = 'active',
           EXISTS (SELECT FROM subscriptions s WHERE s.pool_id = p.id AND s.status <> 'closed')
      FROM traders t JOIN pool_traders pt ON pt.trader_id = t.id JOIN pools p ON p.id = pt.pool_id
     WHERE t.connection_id = ANY($1::uuid[]) AND t.status = 'active'
       AND p.status IN ('active', 'paused')
     ORDER BY t.connection_id, p.id, t.id)"};
// As accepting a signal does: those of one pool are numbered one after the other, so that whoever
// sees one sees all before it.
constexpr Statement lock_pools{
    "pools_lock", "SELECT id FROM pools WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE"};
// A custom pool is its user's alone: the tenant's keys do not see it, and do not trade in it.
constexpr Statement pool_for_signal{"pool_for_signal", R"(
    SELECT p.status, (SELECT count(*) FROM subscriptions s WHERE s.pool_id = p.id AND s.status = 'active')
      FROM pools p WHERE p.id = $1 AND p.tenant_id = $2 AND p.kind <> 'custom'
       FOR NO KEY UPDATE OF p)"};
constexpr Statement signal_by_source{"signal_by_source", R"(
    SELECT s.id, s.accepted_at, s.priority, s.request_hash FROM signals s
     WHERE s.pool_id = $1 AND s.source_id = $2 AND s.environment = $3)"};

/// What a key's signals may reach.
model::Environment reach_of(ports::Caller const& caller) {
    return caller.is_test_key ? model::Environment::paper : model::Environment::live;
}

/// The tenant's name for a leader. Test signals move positions of their own: what a live sell
/// closes is measured from what live signals bought.
std::string leader_ref_of(model::SignalRequest const& request, model::Environment reach) {
    return (reach == model::Environment::live ? "x:" : "xp:") + request.external_trader_ref;
}

struct Destination {
    model::TraderId trader{};
    model::PoolId pool{};
    model::TenantId tenant{};
    bool takes_opens = true;
    bool is_followed = true;
};

/// Where a leader stands in a symbol, for one pool.
struct Standing {
    model::TenantId tenant{};
    model::PositionCount count;
};

// A row that cannot be read holds up no other: it stays, under a topic that nobody takes, for
// people.
constexpr Statement set_aside{"outbox_set_aside", R"(
    UPDATE outbox SET topic = 'unreadable trade'
     WHERE topic = 'trade' AND id = ANY($1::bigint[]))"};

using Ids = std::vector<std::optional<std::string>>;

std::vector<Trade> trades_of(PgResult const& rows, Ids& readable, Ids& unreadable) {
    std::vector<Trade> trades;
    for (int i = 0; i < rows.size(); ++i) {
        auto const json = base::parse_json(rows[i].text(2));
        auto trade = json ? model::trade_from_json(*json) : std::unexpected(json.error());
        (trade ? readable : unreadable).emplace_back(rows[i].string(0));
        if (trade)
            trades.push_back(std::move(*trade));
        else
            base::log::error("outbox.unreadable_trade",
                             {{"source_id", rows[i].text(1)}, {"detail", trade.error().detail}});
    }
    return trades;
}

/// Fills of one account and symbol that came together are counted as they happened. The others keep
/// their places.
void to_venue_order(std::vector<Trade>& trades) {
    using Line = std::tuple<model::ConnectionId, model::Market, std::string>;
    std::map<Line, std::vector<std::size_t>> places;
    for (std::size_t i = 0; i < trades.size(); ++i)
        places[{trades[i].connection, trades[i].market, trades[i].symbol}].push_back(i);
    for (auto const& [line, at] : places) {
        std::vector<Trade> fills;
        for (auto const i : at) fills.push_back(std::move(trades[i]));
        std::ranges::sort(fills, model::happened_before, model::counted);
        for (std::size_t i = 0; i < at.size(); ++i) trades[at[i]] = std::move(fills[i]);
    }
}

net::Task<std::multimap<model::ConnectionId, Destination>> destinations(
    PgTransaction& tx, std::vector<Trade> const& trades) {
    std::vector<std::optional<std::string>> connections;
    for (auto const& t : trades) connections.emplace_back(t.connection.to_string());
    auto params = Params().add_array(connections);
    auto const rows = co_await tx.run(pools_of_leaders, std::move(params));
    std::multimap<model::ConnectionId, Destination> found;
    for (int i = 0; i < rows.size(); ++i)
        found.emplace(
            rows[i].id<model::ConnectionId>(0),
            Destination{rows[i].id<model::TraderId>(1), rows[i].id<model::PoolId>(2),
                        rows[i].id<model::TenantId>(3), rows[i].boolean(4), rows[i].boolean(5)});
    co_return found;
}

/// Of the pools that signals go to, those that nobody follows.
std::set<model::PoolId> lock_destinations(
    PgTransaction& tx, std::multimap<model::ConnectionId, Destination> const& wanted) {
    std::set<std::string> pools;
    std::set<model::PoolId> idle;
    for (auto const& [connection, to] : wanted) {
        pools.insert(to.pool.to_string());
        if (!to.is_followed) idle.insert(to.pool);
    }
    if (!pools.empty()) tx.send(lock_pools, Params().add_array({pools.begin(), pools.end()}));
    return idle;
}

/// What the request itself says of its signal.
Signal signal_of(model::SignalRequest const& request, base::Timestamp now) {
    Signal s;
    s.symbol = request.symbol;
    s.side = request.side;
    s.quantity = request.quantity;
    s.price = request.price;
    s.order_type = request.order_type;
    s.venue = request.venue;
    s.market = request.market;
    s.reduce_only = request.reduce_only;
    s.leverage = request.leverage;
    s.margin_mode = request.margin_mode;
    s.stop_loss_pct = request.stop_loss_pct;
    s.take_profit_pct = request.take_profit_pct;
    s.priority = request.priority;
    s.expires_at = request.expires_at;
    if (request.max_age_ms) s.expires_at = now + std::chrono::milliseconds(*request.max_age_ms);
    s.accepted_at = now;
    return s;
}

}  // namespace

ports::Task<ports::SignalStore::Moved> PgSignalStore::move_trades(std::size_t limit) {
    Moved moved;
    std::function<net::Task<void>(PgTransaction&)> body = [this, limit, &moved](PgTransaction& tx) {
        return move_in(tx, limit, moved);
    };
    co_await pool_.transaction(TenantScope::engine(), std::move(body));
    co_return moved;
}

net::Task<void> PgSignalStore::move_in(PgTransaction& tx, std::size_t limit, Moved& moved) {
    moved = {};
    auto take = Params().add(static_cast<std::int64_t>(limit));
    auto const rows = co_await tx.run(take_outbox, std::move(take));
    if (rows.empty()) co_return;
    std::vector<std::optional<std::string>> ids;
    Ids unreadable;
    auto trades = trades_of(rows, ids, unreadable);
    to_venue_order(trades);
    moved.moved = static_cast<std::size_t>(rows.size());
    if (!unreadable.empty()) tx.send(set_aside, Params().add_array(unreadable));

    Ids keys;
    for (auto const& t : trades) keys.emplace_back(model::source_id_of(t));
    auto enter = Params().add_array(keys);
    auto const entered = co_await tx.run(enter_inbox, std::move(enter));
    std::set<std::string> fresh;
    for (int i = 0; i < entered.size(); ++i) fresh.insert(entered[i].string(0));
    Ids coming;
    for (auto const& t : trades)
        if (fresh.contains(model::source_id_of(t))) coming.emplace_back(t.id.to_string());
    auto const wanted = co_await destinations(tx, trades);
    moved.idle_pools = lock_destinations(tx, wanted);

    std::map<LeaderPosition, Standing> standings;
    auto const now = clock_.now();
    for (auto const& trade : trades) {
        // Taken out of `fresh`, so that the same trade twice in one batch counts once.
        if (fresh.erase(model::source_id_of(trade)) == 0) continue;
        auto const [first, last] = wanted.equal_range(trade.connection);
        for (auto it = first; it != last; ++it) {
            auto const& to = it->second;
            auto const key = position_of(trade, to.pool, to.trader);
            auto standing = standings.find(key);
            if (standing == standings.end()) {
                auto count = co_await read_count(tx, key, trade, coming);
                standing = standings.emplace(key, Standing{to.tenant, std::move(count)}).first;
            }
            auto const move = standing->second.count.add(model::counted(trade));
            auto signal = model::signal_from_trade(trade, to.tenant, to.pool, to.trader, move,
                                                   model::SignalId::make(now, random_), now);
            if (to.takes_opens || signal.is_reducing()) moved.signals.push_back(std::move(signal));
        }
    }
    if (!moved.signals.empty())
        co_await insert_signals(tx, moved.signals, moved.idle_pools, "{}", std::nullopt);
    for (auto const& [key, standing] : standings)
        keep_position(tx, key, standing.tenant, standing.count.quantity());
    base::failpoint("conductor.before_intake");
    auto end = Params().add_array(ids);
    (void)co_await tx.run(end_outbox, std::move(end));
}

ports::Task<base::Result<ports::SignalStore::Accepted>> PgSignalStore::accept(
    ports::Caller caller, model::PoolId pool, model::SignalRequest request,
    model::SignalSource source) {
    base::Result<Accepted> answer = base::fail(base::Errc::internal, "internal", "");
    std::function<net::Task<void>(PgTransaction&)> body =
        [&](PgTransaction& tx) -> net::Task<void> {
        answer = co_await accept_in(tx, caller, pool, request, source);
    };
    co_await pool_.transaction(TenantScope::engine(), std::move(body));
    co_return answer;
}

net::Task<base::Result<ports::SignalStore::Accepted>> PgSignalStore::accept_in(
    PgTransaction& tx, ports::Caller const& caller, model::PoolId pool,
    model::SignalRequest const& request, model::SignalSource source) {
    auto const now = clock_.now();
    // The pool's row is locked: signals of one pool are numbered one after the other.
    auto find_pool = Params().add(pool).add(caller.tenant);
    auto const pools = co_await tx.run(pool_for_signal, std::move(find_pool));
    if (pools.empty())
        co_return base::fail(base::Errc::not_found, "pool_not_found", "No such pool.");

    Accepted accepted;
    accepted.answer.pool = pool;
    accepted.answer.estimated_subscribers = pools[0].integer(1);
    accepted.answer.external_trade_id = request.external_trade_id;
    auto const id = model::SignalId::make(now, random_);
    auto const source_id =
        request.external_trade_id ? "x:" + *request.external_trade_id : "r:" + id.value.to_hex();
    auto const digest = crypto::sha256(request.body.dump_canonical());
    std::string const hash(digest.begin(), digest.end());
    auto const reach = reach_of(caller);
    auto find_known = Params().add(pool).add(source_id).add(model::to_string(reach));
    auto const known = co_await tx.run(signal_by_source, std::move(find_known));
    if (!known.empty()) {
        if (known[0].bytes(3) != hash)
            co_return base::fail(base::Errc::conflict, "external_trade_id_reused",
                                 "This external_trade_id came before with another body.");
        accepted.answer.id = known[0].id<model::SignalId>(0);
        accepted.answer.queued_at = known[0].timestamp(1);
        accepted.answer.priority = static_cast<model::Priority>(known[0].integer(2));
        accepted.answer.was_known = true;
        co_return accepted;
    }
    if (pools[0].text(0) != "active")
        co_return base::fail(base::Errc::conflict, "pool_not_active",
                             "The pool is " + pools[0].string(0) + "; activate it first.");

    auto s = signal_of(request, now);
    s.id = id;
    s.tenant = caller.tenant;
    s.pool = pool;
    s.source = source;
    s.source_id = source_id;
    s.leader_ref = leader_ref_of(request, reach);
    s.environment = reach;
    LeaderPosition const at{pool, s.leader_ref, s.market, s.symbol, s.position_side};
    s.leader_before = co_await read_position(tx, at);
    s.leader_after = model::leader_after(s);
    keep_position(tx, at, s.tenant, s.leader_after);
    std::vector<Signal> one{s};
    co_await insert_signals(tx, one, {}, request.body.dump_canonical(), hash);
    accepted.signal = one.front();
    accepted.answer.id = id;
    accepted.answer.queued_at = now;
    accepted.answer.priority = s.priority;
    co_return accepted;
}

}  // namespace obscura::store
