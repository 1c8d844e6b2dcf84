#pragma once

#include "attest/evidence.hpp"
#include "attest/snp_appraisal.hpp"

namespace obscura::attest {

/// What a caller of citadel's asks of it before it sends it anything.
enum class RequiredEvidence { software, attested };
inline constexpr std::array<base::EnumName<RequiredEvidence>, 2> required_evidence_names{
    {{"software", RequiredEvidence::software}, {"attested", RequiredEvidence::attested}}};

struct CitadelPolicy {
    RequiredEvidence required = RequiredEvidence::attested;
    /// Of a report. Without a measurement nothing is attested; without a VMPL it is that of the
    /// format: 1 on nilCC, 0 else. `report_data` is not asked for here: it follows from what the
    /// verifier saw.
    SnpPolicy snp{.minimum_version = 3, .requires_crl = true};
    std::vector<Certificate> certificates;  ///< beside those that come with the evidence
    std::optional<RevocationList> revocations;
};

/// What the verifier knows of itself, whatever the evidence says.
struct Observed {
    Nonce nonce{};  ///< the one that it sent, used this once
    /// SubjectPublicKeyInfo of the certificate in its own TLS handshake; empty without TLS.
    std::vector<std::uint8_t> peer_key;
    bool is_loopback = false;  ///< nobody stands between it and whoever answered
};

struct CitadelVerdict {
    EvidenceFormat format = EvidenceFormat::software;
    bool attested = false;  ///< by this policy; never in software
    std::string summary;    ///< a plain sentence
};

/// Whether citadel may be dealt with. Never reads a clock. invalid_argument whose reason names the
/// check that failed: "nonce", "software", "channel", "spki", "measurement", or those of
/// parse_snp_report and appraise.
[[nodiscard]] base::Result<CitadelVerdict> appraise_citadel(BoundEvidence const& bound,
                                                            CitadelPolicy const& policy,
                                                            Observed const& observed,
                                                            TrustRoots const& roots,
                                                            base::Timestamp at);

}  // namespace obscura::attest
