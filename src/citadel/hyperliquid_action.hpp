#pragma once

#include "base/error.hpp"
#include "base/json.hpp"
#include "model/venue_operation.hpp"

#include <cstdint>

namespace obscura::citadel {

/// What Hyperliquid is to do, as its clients write it; the order of the members is part of what is
/// signed. `asset` is the symbol's number in the venue's own list. Only an order and the
/// cancellation of one by its client id have such an action: "not_supported" for everything else
/// (queries are not signed there). invalid_argument for what the venue has no words for: market
/// orders, fill-or-kill, hedge mode, more than 8 decimal places, another form of client id.
[[nodiscard]] base::Result<base::Json> hyperliquid_action(std::uint32_t asset,
                                                          model::VenueOperation const& operation);

}  // namespace obscura::citadel
