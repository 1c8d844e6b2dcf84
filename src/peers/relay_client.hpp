#pragma once

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "net/tls.hpp"
#include "peers/citadel_gate.hpp"
#include "peers/relay_wire.hpp"
#include "ports/signer.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace obscura::peers {

struct RelayClientConfig {
    std::string citadel_url = "http://127.0.0.1:8004";
    net::TlsClientConfig citadel_tls;
    std::string venue;
    model::Environment environment = model::Environment::live;
    model::Market market = model::Market::spot;
    /// Where the venue is, "https://www.okx.com:443". citadel has an address of its own and speaks
    /// to nobody else, wherever this leads.
    std::string venue_origin;
    std::size_t connections = 4;   ///< each carries one request at a time
    std::size_t max_waiting = 64;  ///< items of one connection
    std::chrono::milliseconds connect_timeout{5'000};
    /// How much longer than citadel waits, which ends an item of its own accord.
    std::chrono::milliseconds answer_grace{5'000};
};

/// Requests to a venue whose TLS connection ends inside citadel: this process carries its bytes and
/// can read none of them. Connections are opened when they are needed and kept. Event-loop thread.
class RelayClient {
public:
    /// Talks to the two addresses of `config` and nobody else. `key` is this service's own
    /// X-Internal-API-Key; it goes to nobody whom `gate`, where there is one, does not let in.
    /// std::invalid_argument when an address is none. `clock` and `gate` outlive this.
    RelayClient(boost::asio::any_io_executor executor, RelayClientConfig config,
                base::Secret const& key, base::Clock const& clock, CitadelGate* gate = nullptr);
    ~RelayClient();  ///< must be stopped, or have had nothing to do
    RelayClient(RelayClient const&) = delete;
    RelayClient& operator=(RelayClient const&) = delete;

    /// The venue's answer to the item's operation; its `id` is this client's affair. An item that
    /// citadel says was not sent because the venue had closed an idle connection goes out once more
    /// by itself. A broken carriage is unknown_outcome from the moment that citadel had the item:
    /// only citadel's word makes it not_sent.
    [[nodiscard]] base::Task<RelayAnswer> send(ports::SignItem item);
    /// Closes the connections; what is under way ends as unknown.
    [[nodiscard]] base::Task<void> stop();

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace obscura::peers
