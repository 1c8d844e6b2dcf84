#pragma once

#include "citadel/venue_signer.hpp"

namespace obscura::citadel {

[[nodiscard]] VenueAddresses binance_addresses();
/// One key of Binance's serves spot and futures: what the item says alone decides, for path and
/// host.
[[nodiscard]] base::Result<ports::SignedRequest> sign_binance(SigningTask const& task);

inline constexpr VenueSigner binance{
    .venue = "binance",
    .credentials = {.venue = "binance", .takes_ed25519 = true, .takes_rsa = true},
    .longest_window = std::chrono::seconds(60),
    .addresses = binance_addresses,
    .sign = sign_binance};

}  // namespace obscura::citadel
