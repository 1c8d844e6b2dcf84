#pragma once

#include "app/bench_load.hpp"
#include "app/bench_world.hpp"

namespace obscura::app::bench {

struct LoadShape {
    std::size_t connections = 1;
    std::size_t count = 0;  ///< 0: each request once
    double rate = 0;        ///< requests a second; 0: as fast as answers come
};

/// Has `obscura bench-load` send the requests to a server of this machine, and waits for its end.
[[nodiscard]] net::Task<LoadResult> send_to(World& world, std::string name, std::string origin,
                                            std::vector<std::string> requests, LoadShape shape);
/// The same to a service of the stack.
[[nodiscard]] net::Task<LoadResult> send_all(World& world, std::string name, std::string service,
                                             std::vector<std::string> requests, LoadShape shape);
/// Throws BenchFailure unless every request was answered with that status.
void expect_only(LoadResult const& result, int status, std::string const& whose);

}  // namespace obscura::app::bench
