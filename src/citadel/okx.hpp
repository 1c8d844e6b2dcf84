#pragma once

#include "citadel/venue_signer.hpp"

namespace obscura::citadel {

[[nodiscard]] VenueAddresses okx_addresses();
/// Spot and USDT perpetuals (API v5). The testnet is demo trading, which a header asks for.
[[nodiscard]] base::Result<ports::SignedRequest> sign_okx(SigningTask const& task);

inline constexpr VenueSigner okx{.venue = "okx",
                                 .credentials = {.venue = "okx", .has_passphrase = true},
                                 .longest_window = std::chrono::seconds(30),
                                 .relay = RelayReason::passphrase,
                                 .addresses = okx_addresses,
                                 .sign = sign_okx};

}  // namespace obscura::citadel
