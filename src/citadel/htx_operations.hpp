#pragma once

#include "citadel/venue_request.hpp"

namespace obscura::citadel {

/// The operation as a request of the market, its query sorted by name. invalid_argument for what it
/// has no words for; "no_expiry" for an order that nothing would end.
[[nodiscard]] base::Result<VenueDraft> htx_spot_draft(model::VenueOperation const& operation);
[[nodiscard]] base::Result<VenueDraft> htx_futures_draft(model::VenueOperation const& operation);

}  // namespace obscura::citadel
