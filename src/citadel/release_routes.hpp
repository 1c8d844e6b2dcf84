#pragma once

#include "base/metrics.hpp"
#include "citadel/call_log.hpp"
#include "citadel/config.hpp"
#include "citadel/evidence_source.hpp"
#include "citadel/release_desk.hpp"
#include "net/router.hpp"

#include <functional>

namespace obscura::citadel {

/// Where a key holder brings the master keys: `POST /release/challenge`, which anybody may ask,
/// since nobody should show citadel a key before he has seen its evidence; and `/release/keys`,
/// with the holder's key. While citadel is locked they and `locked_router` are all there is;
/// afterwards they refuse, 409. Event-loop thread.
class ReleaseRoutes {
public:
    /// Makes a citadel of the keys; an error keeps it locked, with its reason and detail for the
    /// holder.
    using Open = std::function<base::Result<void>(custody::MasterKeys keys)>;
    /// `caller` is empty for whoever showed no key of ours.
    using NoteCall = std::function<void(std::string_view caller, std::string_view operation,
                                        CallNote const& note)>;
    struct Parts {
        EvidenceSource evidence;
        /// Of the certificate that citadel shows itself, SPKI in DER; empty where it has none.
        std::vector<std::uint8_t> tls_key;
        Open open;
    };
    /// `config` is read here alone; the others must outlive this.
    ReleaseRoutes(Config const& config, Parts parts, base::Clock const& clock, base::Random& random,
                  base::Metrics& metrics);

    /// Both routes; they refer to this.
    void add_to(net::Router& router);
    /// What answers before there are keys: /health, /metrics, both routes, and 503 "locked" for all
    /// else.
    [[nodiscard]] net::Router locked_router();
    /// The audit log opens with the keys: who called /release/keys before is told to it now (the
    /// first 256 calls, and how many more), and who does from now on as he comes. Challenges are
    /// nobody's and change nothing: they are not told. It must outlive this.
    void note_to(NoteCall note);

private:
    using Answer = base::Result<net::Response>;

    [[nodiscard]] base::Result<void> may(net::Request const& request, std::string& caller) const;
    [[nodiscard]] net::Task<Answer> challenge(net::Request& request);
    [[nodiscard]] net::Task<Answer> keys(net::Request& request);
    [[nodiscard]] base::Result<void> take(net::Request const& request, std::vector<int>& versions);
    [[nodiscard]] net::Task<Answer> health(net::Request& request);
    [[nodiscard]] net::Task<Answer> expose_metrics(net::Request& request);
    void tell(std::string caller, CallNote note);

    Callers callers_;
    Parts parts_;
    ReleaseDesk desk_;
    base::Metrics& metrics_;
    std::string version_;
    bool is_open_ = false;
    NoteCall note_call_;
    struct Call {
        std::string caller;
        CallNote note;
    };
    std::vector<Call> untold_;  ///< while there is no log
    std::int64_t more_untold_ = 0;
};

}  // namespace obscura::citadel
