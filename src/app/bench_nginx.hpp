#pragma once

#include "app/bench_world.hpp"
#include "app/process.hpp"

#include <memory>
#include <string>

namespace obscura::app::bench {

/// The program's path. Throws BenchFailure, which says how to install it, when there is none.
[[nodiscard]] std::string find_program(std::string const& name);
[[nodiscard]] net::Task<std::string> nginx_version(World& world);

/// nginx in front of the stack's conductor: proxy_pass over kept connections and nothing else. It
/// adds what conductor wants of the gateway, fixed for its life: no more than 30 seconds.
class Nginx {
public:
    explicit Nginx(World& world);
    /// Returns when it answers. Throws BenchFailure when it does not within ten seconds.
    [[nodiscard]] net::Task<void> start();
    [[nodiscard]] net::Task<void> stop();
    [[nodiscard]] std::string origin() const;

private:
    [[nodiscard]] std::string configuration() const;

    World& world_;
    std::string folder_;
    std::uint16_t port_ = 0;
    std::unique_ptr<Process> process_;
};

}  // namespace obscura::app::bench
