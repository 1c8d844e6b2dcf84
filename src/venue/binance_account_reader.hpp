#pragma once

#include "base/clock.hpp"
#include "net/client.hpp"
#include "ports/leader_feed.hpp"
#include "ports/signer.hpp"

#include <memory>
#include <string>
#include <vector>

namespace obscura::venue {

/// Shut after Binance asked to slow down; shared by all feeds of an environment, since the venue
/// counts addresses, not accounts.
struct RestGate {
    base::Instant closed_until{};
};

/// Asks one of Binance's markets over REST in a followed account's name, with requests that citadel
/// signed.
class BinanceAccountReader {
public:
    BinanceAccountReader(model::Market market, net::HttpClient& client, ports::Signer& signer,
                         std::string rest_origin, std::shared_ptr<RestGate> gate,
                         base::Clock const& clock);

    [[nodiscard]] model::Market market() const { return market_; }
    /// Signs one operation, valid until `not_after`.
    [[nodiscard]] ports::Task<base::Result<ports::SignedRequest>> sign(
        ports::LeaderAccount const& account, model::VenueOperation operation,
        base::Timestamp not_after);
    /// The document that answers the operation. rate_limited while the gate is shut; else as the
    /// signer and the venue fail, with the reasons of `read_error`.
    [[nodiscard]] ports::Task<base::Result<base::Json>> ask(ports::LeaderAccount const& account,
                                                            model::VenueOperation operation);

private:
    model::Market market_;
    net::HttpClient& client_;
    ports::Signer& signer_;
    std::vector<std::string> rest_origins_;
    std::shared_ptr<RestGate> gate_;
    base::Clock const& clock_;
};

}  // namespace obscura::venue
