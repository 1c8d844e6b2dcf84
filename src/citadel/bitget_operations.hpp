#pragma once

#include "citadel/venue_request.hpp"

namespace obscura::citadel {

/// The operation as a request of the market. invalid_argument for what it has no words for.
[[nodiscard]] base::Result<VenueDraft> bitget_spot_draft(model::VenueOperation const& operation,
                                                         RequestWindow window);
[[nodiscard]] base::Result<VenueDraft> bitget_futures_draft(model::VenueOperation const& operation);

}  // namespace obscura::citadel
