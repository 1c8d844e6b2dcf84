#pragma once

#include "citadel/venue_signer.hpp"

namespace obscura::citadel {

[[nodiscard]] VenueAddresses bingx_addresses();
/// Spot and USDT perpetuals. The testnet has play money (VST) for perpetuals alone.
[[nodiscard]] base::Result<ports::SignedRequest> sign_bingx(SigningTask const& task);

inline constexpr VenueSigner bingx{.venue = "bingx",
                                   .credentials = {.venue = "bingx"},
                                   .longest_window = std::chrono::seconds(60),
                                   .relay = RelayReason::open_market,
                                   .addresses = bingx_addresses,
                                   .sign = sign_bingx};

}  // namespace obscura::citadel
