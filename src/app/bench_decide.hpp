#pragma once

#include "app/bench_report.hpp"

namespace obscura::app::bench {

/// `decide.all_rules`: model::decide for subscriptions that have every rule set. Runs in this
/// process; nothing else takes part.
[[nodiscard]] std::vector<Row> measure_decide(int runs);

}  // namespace obscura::app::bench
