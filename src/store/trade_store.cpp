#include "store/trade_store.hpp"

#include "base/failpoint.hpp"
#include "crypto/hex.hpp"
#include "store/column_batch.hpp"
#include "store/columns.hpp"
#include "store/trade_chain.hpp"

#include <algorithm>
#include <map>
#include <unordered_set>

namespace obscura::store {
namespace {

using model::Trade;
using ports::Task;

constexpr Statement start_chains{"trade_chains_start", R"(
    INSERT INTO trade_chains (connection_id, tenant_id, seq, head)
    SELECT u.connection_id, u.tenant_id, 0, decode(u.head, 'hex')
      FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS u (connection_id, tenant_id, head)
     ORDER BY u.connection_id
    ON CONFLICT (connection_id) DO NOTHING)"};
constexpr Statement lock_chains{"trade_chains_lock", R"(
    SELECT connection_id, seq, head FROM trade_chains
     WHERE connection_id = ANY($1::uuid[]) ORDER BY connection_id FOR UPDATE)"};
// A trade's id is made from its identity, so the primary key finds what is known: each by itself
// (OFFSET 0), for together with the period, which spares the other partitions, a month that was
// empty when this was planned would be read whole.
constexpr Statement known_trades{"trades_known", R"(
    SELECT u.id FROM unnest($1::uuid[]) AS u (id)
     WHERE EXISTS (SELECT FROM trades t
                    WHERE t.id = u.id AND t.executed_at BETWEEN $2::timestamptz - interval '1 day'
                                                            AND $3::timestamptz + interval '1 day'
                   OFFSET 0))"};
constexpr Statement insert_trades{"trades_insert", R"(
    INSERT INTO trades (id, tenant_id, connection_id, venue, environment, market, symbol,
                        venue_trade_id, venue_order_id, side, price, quantity, fee, fee_asset,
                        is_maker, executed_at, received_at, via, chain_seq, chain_hash, position_side,
                        realised_pnl)
    SELECT u.id, u.tenant_id, u.connection_id, u.venue, u.environment, u.market, u.symbol,
           u.venue_trade_id, u.venue_order_id, u.side, u.price, u.quantity, u.fee, u.fee_asset,
           u.is_maker, u.executed_at, u.received_at, u.via, u.chain_seq, decode(u.chain_hash, 'hex'),
           u.position_side, u.realised_pnl
      FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[],
                  $8::text[], $9::text[], $10::text[], $11::numeric[], $12::numeric[], $13::numeric[],
                  $14::text[], $15::boolean[], $16::timestamptz[], $17::timestamptz[], $18::text[],
                  $19::bigint[], $20::text[], $21::text[], $22::numeric[])
           AS u (id, tenant_id, connection_id, venue, environment, market, symbol, venue_trade_id,
                 venue_order_id, side, price, quantity, fee, fee_asset, is_maker, executed_at,
                 received_at, via, chain_seq, chain_hash, position_side, realised_pnl)
    ON CONFLICT DO NOTHING)"};
constexpr Statement insert_outbox{"outbox_insert_trades", R"(
    INSERT INTO outbox (tenant_id, topic, source_id, payload)
    SELECT u.tenant_id, 'trade', u.source_id, u.payload::jsonb
      FROM unnest($1::uuid[], $2::text[], $3::text[]) WITH ORDINALITY
           AS u (tenant_id, source_id, payload, n)
     ORDER BY u.n
    ON CONFLICT (topic, source_id) DO NOTHING)"};
constexpr Statement move_chains{"trade_chains_move", R"(
    UPDATE trade_chains c SET seq = u.seq, head = decode(u.head, 'hex')
      FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS u (connection_id, seq, head)
     WHERE c.connection_id = u.connection_id)"};
constexpr Statement move_cursors{"feed_cursors_move", R"(
    INSERT INTO feed_cursors AS f (connection_id, market, symbol, tenant_id, last_trade_id)
    SELECT u.connection_id, u.market, u.symbol, u.tenant_id, u.last_trade_id
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::bigint[])
           AS u (connection_id, market, symbol, tenant_id, last_trade_id)
     ORDER BY u.connection_id, u.market, u.symbol
    ON CONFLICT (connection_id, market, symbol) DO UPDATE
       SET last_trade_id = greatest(f.last_trade_id, excluded.last_trade_id), updated_at = now())"};
constexpr Statement read_cursors{"feed_cursors_read", R"(
    SELECT tenant_id, connection_id, market, symbol, last_trade_id FROM feed_cursors
     WHERE connection_id = $1 ORDER BY market, symbol)"};
constexpr Statement make_partitions{"ensure_partitions", "SELECT ensure_partitions($1::int)"};

struct ChainHead {
    std::int64_t seq = 0;
    crypto::Digest head{};
};
using Chains = std::map<model::ConnectionId, ChainHead>;

using Column = std::vector<std::optional<std::string>>;

/// Takes the locks: from here to the commit nobody else stores fills of these accounts.
PgTransaction::Asked ask_chains(PgTransaction& tx, std::vector<Trade> const& trades) {
    std::map<model::ConnectionId, model::TenantId> accounts;
    for (auto const& trade : trades) accounts.emplace(trade.connection, trade.tenant);
    ColumnBatch starts(3);
    Column ids;
    for (auto const& [connection, tenant] : accounts) {
        starts.add_row(connection, tenant, crypto::hex_encode(chain_start(connection)));
        ids.emplace_back(connection.to_string());
    }
    tx.send(start_chains, starts.params());
    return tx.ask(lock_chains, Params().add_array(ids));
}

