#pragma once

#include "paper/engine/events.hpp"
#include "paper/engine/instruments.hpp"

#include <string>

namespace obscura::paper {

// Events of the private stream, with every member that the venue documents.

[[nodiscard]] std::string render_event(ExecutionReport const& report, Catalogue const& catalogue);
[[nodiscard]] std::string render_event(AccountPosition const& position, Catalogue const& catalogue);
[[nodiscard]] std::string render_event(BalanceChanged const& change, Catalogue const& catalogue);

}  // namespace obscura::paper
