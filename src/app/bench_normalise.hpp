#pragma once

#include "app/bench_report.hpp"

namespace obscura::app::bench {

/// `sentinel.ingest`: fills a second that one core turns from a message of the venue's private
/// stream into a model::Trade with its identity. Runs in this process; nothing else takes part.
[[nodiscard]] Row measure_normalisation(int runs);

}  // namespace obscura::app::bench
