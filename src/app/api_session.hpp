#pragma once

#include "app/api_client.hpp"
#include "app/stack.hpp"

#include <functional>

namespace obscura::app {

/// Runs one conversation with a running stack to its end; its exceptions come out.
void converse(StackInfo const& stack, std::function<net::Task<void>(ApiClient&)> talk);

}  // namespace obscura::app
