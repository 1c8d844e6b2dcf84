#pragma once

#include <string>
#include <vector>

namespace obscura::app {

/// `obscura paper --config FILE`: runs until SIGTERM or SIGINT; the process's exit status.
[[nodiscard]] int run_paper(std::vector<std::string> args);

}  // namespace obscura::app
