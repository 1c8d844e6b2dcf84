#include "store/signal_rows.hpp"

#include "store/columns.hpp"

#include <unordered_map>

namespace obscura::store {
namespace {

using model::Signal;
using Column = std::vector<std::optional<std::string>>;

constexpr Statement insert_signal_rows{"signals_insert", R"(
    INSERT INTO signals (id, tenant_id, pool_id, source, source_id, leader_ref, symbol, side, quantity,
                         price, order_type, venue, market, environment, reduce_only, priority,
                         leader_before, leader_after, expires_at, leader_executed_at, ingested_at,
                         accepted_at, position_side, leverage, margin_mode, stop_loss_pct,
                         take_profit_pct, body, request_hash, status, planned_at, completed_at)
    SELECT u.*, $28::jsonb, $29::bytea, CASE WHEN i.is_idle THEN 'completed' ELSE 'queued' END,
           CASE WHEN i.is_idle THEN i.made_at END, CASE WHEN i.is_idle THEN i.made_at END
      FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[],
                  $8::text[], $9::numeric[], $10::numeric[], $11::text[], $12::text[], $13::text[],
                  $14::text[], $15::boolean[], $16::int[], $17::numeric[], $18::numeric[],
                  $19::timestamptz[], $20::timestamptz[], $21::timestamptz[], $22::timestamptz[],
                  $23::text[], $24::int[], $25::text[], $26::numeric[], $27::numeric[])
           AS u (id, tenant_id, pool_id)
      CROSS JOIN LATERAL (SELECT u.pool_id = ANY($30::uuid[]) AS is_idle,
                                 ($22::timestamptz[])[1] AS made_at) i
    RETURNING id, sequence)"};

std::optional<std::string> time_text(std::optional<base::Timestamp> const& t) {
    if (!t) return std::nullopt;
    return Params().add(*t).values().front();
}

template <class E, std::size_t N>
E enum_of(Row const& row, int column, std::array<base::EnumName<E>, N> const& names) {
    auto const value = model::value_of(row.text(column), names);
    if (!value) throw std::runtime_error("unknown name in column " + std::to_string(column));
    return *value;
}

}  // namespace

Signal signal_from_row(Row const& row) {
    Signal s;
    s.id = row.id<model::SignalId>(0);
    s.tenant = row.id<model::TenantId>(1);
    s.pool = row.id<model::PoolId>(2);
    s.sequence = row.integer(3);
    s.source = enum_of(row, 4, model::signal_source_names);
    s.source_id = row.string(5);
    s.leader_ref = row.string(6);
    s.symbol = row.string(7);
    s.side = enum_of(row, 8, model::side_names);
    s.quantity = row.amount<base::Quantity>(9);
    if (!row.is_null(10)) s.price = row.amount<base::Price>(10);
    s.order_type = enum_of(row, 11, model::order_type_names);
    s.venue = row.string(12);
    s.market = enum_of(row, 13, model::market_names);
    s.environment = enum_of(row, 14, model::environment_names);
    s.reduce_only = row.boolean(15);
    s.priority = static_cast<model::Priority>(row.integer(16));
    s.leader_before = row.amount<base::Quantity>(17);
    s.leader_after = row.amount<base::Quantity>(18);
    s.expires_at = optional_time(row, 19);
    s.leader_executed_at = optional_time(row, 20);
    s.ingested_at = optional_time(row, 21);
    s.accepted_at = row.timestamp(22);
    s.position_side = enum_of(row, 23, model::position_side_names);
    if (!row.is_null(24)) s.leverage = static_cast<int>(row.integer(24));
    if (!row.is_null(25)) s.margin_mode = enum_of(row, 25, model::margin_mode_names);
    if (!row.is_null(26)) s.stop_loss_pct = row.decimal(26);
    if (!row.is_null(27)) s.take_profit_pct = row.decimal(27);
    return s;
}

net::Task<void> insert_signals(PgTransaction& tx, std::vector<Signal>& signals,
                               std::set<model::PoolId> const& idle, std::string const& body_json,
                               std::optional<std::string> const& request_hash) {
    std::vector<Column> columns(27);
    for (auto const& s : signals) {
        int c = 0;
        auto put = [&](std::optional<std::string> text) {
            columns[static_cast<std::size_t>(c++)].push_back(std::move(text));
        };
        put(s.id.value.to_string());
        put(s.tenant.to_string());
        put(s.pool.to_string());
        put(std::string(model::name_of(s.source, model::signal_source_names)));
        put(s.source_id);
        put(s.leader_ref);
        put(s.symbol);
        put(std::string(to_string(s.side)));
        put(s.quantity.to_string());
        put(s.price ? std::optional(s.price->to_string()) : std::nullopt);
        put(std::string(to_string(s.order_type)));
        put(s.venue);
        put(std::string(to_string(s.market)));
        put(std::string(to_string(s.environment)));
        put(s.reduce_only ? "true" : "false");
        put(std::to_string(static_cast<int>(s.priority)));
        put(s.leader_before.to_string());
        put(s.leader_after.to_string());
        put(time_text(s.expires_at));
        put(time_text(s.leader_executed_at));
        put(time_text(s.ingested_at));
        put(time_text(s.accepted_at));
        put(std::string(to_string(s.position_side)));
        put(s.leverage ? std::optional(std::to_string(*s.leverage)) : std::nullopt);
        put(s.margin_mode ? std::optional(std::string(to_string(*s.margin_mode))) : std::nullopt);
        put(s.stop_loss_pct ? std::optional(s.stop_loss_pct->to_string()) : std::nullopt);
        put(s.take_profit_pct ? std::optional(s.take_profit_pct->to_string()) : std::nullopt);
    }
    Params params;
    for (auto const& column : columns) params.add_array(column);
    params.add(body_json);
    if (request_hash)
        params.add_bytes(*request_hash);
    else
        params.add_null();
    Column idle_pools;
    for (auto const& pool : idle) idle_pools.emplace_back(pool.to_string());
    params.add_array(idle_pools);
    auto const rows = co_await tx.run(insert_signal_rows, std::move(params));
    std::unordered_map<model::SignalId, std::int64_t> sequences;
    for (int i = 0; i < rows.size(); ++i)
        sequences.emplace(rows[i].id<model::SignalId>(0), rows[i].integer(1));
    for (auto& s : signals) s.sequence = sequences.at(s.id);
}

}  // namespace obscura::store
