#pragma once

#include "base/config.hpp"

#include <string>

namespace obscura::app {

/// Where venues are that no adapter knows by itself, and who vouches for all of them.
struct VenueSettings {
    std::string paper_url = "http://127.0.0.1:8010";
    std::string authority;  ///< PEM file; empty: the system's
};
/// [venues], the same for every service that reaches one.
void bind_venues(base::ConfigTable& table, VenueSettings& settings);

}  // namespace obscura::app
