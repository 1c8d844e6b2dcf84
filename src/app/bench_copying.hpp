#pragma once

#include "app/bench_world.hpp"

namespace obscura::app::bench {

/// What fan-out is measured in: a leader whose trades the first `size` followers copy.
struct Arena {
    std::size_t size = 0;
    Leader leader;
    std::string pool;
};
/// One order of the leader: how long after its fill each stage of its way was reached, in ms.
struct Copied {
    FanOut orders;
    double ingested_ms = 0;  ///< sentinel had the bytes of the fill
    double accepted_ms = 0;  ///< the signal was committed
    double planned_ms = 0;   ///< conductor began to plan its copies
    double signed_ms = 0;    ///< citadel had signed the last order
};
inline constexpr auto leader_quantity = "0.01";  ///< within the book's first level: one fill

[[nodiscard]] net::Task<Arena> make_arena(World& world, std::string name, std::size_t size);
/// The leader trades, and every follower's order is accepted and recorded.
[[nodiscard]] net::Task<Copied> copy_once(World& world, Arena const& arena, std::string side);
/// Throws BenchFailure unless there is one order for each.
void expect_all(FanOut const& found, std::size_t size, char const* whose);

}  // namespace obscura::app::bench
