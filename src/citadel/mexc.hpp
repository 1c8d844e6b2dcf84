#pragma once

#include "citadel/venue_signer.hpp"

namespace obscura::citadel {

[[nodiscard]] VenueAddresses mexc_addresses();
/// Spot (API v3) and USDT perpetuals (contract API v1). There is no testnet.
[[nodiscard]] base::Result<ports::SignedRequest> sign_mexc(SigningTask const& task);
/// Those of perpetuals, which are another API altogether.
[[nodiscard]] base::Result<ports::SignedRequest> sign_mexc_futures(SigningTask const& task);

inline constexpr VenueSigner mexc{.venue = "mexc",
                                  .credentials = {.venue = "mexc"},
                                  .longest_window = std::chrono::seconds(60),
                                  .addresses = mexc_addresses,
                                  .sign = sign_mexc};

}  // namespace obscura::citadel
