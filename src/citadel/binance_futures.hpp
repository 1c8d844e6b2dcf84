#pragma once

#include "citadel/binance_request.hpp"

namespace obscura::citadel {

/// The request that does `operation` on Binance USD-M futures, valid in `window`. invalid_argument
/// for what the venue has no words for, and for a trigger order that would open a position.
[[nodiscard]] base::Result<ports::SignedRequest> sign_binance_futures(
    VenueEndpoints const& endpoints, ApiCredentials const& credentials,
    model::VenueOperation const& operation, RequestWindow window);

}  // namespace obscura::citadel
