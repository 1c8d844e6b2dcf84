#include "store/leader_positions.hpp"

#include "store/columns.hpp"

#include <utility>

namespace obscura::store {
namespace {

// A trade is counted when the inbox knows it and it is none of those coming now. Trades of one time
// are ordered by the venue's id: of two numbers the longer is the greater.
constexpr Statement kept_position{"leader_position", R"(
    SELECT quantity FROM leader_positions
     WHERE pool_id = $1 AND leader_ref = $2 AND market = $3 AND symbol = $4 AND position_side = $5
       FOR UPDATE)"};
// The inbox is asked for each later fill by itself (OFFSET 0): joined with it, all of it would be
// read where this was planned while it was small.
constexpr Statement position_before_fill{"leader_position_before_fill", R"(
    SELECT p.quantity,
           EXISTS (SELECT FROM trades t
                    WHERE t.connection_id = $6 AND t.market = $3 AND t.symbol = $4
                      AND t.position_side = $5 AND t.executed_at >= $7
                      AND (t.executed_at, length(t.venue_trade_id), t.venue_trade_id COLLATE "C")
                          > ($7::timestamptz, length($8::text), $8::text COLLATE "C")
                      AND t.id <> ALL ($9::uuid[])
                      AND EXISTS (SELECT FROM inbox i
                                   WHERE i.source = 'trade' AND i.source_id = 't:' || t.connection_id
                                         || ':' || t.market || ':' || t.symbol || ':'
                                         || t.venue_trade_id
                                  OFFSET 0))
      FROM leader_positions p
     WHERE p.pool_id = $1 AND p.leader_ref = $2 AND p.market = $3 AND p.symbol = $4
       AND p.position_side = $5 FOR UPDATE OF p)"};
// What was counted before a fill, as model::PositionCount would have it.
constexpr Statement count_before{"leader_count_before", R"(
    SELECT leader_position($8, CASE WHEN t.side = 'sell' THEN -t.quantity
                                    WHEN t.market = 'spot' AND t.fee_asset <> ''
                                         AND length(t.symbol) > length(t.fee_asset)
                                         AND starts_with(t.symbol, t.fee_asset) THEN t.quantity - t.fee
                                    ELSE t.quantity END,
                           coalesce(t.realised_pnl, 0) <> 0
                           ORDER BY t.executed_at, length(t.venue_trade_id), t.venue_trade_id COLLATE "C")
      FROM trades t
      JOIN inbox i ON i.source = 'trade' AND i.source_id = 't:' || t.connection_id
           || ':' || t.market || ':' || t.symbol || ':' || t.venue_trade_id
     WHERE t.connection_id = $1 AND t.market = $2 AND t.symbol = $3 AND t.position_side = $4
       AND t.executed_at <= $5
       AND (t.executed_at, length(t.venue_trade_id), t.venue_trade_id COLLATE "C")
           < ($5::timestamptz, length($6::text), $6::text COLLATE "C")
       AND t.id <> ALL ($7::uuid[]))"};
constexpr Statement counted_after{"leader_counted_after", R"(
    SELECT t.executed_at, t.venue_trade_id, t.side, t.quantity, t.fee, t.fee_asset, t.realised_pnl
      FROM trades t
      JOIN inbox i ON i.source = 'trade' AND i.source_id = 't:' || t.connection_id
           || ':' || t.market || ':' || t.symbol || ':' || t.venue_trade_id
     WHERE t.connection_id = $1 AND t.market = $2 AND t.symbol = $3 AND t.position_side = $4
       AND t.executed_at >= $5
       AND (t.executed_at, length(t.venue_trade_id), t.venue_trade_id COLLATE "C")
           > ($5::timestamptz, length($6::text), $6::text COLLATE "C")
       AND t.id <> ALL ($7::uuid[]))"};
constexpr Statement set_position{"leader_position_set", R"(
    INSERT INTO leader_positions (pool_id, leader_ref, market, symbol, position_side, tenant_id, quantity)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (pool_id, leader_ref, market, symbol, position_side)
    DO UPDATE SET quantity = excluded.quantity)"};

model::PositionKind kind_of(model::Trade const& trade) {
    return model::position_kind(trade.market, trade.position_side);
}

std::string_view name_of(model::PositionKind kind) {
    switch (kind) {
        case model::PositionKind::never_short:
            return "never_short";
        case model::PositionKind::never_long:
            return "never_long";
        case model::PositionKind::either:
            return "either";
    }
    std::unreachable();
}

Params params_of(LeaderPosition const& at) {
    return Params()
        .add(at.pool)
        .add(at.leader)
        .add(to_string(at.market))
        .add(at.symbol)
        .add(to_string(at.side));
}

model::CountedFill counted_from_row(Row const& row, model::Trade const& of) {
    model::Trade trade;
    trade.market = of.market;
    trade.symbol = of.symbol;
    trade.executed_at = row.timestamp(0);
    trade.venue_trade_id = row.string(1);
    trade.side = enum_column(row, 2, model::side_names);
    trade.quantity = row.amount<base::Quantity>(3);
    trade.fee = row.decimal(4);
    trade.fee_asset = row.string(5);
    trade.realised_pnl = optional_amount<base::Money>(row, 6);
    return model::counted(trade);
}

/// From the account's own trades, whatever the pool saw of them: a leader who was in before the
/// pool came to be is in.
net::Task<model::PositionCount> count_anew(PgTransaction& tx, model::Trade const& first,
                                           std::vector<std::optional<std::string>> const& coming) {
    auto around = Params()
                      .add(first.connection)
                      .add(to_string(first.market))
                      .add(first.symbol)
                      .add(to_string(first.position_side))
                      .add(first.executed_at)
                      .add(first.venue_trade_id)
                      .add_array(coming);
    auto again = around;
    around.add(name_of(kind_of(first)));
    auto const before = co_await tx.run(count_before, std::move(around));
    auto const rows = co_await tx.run(counted_after, std::move(again));
    std::vector<model::CountedFill> later;
    later.reserve(static_cast<std::size_t>(rows.size()));
    for (int i = 0; i < rows.size(); ++i) later.push_back(counted_from_row(rows[i], first));
    co_return model::PositionCount(kind_of(first), before[0].amount<base::Quantity>(0),
                                   std::move(later));
}

}  // namespace

LeaderPosition position_of(model::Trade const& trade, model::PoolId pool, model::TraderId leader) {
    return {pool, leader.to_string(), trade.market, trade.symbol, trade.position_side};
}

net::Task<base::Quantity> read_position(PgTransaction& tx, LeaderPosition const& at) {
    auto params = params_of(at);
    auto const rows = co_await tx.run(kept_position, std::move(params));
    co_return rows.empty() ? base::Quantity{} : rows[0].amount<base::Quantity>(0);
}

net::Task<model::PositionCount> read_count(PgTransaction& tx, LeaderPosition const& at,
                                           model::Trade const& first,
                                           std::vector<std::optional<std::string>> const& coming) {
    auto params = params_of(at);
    params.add(first.connection).add(first.executed_at).add(first.venue_trade_id).add_array(coming);
    auto const rows = co_await tx.run(position_before_fill, std::move(params));
    if (!rows.empty() && !rows[0].boolean(1))
        co_return model::PositionCount(kind_of(first), rows[0].amount<base::Quantity>(0));
    co_return co_await count_anew(tx, first, coming);
}

void keep_position(PgTransaction& tx, LeaderPosition const& at, model::TenantId tenant,
                   base::Quantity quantity) {
    tx.send(set_position, params_of(at).add(tenant).add(quantity));
}

}  // namespace obscura::store
