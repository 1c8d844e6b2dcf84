#pragma once

#include "citadel/venue_signer.hpp"

namespace obscura::citadel {

[[nodiscard]] VenueAddresses bybit_addresses();
/// Spot and linear perpetuals of a unified account (API v5).
[[nodiscard]] base::Result<ports::SignedRequest> sign_bybit(SigningTask const& task);

inline constexpr VenueSigner bybit{.venue = "bybit",
                                   .credentials = {.venue = "bybit", .takes_rsa = true},
                                   .longest_window = std::chrono::seconds(60),
                                   .addresses = bybit_addresses,
                                   .sign = sign_bybit};

}  // namespace obscura::citadel
