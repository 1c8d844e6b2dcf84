#pragma once

#include "app/stack.hpp"
#include "app/state_folder.hpp"

namespace obscura::app {

/// Writes config/<service>.toml for every service, readable by their owner only. They are made anew
/// at every start: what an operator wants to change goes into config/<service>.env.
void write_service_configs(StateFolder const& state, StackInfo const& stack);

}  // namespace obscura::app
