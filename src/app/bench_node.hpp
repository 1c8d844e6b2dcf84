#pragma once

#include "app/bench_report.hpp"
#include "app/bench_world.hpp"

namespace obscura::app::bench {

/// `fanout.last.1000.node`: the same way of a leader's fill to a thousand followers, ours beside a
/// BullMQ queue on the stack's Redis whose worker places orders with ccxt (bench/peers). Needs the
/// npm packages of bench/package.json (tools/install --bench).
[[nodiscard]] net::Task<std::vector<Row>> measure_node(World& world, std::size_t size, int runs);

}  // namespace obscura::app::bench
