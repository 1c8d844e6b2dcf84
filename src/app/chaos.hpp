#pragma once

#include <string>
#include <vector>

namespace obscura::app {

/// `obscura chaos --seeds N [--seed S] [--fault F] [--guard-off NAME] [--followers K] [--state DIR]
/// [--json]`: a private stack whose processes are killed at named steps while a leader and a tenant
/// trade; then the record is held against the venue's ledger. Runs from the executables with
/// failpoints only. 0 when everything held, 1 on any violation, 2 for wrong arguments.
[[nodiscard]] int run_chaos(std::vector<std::string> args);

}  // namespace obscura::app
