#pragma once

#include "peers/citadel_gate.hpp"
#include "peers/relay_client.hpp"
#include "venue/binance_endpoints.hpp"
#include "venue/relay.hpp"

#include <map>
#include <memory>
#include <string>

namespace obscura::app {

/// citadel's relays to every environment and market of one venue, each opened when something first
/// goes there. Event-loop thread.
class VenueRelays final : public venue::Relay {
public:
    using Places = std::map<model::Market, venue::BinanceEndpoints>;

    /// Of `common` the place is left to each relay. What it refers to, and `gate`, outlive this.
    VenueRelays(boost::asio::any_io_executor executor, peers::RelayClientConfig common,
                Places places, base::Secret const& key, base::Clock const& clock,
                peers::CitadelGate& gate);

    /// not_sent "relay_unreachable" for a place that is not configured, or is without TLS.
    [[nodiscard]] ports::Task<Answer> send(ports::SignItem item) override;
    [[nodiscard]] ports::Task<void> stop();

private:
    using Place = std::pair<model::Environment, model::Market>;
    /// nullptr where no relay leads.
    [[nodiscard]] peers::RelayClient* client_to(Place const& place);

    boost::asio::any_io_executor executor_;
    peers::RelayClientConfig common_;
    Places places_;
    base::Secret key_;
    base::Clock const& clock_;
    peers::CitadelGate& gate_;
    std::map<Place, std::unique_ptr<peers::RelayClient>> clients_;
};

}  // namespace obscura::app
