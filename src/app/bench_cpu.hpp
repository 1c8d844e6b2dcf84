#pragma once

#include "app/chaos_stack.hpp"

#include <map>
#include <string>

namespace obscura::app::bench {

/// Microseconds of CPU that each process of the stack has used so far; PostgreSQL's with those of
/// its sessions. Processes that are gone count nothing.
using SpentCpu = std::map<std::string, double>;
[[nodiscard]] SpentCpu spent_cpu(ChaosStack const& stack);

/// `after` minus `before`, for each of `count` things.
[[nodiscard]] SpentCpu per_thing(SpentCpu const& before, SpentCpu const& after, double count);

}  // namespace obscura::app::bench
