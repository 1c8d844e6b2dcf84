#pragma once

#include "base/json.hpp"

#include <string>

namespace obscura::app::bench {

/// Where a figure was measured. Without it the figure says nothing.
struct Machine {
    unsigned cores = 0;
    std::string cpu;
    std::int64_t memory_mib = 0;
    std::string kernel;
    double load = 0;  ///< average of the minute before the start: others' work on the same cores

    [[nodiscard]] base::Json to_json() const;
};

/// Of /proc/cpuinfo: the first processor's name; "unknown" when it names none.
[[nodiscard]] std::string cpu_model_in(std::string const& cpuinfo);
/// Of /proc/meminfo: the memory in MiB; 0 when it tells none.
[[nodiscard]] std::int64_t memory_mib_in(std::string const& meminfo);
/// This machine, now.
[[nodiscard]] Machine this_machine();
/// The commit that this executable was built from: twelve digits, "-changed" after them when the
/// tree had changes, or "unknown" when it was no git checkout.
[[nodiscard]] std::string build_commit();

}  // namespace obscura::app::bench
