#pragma once

#include "app/state_folder.hpp"
#include "base/clock.hpp"

#include <optional>
#include <string>

namespace obscura::app {

/// Stacks of before citadel signed access tokens have the seed as text in secrets/. It is wiped
/// here, and its public key, hex, comes back for as long as a token of it can be good: a day.
[[nodiscard]] std::optional<std::string> key_of_plain_token_seed(StateFolder const& state,
                                                                 base::Timestamp now);

}  // namespace obscura::app
