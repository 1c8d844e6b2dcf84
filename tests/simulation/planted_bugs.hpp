#pragma once

#include "simulation/processes.hpp"

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace obscura::simulation {

class Simulation;

/// A deliberate mistake: a port in front of the real one, or a guard of the product or of the
/// record switched off. The simulator is worth what it finds of these; the README lists them.
struct PlantedBug {
    std::string_view name;
    std::string_view what;
    std::string_view guard = {};  ///< base::guard's name
    /// Puts itself into the ports of a process; what it returns lives as long as that.
    std::function<std::shared_ptr<void>(Simulation&, Node&, ConductorPorts&)> in_conductor = {};
    std::function<std::shared_ptr<void>(Simulation&, Node&, SentinelPorts&)> in_sentinel = {};
};

[[nodiscard]] std::vector<PlantedBug> const& planted_bugs();
/// nullptr for an unknown name.
[[nodiscard]] PlantedBug const* planted_bug(std::string_view name);

}  // namespace obscura::simulation
