#pragma once

#include "base/decimal.hpp"
#include "model/types.hpp"

#include <optional>
#include <string>

namespace obscura::ports {

/// A market in one environment of a venue.
struct MarketPlace {
    std::string venue;
    model::Market market = model::Market::spot;
    model::Environment environment = model::Environment::paper;
    friend auto operator<=>(MarketPlace const&, MarketPlace const&) = default;
};

/// What things cost at the venues themselves, for whoever must not believe it of others. Never
/// blocks. Event-loop thread.
class PriceSource {
public:
    virtual ~PriceSource() = default;
    /// The last price, some seconds old at most. Nullopt: it is not known yet, and is being asked
    /// for; or nobody serves that market.
    [[nodiscard]] virtual std::optional<base::Price> price(MarketPlace const& place,
                                                           std::string const& symbol) = 0;
};

}  // namespace obscura::ports
