#pragma once

#include "paper/engine/futures/events.hpp"
#include "paper/engine/instruments.hpp"

#include <string>

namespace obscura::paper {

// Events of the futures market's private stream, with every member that the venue documents.

[[nodiscard]] std::string render_event(FuturesReport const& report, Catalogue const& catalogue);
[[nodiscard]] std::string render_event(FuturesAccountUpdate const& update,
                                       Catalogue const& catalogue);
[[nodiscard]] std::string render_event(LeverageChanged const& change, Catalogue const& catalogue);
[[nodiscard]] std::string render_event(AlgoReport const& report, Catalogue const& catalogue);
[[nodiscard]] std::string render_event(ListenKeyExpired const& expiry, Catalogue const& catalogue);

}  // namespace obscura::paper
