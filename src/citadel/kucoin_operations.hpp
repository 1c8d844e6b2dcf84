#pragma once

#include "citadel/venue_request.hpp"

namespace obscura::citadel {

/// The operation as a request of the market. invalid_argument for what it has no words for.
[[nodiscard]] base::Result<VenueDraft> kucoin_spot_draft(model::VenueOperation const& operation);
[[nodiscard]] base::Result<VenueDraft> kucoin_futures_draft(model::VenueOperation const& operation);

}  // namespace obscura::citadel
