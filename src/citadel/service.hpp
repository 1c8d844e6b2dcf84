#pragma once

#include "attest/evidence_source.hpp"
#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "citadel/attestation_routes.hpp"
#include "citadel/call_gate.hpp"
#include "citadel/call_log.hpp"
#include "citadel/callers.hpp"
#include "citadel/config.hpp"
#include "citadel/held_key_routes.hpp"
#include "citadel/keyring.hpp"
#include "citadel/notional_book.hpp"
#include "citadel/operation_signer.hpp"
#include "citadel/relay_routes.hpp"
#include "citadel/seal_opener.hpp"
#include "citadel/sign_routes.hpp"
#include "citadel/statement_routes.hpp"
#include "citadel/text_routes.hpp"
#include "net/router.hpp"

namespace obscura::citadel {

/// The internal routes of interfaces.md §4: seal, open (where configured), rewrap, sign, and what
/// clients seal to. Event-loop thread.
class Service {
public:
    /// Takes the keys out of `config` and wipes them there. The others must outlive this. Throws
    /// std::invalid_argument for a configuration that `complaints` would have refused. Without
    /// `prices` nothing is signed that an owner's notional limit speaks of; without `evidence` it
    /// is software's; without `hosted` no venue is served but those of `venue_signers`.
    Service(Config config, base::Clock const& clock, base::Random& random, base::Metrics& metrics,
            ports::PriceSource* prices = nullptr, attest::EvidenceSource* evidence = nullptr,
            HostedVenues* hosted = nullptr);

    /// The routes; they refer to this service.
    [[nodiscard]] net::Router router();
    /// Of routes beside these; an empty caller is nobody known.
    void note_call(std::string_view caller, std::string_view operation, CallNote const& note);

private:
    using Answer = base::Result<net::Response>;

    [[nodiscard]] net::Task<base::Result<void>> guard(net::Route const& route,
                                                      net::Request& request);
    /// The caller by the request's key; unauthenticated for nobody's.
    [[nodiscard]] base::Result<Caller const*> caller_of(net::Request const& request) const;
    [[nodiscard]] net::Task<Answer> sealing_key(net::Request& request);
    /// A call that asks for nothing secret.
    void note_question(net::Request const& request, std::string_view operation, CallNote note);
    [[nodiscard]] net::Task<Answer> audit_head(net::Request& request);
    [[nodiscard]] net::Task<Answer> health(net::Request& request);
    [[nodiscard]] net::Task<Answer> expose_metrics(net::Request& request);

    base::Metrics& metrics_;
    Callers callers_;
    Keyring keyring_;
    SealingKeys sealing_keys_;
    SealOpener seal_opener_;
    CallLog call_log_;
    NotionalBook notionals_;
    CallGate gate_;
    HeldKeyRoutes held_keys_;
    attest::SoftwareSource software_;
    AttestationRoutes attestation_;
    StatementRoutes statements_;
    VenueBook venues_;
    std::string version_;
    OperationSigner signer_;
    SignRoutes sign_routes_;
    RelayRoutes relay_routes_;
    TextRoutes texts_;
    base::Gauge& arena_used_;
    base::Gauge& arena_exhausted_;
};

}  // namespace obscura::citadel
