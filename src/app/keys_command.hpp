#pragma once

#include <string>
#include <vector>

namespace obscura::app {

/// `obscura admin keys …`: files of master keys. Shows versions, never a key.
[[nodiscard]] int run_keys(std::vector<std::string> args);

}  // namespace obscura::app
