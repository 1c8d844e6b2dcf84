#pragma once

#include "app/bench_report.hpp"
#include "app/bench_world.hpp"

namespace obscura::app::bench {

/// citadel alone, by HTTP from a load generator on the other core: fields opened and orders signed,
/// beside a handler that does nothing on the same server, and beside what OpenSSL does with the
/// same bytes. It is a process of its own, without TLS, that may decrypt.
[[nodiscard]] net::Task<std::vector<Row>> measure_citadel(World& world, int runs);

/// `obscura bench-empty`: answers every POST / with as many bytes as its target says, "/1200".
[[nodiscard]] int run_empty_command(std::vector<std::string> args);

}  // namespace obscura::app::bench
