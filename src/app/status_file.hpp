#pragma once

#include "app/unit.hpp"
#include "base/json.hpp"

#include <memory>
#include <string>
#include <vector>

namespace obscura::app {

class StateFolder;

/// What `obscura status` reads: where everything is and which process it is. Replaced as a whole at
/// every change. `phase` is starting, ready, stopping or stopped.
void write_status(StateFolder const& state, std::string const& phase,
                  std::string const& data_folder, std::vector<std::unique_ptr<Unit>> const& units);
/// Null when there is none.
[[nodiscard]] base::Json read_status(std::string const& state_dir);

}  // namespace obscura::app
