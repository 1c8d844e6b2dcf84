#pragma once

#include "citadel/binance_request.hpp"

namespace obscura::citadel {

/// The request that does `operation` on Binance spot, valid in `window`. invalid_argument for what
/// the venue has no words for.
[[nodiscard]] base::Result<ports::SignedRequest> sign_binance_spot(
    VenueEndpoints const& endpoints, ApiCredentials const& credentials,
    model::VenueOperation const& operation, RequestWindow window);

}  // namespace obscura::citadel
