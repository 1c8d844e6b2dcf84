#pragma once

#include "citadel/venue_signer.hpp"

namespace obscura::citadel {

[[nodiscard]] VenueAddresses hyperliquid_addresses();
/// Perpetuals and spot. An agent signs what trades; questions are not signed, and name the account.
[[nodiscard]] base::Result<ports::SignedRequest> sign_hyperliquid(SigningTask const& task);

inline constexpr VenueSigner hyperliquid{.venue = "hyperliquid",
                                         .credentials = {.venue = "hyperliquid", .is_agent = true},
                                         .longest_window = std::chrono::seconds(60),
                                         .addresses = hyperliquid_addresses,
                                         .sign = sign_hyperliquid};

}  // namespace obscura::citadel
