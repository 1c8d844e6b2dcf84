#pragma once

#include "base/metrics.hpp"
#include "citadel/call_gate.hpp"
#include "citadel/call_log.hpp"
#include "citadel/callers.hpp"
#include "citadel/operation_signer.hpp"
#include "citadel/relay_session.hpp"
#include "net/router.hpp"
#include "net/websocket.hpp"

#include <chrono>
#include <map>
#include <string>

namespace obscura::citadel {

/// `GET /relay?venue=&environment=&market=`, a WebSocket: citadel's end of a TLS connection to the
/// venue, whose bytes the caller carries (ADR 19). Event-loop thread.
class RelayRoutes {
public:
    static constexpr std::size_t max_relays = 256;
    static constexpr std::size_t max_relays_of_one = 128;  ///< caller: the others find room

    /// All but `ca_file` must outlive this. Throws std::runtime_error for a file that cannot be
    /// used.
    RelayRoutes(OperationSigner& signer, CallGate& gate, CallLog& call_log, Callers const& callers,
                VenueBook const& venues, base::Clock const& clock, base::Metrics& metrics,
                std::string const& ca_file, std::chrono::milliseconds default_validity);

    /// `access` is what the router's guard holds a caller of `/sign` to.
    void add_to(net::Router& router, int access);

private:
    class Relay;

    [[nodiscard]] net::Task<void> serve(net::Request& request, net::WebSocket& socket);
    /// Of a relay that this caller may have now.
    [[nodiscard]] base::Result<RelayPlace> admit(Caller const& caller, net::Request const& request);
    [[nodiscard]] base::Result<RelayPlace> place_of(net::Request const& request) const;

    OperationSigner& signer_;
    CallGate& gate_;
    CallLog& call_log_;
    Callers const& callers_;
    VenueBook const& venues_;
    base::Clock const& clock_;
    net::TlsTrust trust_;
    std::chrono::milliseconds default_validity_;
    RelayLimits limits_;
    std::size_t open_ = 0;
    std::map<CallerName, std::size_t> open_of_;
    base::Counter& items_;
    base::Counter& refused_;
};

}  // namespace obscura::citadel
