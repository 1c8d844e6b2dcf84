#pragma once

#include "simulation/simulation.hpp"

#include <string>

namespace obscura::simulation {

/// A failing run, made as small as it still fails: the shortest prefix of its faults, and of those
/// only the ones that it takes. `runs` says how many it took to find.
struct Shrunk {
    Schedule schedule;
    Outcome outcome;  ///< of the small one, with its log
    int runs = 0;
};
/// `failing` must fail. Fails in the same way: the first violation is of the same kind.
[[nodiscard]] Shrunk shrink(Options failing);

/// For people: seed, faults, the first bad step and what led to it, and how to see it again.
[[nodiscard]] std::string report(Options const& options, Shrunk const& shrunk);
/// The faults as `--faults` reads them: "order #3 late; conductor_a @4s crash 1s".
[[nodiscard]] std::string to_text(Schedule const& schedule);
[[nodiscard]] std::optional<Schedule> schedule_from(std::string_view text);

}  // namespace obscura::simulation
