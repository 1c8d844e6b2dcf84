#pragma once

#include "base/clock.hpp"
#include "model/venue_clock.hpp"
#include "net/client.hpp"
#include "ports/leader_feed.hpp"
#include "ports/signer.hpp"

#include <memory>
#include <string>
#include <vector>

namespace obscura::venue {

/// What all feeds of an environment share. It is shut after Binance asked to slow down, since the
/// venue counts addresses, not accounts; and it has the venue's clock, by which it judges requests:
/// one that seems to come from a second ahead is refused.
struct RestGate {
    base::Instant closed_until{};
    model::VenueClock clock;
    base::Instant clock_due{};  ///< when it is to be read again
};

/// Asks one of Binance's markets over REST in a followed account's name, with requests that citadel
/// signed.
class BinanceAccountReader {
public:
    BinanceAccountReader(model::Market market, net::HttpClient& client, ports::Signer& signer,
                         std::string rest_origin, std::shared_ptr<RestGate> gate,
                         base::Clock const& clock);

    [[nodiscard]] model::Market market() const { return market_; }
    /// Signs one operation that lives so long by the venue's clock, or by ours while the venue does
    /// not tell its own.
    [[nodiscard]] ports::Task<base::Result<ports::SignedRequest>> sign(
        ports::LeaderAccount const& account, model::VenueOperation operation,
        std::chrono::milliseconds lifetime);
    /// The document that answers the operation. rate_limited while the gate is shut; else as the
    /// signer and the venue fail, with the reasons of `read_error`.
    [[nodiscard]] ports::Task<base::Result<base::Json>> ask(ports::LeaderAccount const& account,
                                                            model::VenueOperation operation);
    /// The venue's clock, as far as it is known; else ours.
    [[nodiscard]] model::VenueTime now() const;

private:
    [[nodiscard]] ports::Task<void> look_at_clock();

    model::Market market_;
    net::HttpClient& client_;
    ports::Signer& signer_;
    std::vector<std::string> rest_origins_;
    std::shared_ptr<RestGate> gate_;
    base::Clock const& clock_;
};

}  // namespace obscura::venue
