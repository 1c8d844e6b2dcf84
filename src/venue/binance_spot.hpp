#pragma once

#include "venue/binance_venue.hpp"

namespace obscura::venue {

using BinanceSpotConfig = BinanceVenueConfig;

/// Binance spot's order entry and public data.
class BinanceSpot final : public BinanceVenue {
public:
    BinanceSpot(net::HttpClient& client, BinanceSpotConfig config, base::Clock const& clock);
};

}  // namespace obscura::venue
