#pragma once

#include <string>
#include <string_view>

namespace obscura::ports {

/// The URI name in a service's certificate, by which services know each other. `operators` have
/// one too, as "operator".
[[nodiscard]] inline std::string service_identity(std::string_view service) {
    return "spiffe://obscura/" + std::string(service);
}

}  // namespace obscura::ports
