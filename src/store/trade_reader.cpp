#include "store/trade_reader.hpp"

#include "store/columns.hpp"

#include <algorithm>

namespace obscura::store {
namespace {

constexpr Statement account_of_trader{"trade_reader_account", R"(
    SELECT connection_id FROM traders WHERE id = $1 AND ($2::uuid IS NULL OR user_id = $2))"};
constexpr Statement list_trades{"trade_reader_list", R"(
    SELECT id, tenant_id, connection_id, venue, environment, market, symbol, venue_trade_id,
           venue_order_id, side, price, quantity, fee, fee_asset, is_maker, executed_at, received_at,
           via, position_side, realised_pnl
      FROM trades
     WHERE connection_id = $1 AND executed_at >= $2 AND executed_at < $3
       AND ($4::timestamptz IS NULL OR (executed_at, id) > ($4, $5::uuid))
     ORDER BY executed_at, id LIMIT $6)"};

model::Trade trade_of(Row const& row) {
    model::Trade t;
    t.id = row.id<model::TradeId>(0);
    t.tenant = row.id<model::TenantId>(1);
    t.connection = row.id<model::ConnectionId>(2);
    t.venue = row.string(3);
    t.environment = enum_column(row, 4, model::environment_names);
    t.market = enum_column(row, 5, model::market_names);
    t.symbol = row.string(6);
    t.venue_trade_id = row.string(7);
    t.venue_order_id = row.string(8);
    t.side = enum_column(row, 9, model::side_names);
    t.price = row.amount<base::Price>(10);
    t.quantity = row.amount<base::Quantity>(11);
    t.fee = row.decimal(12);
    t.fee_asset = row.string(13);
    t.is_maker = row.boolean(14);
    t.executed_at = row.timestamp(15);
    t.received_at = row.timestamp(16);
    t.via_backfill = row.text(17) == "backfill";
    t.position_side = enum_column(row, 18, model::position_side_names);
    t.realised_pnl = optional_amount<base::Money>(row, 19);
    return t;
}

}  // namespace

ports::Task<base::Result<ports::TradePage>> PgTradeReader::list(ports::TradeQuery query) {
    auto const scope = query.tenant ? TenantScope::of(*query.tenant) : TenantScope::engine();
    auto who = Params().add(query.trader).add(query.owner);
    auto const traders = co_await pool_.query(scope, account_of_trader, std::move(who));
    if (traders.empty())
        co_return base::fail(base::Errc::not_found, "trader_not_found", "There is no such trader.");

    auto const limit = std::clamp(query.limit, 1, 1000);
    auto params = Params().add(traders[0].uuid(0)).add(query.from).add(query.to);
    if (query.after)
        params.add(query.after->executed_at).add(query.after->id);
    else
        params.add_null().add_null();
    params.add(limit + 1);
    auto const rows = co_await pool_.query(scope, list_trades, std::move(params));
    ports::TradePage page;
    auto const count = std::min(rows.size(), limit);
    for (int i = 0; i < count; ++i) page.trades.push_back(trade_of(rows[i]));
    if (rows.size() > limit)
        page.next = ports::TradePosition{page.trades.back().executed_at, page.trades.back().id};
    co_return page;
}

}  // namespace obscura::store
