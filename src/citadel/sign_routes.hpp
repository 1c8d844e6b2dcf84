#pragma once

#include "base/metrics.hpp"
#include "citadel/call_gate.hpp"
#include "citadel/call_log.hpp"
#include "citadel/callers.hpp"
#include "citadel/operation_signer.hpp"
#include "net/router.hpp"

#include <chrono>
#include <vector>

namespace obscura::citadel {

/// `POST /sign`: a batch of operations, one after the other, each signed or refused for itself.
/// Those of hosted venues wait for the exchange host, all of a batch together `longest_wait` at
/// most. Event-loop thread.
class SignRoutes {
public:
    static constexpr std::chrono::milliseconds longest_wait{5'000};

    /// All must outlive this. `default_validity` is that of an item that names no end.
    SignRoutes(OperationSigner& signer, CallGate& gate, CallLog& call_log, Callers const& callers,
               base::Clock const& clock, base::Metrics& metrics,
               std::chrono::milliseconds default_validity);

    /// The route; it refers to this. `access` is what the router's guard holds a caller to.
    void add_to(net::Router& router, int access);

private:
    using Answer = base::Result<net::Response>;

    [[nodiscard]] net::Task<Answer> run(net::Request& request);
    using Made = base::Result<OperationSigner::Signed>;
    [[nodiscard]] net::Task<Answer> sign(Caller const& caller, net::Request const& request,
                                         CallNote& note);
    /// Whether the audit log and the rates let it be signed now.
    [[nodiscard]] base::Result<void> admit(Caller const& caller, ports::SignItem const& item,
                                           CallNote& note);
    [[nodiscard]] net::Task<Made> sign_hosted(Caller const& caller, ports::SignItem const& item,
                                              base::Instant until);
    /// Waits for what the items count to be on the disk; what is not there in time is refused.
    [[nodiscard]] net::Task<void> settle(std::vector<Made>& made);

    OperationSigner& signer_;
    CallGate& gate_;
    CallLog& call_log_;
    Callers const& callers_;
    base::Clock const& clock_;
    std::chrono::milliseconds default_validity_;
    base::Histogram& seconds_;
    base::Counter& items_;
    base::Counter& refused_;
};

}  // namespace obscura::citadel
