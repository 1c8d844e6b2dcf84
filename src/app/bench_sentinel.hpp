#pragma once

#include "app/bench_report.hpp"
#include "app/bench_world.hpp"

namespace obscura::app::bench {

/// `sentinel.ingest`: fills a second from the venue's private streams to the commit, with the venue
/// on the same cores; `sentinel.latency.p50` and `.p99`: from the bytes at the socket to the
/// message at a subscriber of Redis, at a rate that leaves room.
[[nodiscard]] net::Task<std::vector<Row>> measure_sentinel(World& world, int runs);

}  // namespace obscura::app::bench
