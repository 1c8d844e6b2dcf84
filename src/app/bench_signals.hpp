#pragma once

#include "app/bench_report.hpp"
#include "app/bench_world.hpp"

namespace obscura::app::bench {

/// `signals.sustained`: copies filled and recorded a second, from the first of a tenant's signals
/// by REST to the record of the last copy.
[[nodiscard]] net::Task<std::vector<Row>> measure_signals(World& world, int runs);

}  // namespace obscura::app::bench
