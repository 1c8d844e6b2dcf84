#pragma once

#include "venue/binance_venue.hpp"

namespace obscura::venue {

using BinanceFuturesConfig = BinanceVenueConfig;

/// The order entry, settings and public data of Binance's USD-M futures. Answers to orders carry no
/// fills: they are asked for with `list_fills`. Orders that wait for a price go through `submit`
/// and `query` like any other.
class BinanceFutures final : public BinanceVenue {
public:
    BinanceFutures(net::HttpClient& client, BinanceFuturesConfig config, base::Clock const& clock);

    [[nodiscard]] ports::Task<base::Result<void>> configure(ports::VenueRequest request) override;
    [[nodiscard]] ports::Task<base::Result<std::vector<ports::VenuePosition>>> positions(
        ports::VenueRequest request) override;
    [[nodiscard]] ports::Task<base::Result<base::Quantity>> holding(ports::VenueRequest request,
                                                                    ports::HoldingOf of) override;
    [[nodiscard]] ports::Task<base::Result<model::PositionMode>> position_mode(
        ports::VenueRequest request) override;
};

}  // namespace obscura::venue
