#pragma once

#include "venue/binance_venue.hpp"

namespace obscura::venue {

using BinanceSpotConfig = BinanceVenueConfig;

/// Binance spot's order entry and public data.
class BinanceSpot final : public BinanceVenue {
public:
    BinanceSpot(net::HttpClient& client, BinanceSpotConfig config, base::Clock const& clock);

    [[nodiscard]] ports::Task<base::Result<base::Quantity>> holding(ports::VenueRequest request,
                                                                    ports::HoldingOf of) override;
};

}  // namespace obscura::venue
