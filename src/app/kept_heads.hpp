#pragma once

#include "audit/chain.hpp"

#include <string>
#include <vector>

namespace obscura::app {

/// Heads of citadel's audit log that a file has, one a line, as `GET /audit-head` gives them.
/// Throws WrongUsage, which names the line that is none.
[[nodiscard]] std::vector<audit::SignedHead> heads_in_file(std::string const& path);
/// Those that sentinel has kept. Throws where PostgreSQL is out of reach.
[[nodiscard]] std::vector<audit::SignedHead> heads_in_database(std::string const& url);

}  // namespace obscura::app
