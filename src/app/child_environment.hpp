#pragma once

#include <string>
#include <vector>

namespace obscura::app {

class StateFolder;

/// What a child sees of our environment: where programs are, the locale, what sanitizers want.
/// Secrets that a shell happened to export stay out.
[[nodiscard]] std::vector<std::string> base_environment();

/// The same plus what the operator put into config/<service>.env and, for one start,
/// config/<service>.once.env (which is removed): lines NAME=value.
[[nodiscard]] std::vector<std::string> service_environment(StateFolder const& state,
                                                           std::string const& service);

}  // namespace obscura::app
