#pragma once

#include "app/bench_report.hpp"
#include "app/bench_world.hpp"

namespace obscura::app::bench {

/// `fanout.first.N` and `fanout.last.N` for each size: from the leader's fill to the first and the
/// last follower's order that the venue has accepted, by the venue's ledger. The peer posts as many
/// orders on the same accounts at the same venue, signed beforehand, as fast as answers come.
[[nodiscard]] net::Task<std::vector<Row>> measure_fanout(World& world,
                                                         std::vector<std::size_t> const& sizes,
                                                         int runs);

}  // namespace obscura::app::bench
