#include "store/stage_report.hpp"

namespace obscura::store {
namespace {

constexpr Statement stages_of_signals{"stages_of_signals", R"(
    SELECT s.id, s.source, s.status, s.leader_executed_at, s.ingested_at, s.accepted_at, s.planned_at,
           s.first_accepted_at, max(l.signed_at), max(l.sent_at), max(l.accepted_at),
           count(DISTINCT c.id), count(DISTINCT c.id) FILTER (WHERE c.status = 'filled'), count(l.id)
      FROM signals s LEFT JOIN copies c ON c.signal_id = s.id LEFT JOIN copy_legs l ON l.copy_id = c.id
     WHERE s.pool_id = $1 AND s.accepted_at >= $2
     GROUP BY s.id ORDER BY s.sequence LIMIT 1000)"};

constexpr Statement ended_signals{"signals_ended", R"(
    SELECT count(*) FROM signals s
     WHERE s.pool_id = ANY($1::uuid[]) AND s.accepted_at >= $2
       AND s.status IN ('completed', 'partial', 'failed'))"};

std::optional<base::Timestamp> time_of(Row const& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return row.timestamp(column);
}

}  // namespace

net::Task<std::vector<SignalStages>> stages_since(PgPool& pool, model::PoolId of,
                                                  base::Timestamp since) {
    auto params = Params().add(of).add(since);
    auto const rows =
        co_await pool.query(TenantScope::engine(), stages_of_signals, std::move(params));
    std::vector<SignalStages> all;
    for (int i = 0; i < rows.size(); ++i) {
        auto const row = rows[i];
        all.push_back({.id = row.id<model::SignalId>(0),
                       .source = row.string(1),
                       .status = row.string(2),
                       .copies = row.integer(11),
                       .filled = row.integer(12),
                       .legs = row.integer(13),
                       .leader_fill = time_of(row, 3),
                       .ingested = time_of(row, 4),
                       .planned = time_of(row, 6),
                       .accepted = row.timestamp(5),
                       .last_signed = time_of(row, 8),
                       .last_sent = time_of(row, 9),
                       .first_accepted = time_of(row, 7),
                       .last_accepted = time_of(row, 10)});
    }
    co_return all;
}

net::Task<std::size_t> ended_since(PgPool& pool, std::vector<model::PoolId> const& of,
                                   base::Timestamp since) {
    std::vector<std::optional<std::string>> pools;
    for (auto const& id : of) pools.emplace_back(id.to_string());
    auto params = Params().add_array(pools).add(since);
    auto const rows = co_await pool.query(TenantScope::engine(), ended_signals, std::move(params));
    co_return static_cast<std::size_t>(rows[0].integer(0));
}

}  // namespace obscura::store
