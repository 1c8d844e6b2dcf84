#pragma once

#include "model/trade.hpp"

#include <string_view>

namespace obscura::sentinel {

/// Our id of a fill, made from the venue's own identity (`model::venue_identity`) and nothing else:
/// whoever sees the same fill again, by whichever way, gives it the same id. A UUIDv8 of SHA-256.
[[nodiscard]] model::TradeId trade_id_of(std::string_view venue_identity);

}  // namespace obscura::sentinel
