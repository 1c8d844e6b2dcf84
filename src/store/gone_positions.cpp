#include "store/gone_positions.hpp"

#include "model/closed_elsewhere.hpp"
#include "store/columns.hpp"

#include <algorithm>

namespace obscura::store {
namespace {

using ports::LegRecord;

constexpr Statement lock_position{"gone_lock_position", R"(
    SELECT p.quantity, p.cost, p.entry_quote
      FROM positions p JOIN copy_legs l ON l.subscription_id = p.subscription_id
                                       AND l.market = p.market AND l.symbol = p.symbol
     WHERE l.id = $1 AND l.state NOT IN ('filled', 'rejected', 'alarmed') FOR UPDATE OF p)"};
constexpr Statement opened_at{"gone_opened_at", R"(
    SELECT max(f.executed_at)
      FROM copies c JOIN copy_legs l ON l.copy_id = c.id JOIN leg_fills f ON f.leg_id = l.id
     WHERE c.subscription_id = $1 AND f.market = $2 AND f.symbol = $3 AND f.side <> $4
       AND NOT f.is_foreign)"};
constexpr Statement booked{"gone_booked", R"(
    SELECT venue_trade_id FROM leg_fills
     WHERE connection_id = $1 AND market = $2 AND symbol = $3 AND venue_trade_id = ANY($4::text[]))"};

net::Task<std::set<std::string>> booked_of(PgTransaction& tx, LegRecord const& record) {
    std::vector<std::optional<std::string>> ids;
    for (auto const& trade : record.gone->trades) ids.emplace_back(trade.venue_trade_id);
    auto const& leg = record.leg;
    auto params =
        Params().add(leg.connection).add(to_string(leg.market)).add(leg.symbol).add_array(ids);
    auto const rows = co_await tx.run(booked, std::move(params));
    std::set<std::string> out;
    for (int i = 0; i < rows.size(); ++i) out.insert(rows[i].string(0));
    co_return out;
}

net::Task<void> add_foreign_fills(PgTransaction& tx, LegRecord& record, base::Timestamp now) {
    auto const& leg = record.leg;
    auto who = Params().add(leg.id);
    auto const position = co_await tx.run(lock_position, std::move(who));
    if (position.empty()) co_return;
    auto place = Params()
                     .add(leg.subscription)
                     .add(to_string(leg.market))
                     .add(leg.symbol)
                     .add(to_string(leg.side));
    auto const opened = co_await tx.run(opened_at, std::move(place));
    model::HeldElsewhere held{.market = leg.market,
                              .position_side = leg.position_side,
                              .symbol = leg.symbol,
                              .quote_asset = leg.quote_asset,
                              .quantity = position[0].amount<base::Quantity>(0),
                              .left = record.gone->left,
                              .cost = position[0].amount<base::Money>(1),
                              .entry_quote = position[0].amount<base::Money>(2),
                              .opened_at = {},
                              .ours = co_await booked_of(tx, record)};
    if (!opened[0].is_null(0)) held.opened_at = opened[0].timestamp(0);
    ports::add_foreign_fills(record, held, now);
}

}  // namespace

net::Task<std::vector<LegRecord>> with_foreign_fills(PgTransaction& tx,
                                                     std::vector<LegRecord> records,
                                                     base::Timestamp now) {
    for (auto& record : records)
        if (record.gone) co_await add_foreign_fills(tx, record, now);
    co_return records;
}

}  // namespace obscura::store
