#pragma once

#include "attest/evidence_source.hpp"
#include "citadel/evidence_config.hpp"
#include "citadel/sealing_keys.hpp"
#include "net/router.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace obscura::citadel {

/// What citadel shows of the machine it runs on. It proves nothing here: `attested` is its own
/// claim that a report of the hardware is there, and the verdict is the verifier's. Open to all,
/// since callers ask before they send anything, their key included; so what each address may ask
/// for is bounded, and none can take all. Event-loop thread.
class AttestationRoutes {
public:
    /// Writes a call of a known caller into the audit log.
    using Note = std::function<void(net::Request const&, std::string_view operation)>;

    /// The others must outlive this.
    AttestationRoutes(attest::EvidenceSource& source, EvidenceMaterial material,
                      SealingKeys& sealing_keys, base::Clock const& clock, Note note);

    /// `GET /attestation?nonce=`, `GET /nilcc/attestation`.
    void add_to(net::Router& router);

    /// The key to seal to, with what speaks for it: on a native guest a report that binds it and
    /// its end; on nilCC nothing, whose reports bind the front's certificate alone.
    [[nodiscard]] net::Task<base::Result<ports::SealingKey>> sealing_key();

    /// "none", "sev-snp" or "nilcc"; and whether there are reports at all.
    [[nodiscard]] std::string_view tee() const;
    [[nodiscard]] bool claims_hardware() const;

private:
    using Answer = base::Result<net::Response>;
    [[nodiscard]] net::Task<Answer> attestation(net::Request& request);
    [[nodiscard]] net::Task<Answer> nilcc(net::Request& request);
    /// Evidence with citadel's own certificates beside.
    [[nodiscard]] net::Task<base::Result<attest::Evidence>> evidence(attest::ReportData data);
    /// Whether a chip may be asked for one more report, for who is at that address.
    [[nodiscard]] base::Result<void> admit(std::string const& address);

    attest::EvidenceSource& source_;
    EvidenceMaterial material_;
    SealingKeys& sealing_keys_;
    base::Clock const& clock_;
    Note note_;
    ports::SealingKey vouched_;              ///< the last one that a report was made for
    std::optional<attest::Evidence> nilcc_;  ///< it does not change but with the front's key
    base::Instant nilcc_at_{};
    std::chrono::seconds second_{-1};
    std::map<std::string, int> asked_in_second_;  ///< by address
    int made_in_second_ = 0;
};

}  // namespace obscura::citadel
