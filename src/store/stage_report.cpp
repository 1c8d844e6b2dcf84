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

}  // namespace obscura::store
