#pragma once

#include "attest/certificate.hpp"
#include "base/decode.hpp"

#include <array>
#include <optional>
#include <vector>

namespace obscura::attest {

using ReportData = ByteArray<64>;
using Nonce = ByteArray<32>;

/// Who made a report, and so what it can be bound to.
enum class EvidenceFormat {
    software,  ///< nobody: whoever owns the machine reads its memory
    sev_snp,   ///< a native guest's firmware, for the data it was asked with
    nilcc,     ///< the same for nilCC's front: bound to its certificate, never to a nonce
};
inline constexpr std::array<base::EnumName<EvidenceFormat>, 3> evidence_formats{
    {{"software", EvidenceFormat::software},
     {"sev-snp", EvidenceFormat::sev_snp},
     {"nilcc", EvidenceFormat::nilcc}}};
[[nodiscard]] std::string_view to_string(EvidenceFormat format);

/// What a machine says of itself. Nothing is attested by it until a verifier has appraised it.
struct Evidence {
    static constexpr std::size_t max_certificates = 8;

    EvidenceFormat format = EvidenceFormat::software;
    std::vector<std::uint8_t> report;  ///< as the firmware made it; none in software
    std::vector<Certificate> certificates;
    /// That there is a report, no more: the `attested` of whoever speaks of himself.
    [[nodiscard]] bool claims_hardware() const { return format != EvidenceFormat::software; }
};

/// citadel's evidence with what it was made for: the answer of `GET /attestation`.
struct BoundEvidence {
    Evidence evidence;
    Nonce nonce{};                         ///< the asker's
    std::vector<std::uint8_t> spki;        ///< of its TLS certificate, DER; none without TLS
    std::vector<std::uint8_t> public_key;  ///< to which secrets are sealed, X25519
    /// Of that key. No report binds it: it is worth what the connection is.
    std::optional<base::Timestamp> key_expires_at;
};
[[nodiscard]] base::Json to_json(BoundEvidence const& bound);
/// Strict and bounded. invalid_argument "evidence_unreadable" with what is wrong; "format" where
/// software calls itself attested, or hardware does not.
[[nodiscard]] base::Result<BoundEvidence> bound_evidence_from_json(base::Json const& json);

}  // namespace obscura::attest
