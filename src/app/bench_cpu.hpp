#pragma once

#include "app/bench_report.hpp"
#include "app/chaos_stack.hpp"

#include <map>
#include <string>

namespace obscura::app::bench {

/// Microseconds of CPU that each process of the stack has used so far; PostgreSQL's with those of
/// its sessions. Processes that are gone count nothing.
using SpentCpu = std::map<std::string, double>;
[[nodiscard]] SpentCpu spent_cpu(ChaosStack const& stack);

/// `after` minus `before`, for each of `count` things.
[[nodiscard]] SpentCpu per_thing(SpentCpu const& before, SpentCpu const& after, double count);

/// Why no machine of this size does more: rows `<bench>.cpu.<process>`, and `<bench>.cpu_bound`,
/// what all cores could do if none of them ever waited. `runs`: of `per_thing`, one a run.
[[nodiscard]] std::vector<Row> cpu_rows(std::string const& bench, std::string const& thing,
                                        std::vector<SpentCpu> const& runs);

}  // namespace obscura::app::bench