Chains chains_from(PgResult const& rows) {
    Chains chains;
    for (int i = 0; i < rows.size(); ++i) {
        ChainHead head{.seq = rows[i].integer(1)};
        auto const bytes = rows[i].bytes(2);
        if (bytes.size() != head.head.size())
            throw std::runtime_error("trade_chains.head is no digest");
        std::ranges::copy(bytes, head.head.begin());
        chains.emplace(rows[i].id<model::ConnectionId>(0), head);
    }
    return chains;
}

PgTransaction::Asked ask_known(PgTransaction& tx, std::vector<Trade> const& trades) {
    Column ids;
    for (auto const& trade : trades) ids.emplace_back(trade.id.to_string());
    auto const [first, last] = std::ranges::minmax(trades, {}, &Trade::executed_at);
    return tx.ask(known_trades,
                  Params().add_array(ids).add(first.executed_at).add(last.executed_at));
}

/// Without what is stored already, and repetitions inside the batch.
std::vector<Trade> only_new(std::vector<Trade> trades, PgResult const& rows) {
    std::unordered_set<model::TradeId> known;
    for (int i = 0; i < rows.size(); ++i) known.insert(rows[i].id<model::TradeId>(0));
    std::erase_if(trades, [&](Trade const& trade) { return !known.insert(trade.id).second; });
    return trades;
}

PgTransaction::Asked insert(PgTransaction& tx, std::vector<Trade> const& trades, Chains& chains) {
    ColumnBatch rows(22);
    ColumnBatch outbox(3);
    for (auto const& t : trades) {
        auto& chain = chains.at(t.connection);
        chain.head = chain_link(chain.head, t);
        ++chain.seq;
        rows.add_row(t.id, t.tenant, t.connection, t.venue, model::to_string(t.environment),
                     model::to_string(t.market), t.symbol, t.venue_trade_id, t.venue_order_id,
                     model::to_string(t.side), t.price, t.quantity, t.fee, t.fee_asset, t.is_maker,
                     t.executed_at, t.received_at,
                     std::string_view(t.via_backfill ? "backfill" : "stream"), chain.seq,
                     crypto::hex_encode(chain.head), model::to_string(t.position_side),
                     t.realised_pnl);
        outbox.add_row(t.tenant, model::venue_identity(t), model::to_json(t).dump());
    }
    auto const stored = tx.ask(insert_trades, rows.params());
    tx.send(insert_outbox, outbox.params());
    ColumnBatch heads(3);
    for (auto const& [connection, chain] : chains)
        heads.add_row(connection, chain.seq, crypto::hex_encode(chain.head));
    tx.send(move_chains, heads.params());
    return stored;
}

void send_cursors(PgTransaction& tx, std::vector<ports::FeedCursor> const& cursors) {
    if (cursors.empty()) return;
    using Key = std::tuple<model::ConnectionId, model::Market, std::string>;
    std::map<Key, ports::FeedCursor> furthest;
    for (auto const& cursor : cursors) {
        auto const [place, is_first] =
            furthest.try_emplace(Key{cursor.connection, cursor.market, cursor.symbol}, cursor);
        place->second.last_trade_id = std::max(place->second.last_trade_id, cursor.last_trade_id);
    }
    ColumnBatch rows(5);
    for (auto const& [key, c] : furthest)
        rows.add_row(c.connection, model::to_string(c.market), c.symbol, c.tenant, c.last_trade_id);
    tx.send(move_cursors, rows.params());
}

}  // namespace

Task<std::vector<Trade>> PgTradeStore::append(ports::FeedDelivery batch) {
    std::vector<Trade> fresh;
    auto const body = [&](PgTransaction& tx) -> net::Task<void> {
        fresh.clear();
        std::optional<PgTransaction::Asked> inserted;
        if (!batch.trades.empty()) {
            // What is known is read behind the locks, though it is asked with them.
            auto const heads = ask_chains(tx, batch.trades);
            auto const known = ask_known(tx, batch.trades);
            auto const locked = co_await tx.answer(heads);
            auto const found = co_await tx.answer(known);
            auto chains = chains_from(locked);
            fresh = only_new(batch.trades, found);
            if (!fresh.empty()) inserted = insert(tx, fresh, chains);
        }
        send_cursors(tx, batch.cursors);
        if (inserted) {
            // Under the chain's lock nothing of this can be known, unless somebody writes past it.
            auto const stored = co_await tx.answer(*inserted);
            if (stored.affected() != static_cast<std::int64_t>(fresh.size()))
                throw std::runtime_error("fills were stored without their chain's lock");
        }
        if (!fresh.empty()) base::failpoint("sentinel.before_commit");
    };
    co_await pool_.transaction(TenantScope::engine(), body);
    co_return fresh;
}

Task<std::vector<ports::FeedCursor>> PgTradeStore::cursors(model::ConnectionId connection) {
    auto which = Params().add(connection);
    auto const rows = co_await pool_.query(TenantScope::engine(), read_cursors, std::move(which));
    std::vector<ports::FeedCursor> out;
    for (int i = 0; i < rows.size(); ++i) {
        auto const row = rows[i];
        out.push_back({row.id<model::TenantId>(0), row.id<model::ConnectionId>(1),
                       enum_column(row, 2, model::market_names), row.string(3), row.integer(4)});
    }
    co_return out;
}

Task<int> PgTradeStore::ensure_partitions(int months_ahead) {
    auto params = Params().add(months_ahead);
    auto const rows =
        co_await pool_.query(TenantScope::engine(), make_partitions, std::move(params));
    co_return static_cast<int>(rows[0].integer(0));
}

}  // namespace obscura::store
