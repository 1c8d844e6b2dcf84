#pragma once

#include "citadel/venue_signer.hpp"

namespace obscura::citadel {

[[nodiscard]] VenueAddresses gate_addresses();
/// Spot and USDT perpetuals of Gate (API v4), each in its own account.
[[nodiscard]] base::Result<ports::SignedRequest> sign_gate(SigningTask const& task);
/// What header SIGN says of a request at `seconds` since 1970.
[[nodiscard]] std::string gate_signature(ApiCredentials const& credentials, std::string_view method,
                                         std::string_view path, std::string_view query,
                                         std::string_view body, std::int64_t seconds);

inline constexpr VenueSigner gate{.venue = "gate",
                                  .credentials = {.venue = "gate"},
                                  .longest_window = std::chrono::seconds(60),
                                  .addresses = gate_addresses,
                                  .sign = sign_gate};

}  // namespace obscura::citadel
