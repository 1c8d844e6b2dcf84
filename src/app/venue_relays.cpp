#include "app/venue_relays.hpp"

namespace obscura::app {

VenueRelays::VenueRelays(boost::asio::any_io_executor executor, peers::RelayClientConfig common,
                         Places places, base::Secret const& key, base::Clock const& clock,
                         peers::CitadelGate& gate)
    : executor_(std::move(executor)),
      common_(std::move(common)),
      places_(std::move(places)),
      key_(key.clone()),
      clock_(clock),
      gate_(gate) {}

peers::RelayClient* VenueRelays::client_to(Place const& place) {
    if (auto const known = clients_.find(place); known != clients_.end())
        return known->second.get();
    auto const& endpoints = places_[place.second];
    auto const there = endpoints.find(place.first);
    if (there == endpoints.end()) return nullptr;
    auto const url = net::parse_url(there->second.rest);
    if (!url || !url->is_tls()) return nullptr;
    auto config = common_;
    std::tie(config.environment, config.market) = place;
    config.venue_origin = url->origin();
    auto made =
        std::make_unique<peers::RelayClient>(executor_, std::move(config), key_, clock_, &gate_);
    return clients_.emplace(place, std::move(made)).first->second.get();
}

ports::Task<VenueRelays::Answer> VenueRelays::send(ports::SignItem item) {
    auto* const client = client_to({item.environment, item.market});
    if (client == nullptr || item.venue != common_.venue)
        co_return std::unexpected(ports::RelayFailure{
            .kind = ports::RelayFailure::Kind::not_sent,
            .error = {.code = base::Errc::unavailable,
                      .reason = "relay_unreachable",
                      .detail = "No relay leads to where the request must go."}});
    co_return co_await client->send(std::move(item));
}

ports::Task<void> VenueRelays::stop() {
    for (auto const& [place, client] : clients_) co_await client->stop();
}

}  // namespace obscura::app
