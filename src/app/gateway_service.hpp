#pragma once

#include <string>
#include <vector>

namespace obscura::app {

/// `obscura gateway --config FILE`: runs until SIGTERM or SIGINT; the process's exit status.
[[nodiscard]] int run_gateway(std::vector<std::string> args);

}  // namespace obscura::app
