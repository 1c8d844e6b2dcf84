#pragma once

#include <string>
#include <vector>

namespace obscura::app {

/// `obscura bench NAME|all [--json] [--runs N] [--report DIR] [--state DIR]`: measures, on a
/// private stack where one is needed, and tells figure, peer or limit, ratio, machine and commit. 0
/// when it measured (whether or not targets hold), 1 when it could not, 2 for wrong arguments.
[[nodiscard]] int run_bench(std::vector<std::string> args);

/// `obscura bench-load`, the load generator that `obscura bench` starts.
[[nodiscard]] int run_bench_load(std::vector<std::string> args);
/// `obscura bench-empty`: the empty handler of `bench citadel`.
[[nodiscard]] int run_bench_empty(std::vector<std::string> args);

}  // namespace obscura::app
