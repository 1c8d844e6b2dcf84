#include "store/detail/pg_metrics.hpp"

namespace obscura::store {

PgMetrics::PgMetrics(base::Metrics& metrics)
    : metrics_(metrics),
      acquire_seconds_(&metrics.histogram("obscura_pg_acquire_seconds",
                                          "Waiting for a PostgreSQL connection")) {}

PgMetrics::Series const& PgMetrics::of(std::string_view statement) {
    if (auto const known = series_.find(statement); known != series_.end()) return known->second;
    std::string const name(statement);
    auto& seconds =
        metrics_.histogram("obscura_pg_statement_seconds",
                           "From queueing a statement to its result", {{"statement", name}});
    return series_.emplace(name, Series{name, &seconds}).first->second;
}

void PgMetrics::count_error(Series const& statement, std::string const& sqlstate) {
    metrics_
        .counter("obscura_pg_errors_total", "Statements that PostgreSQL refused or lost",
                 {{"statement", statement.name}, {"sqlstate", sqlstate}})
        .add();
}

}  // namespace obscura::store
