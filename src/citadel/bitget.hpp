#pragma once

#include "citadel/venue_signer.hpp"

namespace obscura::citadel {

[[nodiscard]] VenueAddresses bitget_addresses();
/// Spot and USDT perpetuals of a classic account (API v2). The testnet is demo trading, which a
/// header asks for.
[[nodiscard]] base::Result<ports::SignedRequest> sign_bitget(SigningTask const& task);

inline constexpr VenueSigner bitget{
    .venue = "bitget",
    .credentials = {.venue = "bitget", .takes_rsa = true, .has_passphrase = true},
    .longest_window = std::chrono::seconds(30),
    .relay = RelayReason::passphrase,
    .addresses = bitget_addresses,
    .sign = sign_bitget};

}  // namespace obscura::citadel
