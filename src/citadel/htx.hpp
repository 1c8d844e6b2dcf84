#pragma once

#include "citadel/venue_signer.hpp"

namespace obscura::citadel {

[[nodiscard]] VenueAddresses htx_addresses();
/// Spot and USDT perpetuals (API v5). There is no testnet.
[[nodiscard]] base::Result<ports::SignedRequest> sign_htx(SigningTask const& task);

inline constexpr VenueSigner htx{.venue = "htx",
                                 .credentials = {.venue = "htx"},
                                 .longest_window = std::chrono::seconds(30),
                                 .relay = RelayReason::open_body,
                                 .addresses = htx_addresses,
                                 .sign = sign_htx};

}  // namespace obscura::citadel
