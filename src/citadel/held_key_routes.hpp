#pragma once

#include "base/metrics.hpp"
#include "citadel/call_gate.hpp"
#include "citadel/call_log.hpp"
#include "citadel/held_key_signer.hpp"
#include "net/router.hpp"

namespace obscura::citadel {

/// `POST /keys`, which makes a key, and `POST /sign-statement`, which signs with it. No route gives
/// a private key away. What they give leaves once it is in the audit log on the disk. Event-loop
/// thread.
class HeldKeyRoutes {
public:
    /// All must outlive this.
    HeldKeyRoutes(Callers const& callers, CallGate& gate, CallLog& log, Keyring& keyring,
                  ChainRules rules, base::Clock const& clock, base::Random& random,
                  base::Metrics& metrics);

    /// The routes; they refer to this.
    void add_to(net::Router& router);

private:
    using Answer = base::Result<net::Response>;
    struct Meters {
        base::Histogram& seconds;
        base::Counter& items;
        base::Counter& refused;
    };
    using Action = Answer (HeldKeyRoutes::*)(Caller const&, net::Request const&, CallNote&);

    [[nodiscard]] static Meters meters_of(base::Metrics& metrics, std::string const& name);
    [[nodiscard]] base::Result<Caller const*> caller_of(net::Request const& request,
                                                        std::string_view operation);
    [[nodiscard]] net::Task<Answer> run(std::string_view operation, Action action, Meters& meters,
                                        net::Request& request);
    [[nodiscard]] Answer make_key(Caller const& caller, net::Request const& request,
                                  CallNote& note);
    [[nodiscard]] Answer sign_statements(Caller const& caller, net::Request const& request,
                                         CallNote& note);

    Callers const& callers_;
    CallGate& gate_;
    CallLog& log_;
    HeldKeys keys_;
    HeldKeySigner signer_;
    base::Clock const& clock_;
    Meters made_;
    Meters signed_;
};

}  // namespace obscura::citadel
