#pragma once

#include "citadel/venue_signer.hpp"

namespace obscura::citadel {

[[nodiscard]] VenueAddresses kucoin_addresses();
/// Spot and USDT perpetuals of a classic account, each on its own host. There is no testnet. The
/// passphrase goes out hashed with the secret: nobody learns it.
[[nodiscard]] base::Result<ports::SignedRequest> sign_kucoin(SigningTask const& task);

inline constexpr VenueSigner kucoin{.venue = "kucoin",
                                    .credentials = {.venue = "kucoin", .has_passphrase = true},
                                    .longest_window = std::chrono::seconds(5),
                                    .addresses = kucoin_addresses,
                                    .sign = sign_kucoin};

}  // namespace obscura::citadel
