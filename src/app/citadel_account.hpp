#pragma once

#include "app/process.hpp"
#include "app/state_folder.hpp"

#include <string>

namespace obscura::app {

/// Whom citadel runs as where we are root: an account that owns nothing else (10001, as in its
/// images). Nullopt where we are not, or where it could not get to its files or its program; then
/// citadel runs as we do, and says so.
[[nodiscard]] std::optional<Account> citadel_account(StateFolder const& state,
                                                     std::string const& program);

/// Makes it the owner of what citadel reads and writes in the state folder: its settings, its
/// certificate and its log. Throws std::system_error.
void give_citadel_its_files(StateFolder const& state, Account const& account);

}  // namespace obscura::app
