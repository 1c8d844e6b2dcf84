#pragma once

#include <string>
#include <vector>

namespace obscura::app {

/// `obscura tour [--state DIR] [--json]`: the guided flow against a running stack with demo data.
/// 0 when every step held, 1 when one did not, 2 for wrong arguments.
[[nodiscard]] int run_tour(std::vector<std::string> args);

}  // namespace obscura::app
