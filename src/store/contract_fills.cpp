#include "store/contract_fills.hpp"

#include "model/contract_position.hpp"
#include "store/column_batch.hpp"

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace obscura::store {
namespace {

using ports::LegRecord;

constexpr Statement keep_fills{"record_contract_fills", R"(
    INSERT INTO leg_fills (connection_id, market, symbol, venue_trade_id, tenant_id, leg_id, side, price,
                           quantity, fee, fee_asset, executed_at, is_foreign)
    SELECT u.connection_id, 'futures', u.symbol, u.venue_trade_id, u.tenant_id, u.leg_id, u.side, u.price,
           u.quantity, u.fee, u.fee_asset, u.executed_at, u.is_foreign
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::uuid[], $6::text[], $7::numeric[],
                  $8::numeric[], $9::numeric[], $10::text[], $11::timestamptz[], $12::boolean[])
           AS u(connection_id, symbol, venue_trade_id, tenant_id, leg_id, side, price, quantity, fee,
                fee_asset, executed_at, is_foreign)
    ON CONFLICT DO NOTHING RETURNING connection_id, symbol, venue_trade_id)"};
constexpr Statement lock_positions{"record_contract_positions", R"(
    SELECT p.subscription_id, p.symbol, p.quantity, p.entry_quote, p.cost
      FROM positions p
     WHERE p.market = 'futures'
       AND (p.subscription_id, p.symbol) IN (SELECT * FROM unnest($1::uuid[], $2::text[]))
     ORDER BY p.subscription_id, p.symbol FOR UPDATE)"};
constexpr Statement move_positions{"record_contract_moves", R"(
    UPDATE positions p
       SET quantity = u.quantity, entry_quote = u.entry_quote, cost = u.worst_loss,
           realised_pnl = p.realised_pnl + u.realised, fees_quote = p.fees_quote + u.fees,
           position_side = u.position_side, leverage = coalesce(u.leverage, p.leverage),
           updated_at = now()
      FROM unnest($1::uuid[], $2::text[], $3::numeric[], $4::numeric[], $5::numeric[], $6::numeric[],
                  $7::numeric[], $8::text[], $9::int[])
           AS u(subscription_id, symbol, quantity, entry_quote, worst_loss, realised, fees,
                position_side, leverage)
     WHERE p.market = 'futures' AND p.subscription_id = u.subscription_id AND p.symbol = u.symbol)"};
constexpr Statement add_days{"record_contract_days", R"(
    INSERT INTO subscription_days AS d (subscription_id, day, tenant_id, realised_pnl)
    SELECT u.subscription_id, u.day, u.tenant_id, u.realised
      FROM unnest($1::uuid[], $2::date[], $3::uuid[], $4::numeric[])
           AS u(subscription_id, day, tenant_id, realised)
    ON CONFLICT (subscription_id, day)
    DO UPDATE SET realised_pnl = d.realised_pnl + excluded.realised_pnl)"};

using Place = std::pair<model::SubscriptionId, std::string>;       // subscription, symbol
using FillKey = std::tuple<base::Uuid, std::string, std::string>;  // connection, symbol, trade id
using Day = std::pair<model::SubscriptionId, std::string>;         // "2026-01-31"

struct Holding {
    model::ContractPosition position;
    base::Money realised{};
    base::Money fees{};
    model::PositionSide side = model::PositionSide::both;
    std::optional<int> leverage;
    bool is_moved = false;
};

net::Task<std::set<FillKey>> keep_new_fills(PgTransaction& tx,
                                            std::vector<LegRecord> const& records) {
    ColumnBatch fills(12);
    for (auto const& r : records) {
        if (r.leg.market != model::Market::futures) continue;
        for (auto const& f : r.fills)
            fills.add_row(r.leg.connection, r.leg.symbol, f.venue_trade_id, r.leg.tenant, r.leg.id,
                          to_string(r.leg.side), f.price, f.quantity, f.fee, f.fee_asset,
                          f.executed_at, f.is_foreign);
    }
    std::set<FillKey> fresh;
    if (fills.empty()) co_return fresh;
    auto const rows = co_await tx.run(keep_fills, fills.params());
    for (int i = 0; i < rows.size(); ++i)
        fresh.emplace(rows[i].uuid(0), rows[i].string(1), rows[i].string(2));
    co_return fresh;
}

net::Task<std::map<Place, Holding>> read_holdings(PgTransaction& tx,
                                                  std::vector<LegRecord> const& records) {
    ColumnBatch places(2);
    for (auto const& r : records)
        if (r.leg.market == model::Market::futures)
            places.add_row(r.leg.subscription, r.leg.symbol);
    auto const rows = co_await tx.run(lock_positions, places.params());
    std::map<Place, Holding> holdings;
    for (int i = 0; i < rows.size(); ++i)
        holdings[{rows[i].id<model::SubscriptionId>(0), rows[i].string(1)}].position = {
            .quantity = rows[i].amount<base::Quantity>(2),
            .entry_quote = rows[i].amount<base::Money>(3),
            .worst_loss = rows[i].amount<base::Money>(4)};
    co_return holdings;
}

void move(Holding& holding, model::Leg const& leg, ports::VenueFill const& fill,
          base::Money& of_the_day) {
    // A fee in another asset is kept with the fill and valued by nobody yet.
    auto const fee = fill.fee_asset == leg.quote_asset ? base::Money{fill.fee} : base::Money{};
    auto const outcome = model::after_fill(holding.position, {.side = leg.side,
                                                              .price = fill.price,
                                                              .quantity = fill.quantity,
                                                              .fee = fee,
                                                              .leverage = leg.leverage});
    holding.position = outcome.position;
    holding.realised += outcome.realised;
    holding.fees += fee;
    holding.side = leg.position_side;
    if (!leg.reduce_only) holding.leverage = leg.leverage;
    holding.is_moved = true;
    of_the_day += outcome.realised;
}

}  // namespace

net::Task<void> apply_contract_fills(PgTransaction& tx, std::vector<LegRecord> const& records) {
    auto fresh = co_await keep_new_fills(tx, records);
    if (fresh.empty()) co_return;
    auto holdings = co_await read_holdings(tx, records);
    std::map<Day, std::pair<model::TenantId, base::Money>> days;
    for (auto const& r : records) {
        auto const holding = holdings.find({r.leg.subscription, r.leg.symbol});
        if (r.leg.market != model::Market::futures || holding == holdings.end()) continue;
        for (auto const& fill : r.fills) {
            // Taken out, so that a fill that is told twice counts once.
            if (fresh.erase({r.leg.connection.value, r.leg.symbol, fill.venue_trade_id}) == 0)
                continue;
            auto const date = base::to_rfc3339(fill.executed_at).substr(0, 10);
            auto& day = days[{r.leg.subscription, date}];
            day.first = r.leg.tenant;
            move(holding->second, r.leg, fill, day.second);
        }
    }
    ColumnBatch moves(9);
    for (auto const& [place, h] : holdings)
        if (h.is_moved)
            moves.add_row(place.first, place.second, h.position.quantity, h.position.entry_quote,
                          h.position.worst_loss, h.realised, h.fees, to_string(h.side), h.leverage);
    if (!moves.empty()) tx.send(move_positions, moves.params());
    ColumnBatch results(4);
    for (auto const& [day, result] : days)
        results.add_row(day.first, day.second, result.first, result.second);
    if (!results.empty()) tx.send(add_days, results.params());
}

}  // namespace obscura::store
