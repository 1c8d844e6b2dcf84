#pragma once

#include "base/metrics.hpp"
#include "citadel/access.hpp"
#include "citadel/call_gate.hpp"
#include "citadel/call_log.hpp"
#include "citadel/keyring.hpp"
#include "citadel/seal_opener.hpp"
#include "citadel/secret_json.hpp"
#include "net/router.hpp"

#include <string>

namespace obscura::citadel {

/// Texts, one or many a call: sealed, opened where that is configured, sealed anew, and what a
/// client has sealed turned into them. Event-loop thread.
class TextRoutes {
public:
    /// All must outlive this.
    TextRoutes(Callers const& callers, CallGate& gate, CallLog& call_log, Keyring& keyring,
               SealOpener& seal_opener, base::Clock const& clock, base::Metrics& metrics);

    /// The routes; they refer to this. The router's guard holds callers to their `Access`.
    void add_to(net::Router& router);

private:
    using Answer = base::Result<net::Response>;
    using Action = Answer (TextRoutes::*)(Caller const&, net::Request const&);
    struct Meters {
        std::string name;
        base::Histogram& seconds;  ///< of whole requests
        base::Counter& items;      ///< texts that were answered with what was asked
        base::Counter& refused;    ///< requests that were not
    };

    [[nodiscard]] static Meters meters_of(base::Metrics& metrics, std::string const& name);
    void add(net::Router& router, std::string const& name, Access access, std::size_t body_limit,
             Action action, Meters& meters);
    [[nodiscard]] net::Task<Answer> run(Access access, Action action, Meters& meters,
                                        net::Request& request);

    [[nodiscard]] Answer encrypt(Caller const& caller, net::Request const& request);
    [[nodiscard]] Answer decrypt(Caller const& caller, net::Request const& request);
    [[nodiscard]] Answer encrypt_bulk(Caller const& caller, net::Request const& request);
    [[nodiscard]] Answer decrypt_bulk(Caller const& caller, net::Request const& request);
    [[nodiscard]] Answer rewrap(Caller const& caller, net::Request const& request);
    [[nodiscard]] Answer rewrap_bulk(Caller const& caller, net::Request const& request);
    [[nodiscard]] Answer open_sealed(Caller const& caller, net::Request const& request);
    /// Of the fields beside `limits`, where there are some.
    [[nodiscard]] base::Result<std::string> context_of_others(FieldsInContext const& input);

    Callers const& callers_;
    CallGate& gate_;
    CallLog& call_log_;
    Keyring& keyring_;
    SealOpener& seal_opener_;
    base::Clock const& clock_;
    CallNote note_;  ///< of the call that is handled: an action does not let another in between
    Meters encrypted_;
    Meters decrypted_;
    Meters encrypted_bulk_;
    Meters decrypted_bulk_;
    Meters rewrapped_;
    Meters rewrapped_bulk_;
    Meters opened_;
};

}  // namespace obscura::citadel
