#pragma once

#include "base/clock.hpp"
#include "model/sizing.hpp"
#include "ports/venue.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace obscura::conductor {

/// What a signal is sized with: copies, so that a reload under way changes nothing.
struct Quote {
    std::optional<model::Instrument> instrument;
    std::optional<base::Price> price;
    bool is_listed = false;  ///< the venue has told its instruments; without it nothing is known
    [[nodiscard]] model::MarketView view(base::Decimal taker_fee) const {
        return {.instrument = instrument ? &*instrument : nullptr,
                .price = price,
                .taker_fee = taker_fee};
    }
};

/// A venue's market: each has books, limits and a clock of its own.
struct VenueMarket {
    std::string venue;
    model::Market market = model::Market::spot;
    friend auto operator<=>(VenueMarket const&, VenueMarket const&) = default;
};

/// Instruments and last prices of the venues, kept for a while. Event-loop thread.
class MarketBook {
public:
    using Venues = std::map<VenueMarket, ports::OrderVenue*>;
    MarketBook(Venues venues, base::Clock const& clock)
        : venues_(std::move(venues)), clock_(clock) {}

    /// What a signal is sized with on a venue: the leader's price where there is one, else the
    /// last. Without an answer from the venue the quote lacks what is missing, and opens are
    /// refused.
    [[nodiscard]] base::Task<Quote> quote(VenueMarket venue, model::Environment environment,
                                          std::string symbol,
                                          std::optional<base::Price> known_price);
    /// From what is loaded already; nullptr when it is not.
    [[nodiscard]] model::Instrument const* find(VenueMarket const& venue,
                                                model::Environment environment,
                                                std::string const& symbol) const;

private:
    using Place = std::pair<VenueMarket, model::Environment>;
    struct Listing {
        std::map<std::string, model::Instrument> instruments;
        base::Instant loaded{};
    };
    struct LastPrice {
        base::Price price{};
        base::Instant at{};
    };
    [[nodiscard]] base::Task<void> load(Place place, std::string const& symbol);

    Venues venues_;
    base::Clock const& clock_;
    std::map<Place, Listing> listings_;
    std::map<std::pair<Place, std::string>, LastPrice> prices_;
};

}  // namespace obscura::conductor
