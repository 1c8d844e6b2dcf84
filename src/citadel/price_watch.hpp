#pragma once

#include "base/clock.hpp"
#include "net/runtime.hpp"
#include "ports/price_source.hpp"
#include "ports/venue.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace obscura::citadel {

/// Reads the prices that somebody needed lately from the venues themselves, over citadel's own
/// connections: who asks for a signature is not asked what it will cost.
class PriceWatch final : public ports::PriceSource {
public:
    /// By venue and market; all must outlive this.
    using Venues = std::map<std::pair<std::string, model::Market>, ports::OrderVenue*>;
    PriceWatch(boost::asio::any_io_executor executor, Venues venues, base::Clock const& clock);

    void start();
    [[nodiscard]] net::Task<void> stop();
    [[nodiscard]] std::optional<base::Price> price(ports::MarketPlace const& place,
                                                   std::string const& symbol) override;

private:
    struct Quote {
        std::optional<base::Price> price;
        base::Instant read{};    ///< the price
        base::Instant wanted{};  ///< last
    };
    using Quotes = std::map<std::string, Quote>;  ///< by symbol
    [[nodiscard]] net::Task<void> watch();
    [[nodiscard]] net::Task<void> read(ports::MarketPlace place);
    /// The symbols to ask for; forgets what nobody wanted for long.
    [[nodiscard]] std::vector<std::string> due(Quotes& quotes) const;

    Venues venues_;
    base::Clock const& clock_;
    net::Scope scope_;
    net::Event wanted_;
    std::map<ports::MarketPlace, Quotes> places_;
};

}  // namespace obscura::citadel
