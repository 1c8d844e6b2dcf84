#pragma once

#include "attest/snp_appraisal.hpp"
#include "base/json.hpp"
#include "crypto/x25519.hpp"
#include "custody/release.hpp"

namespace obscura::custody {

/// Whom keys may be released to: a TOML file of the key holder's, section [policy]. Nothing is
/// allowed that it does not name.
struct ReleasePolicy {
    std::string environment = "production";  ///< or development
    std::string format = "sev-snp";          ///< the one that is taken; or nilcc, software
    bool allow_software = false;
    attest::SnpPolicy snp{.minimum_version = 3, .requires_crl = true};
    std::string crl_file;                        ///< AMD's list of the product
    std::vector<std::string> certificate_files;  ///< of the chip, where evidence brings none
};
/// invalid_argument "policy" with every complaint in the detail. A policy that would release to any
/// guest is none: measurements, the least TCB and the privilege level must be there.
[[nodiscard]] base::Result<ReleasePolicy> parse_release_policy(std::string_view toml,
                                                               std::string const& file_name);

/// What the relying side has seen itself.
struct SeenPeer {
    ReleaseNonce nonce{};
    std::vector<std::uint8_t> tls_key;  ///< of its own handshake, SPKI in DER; empty without TLS
    crypto::X25519PublicKey wrapping_key{};
};
struct ReleaseVerdict {
    bool attested = false;  ///< hardware stands behind it
    std::string binding;    ///< nonce-bound, channel-bound, none
    std::vector<std::string> passed, not_asked;
};
/// Whoever relies on it decides here. invalid_argument: "evidence_format" (another than the policy
/// takes, or not to be read), "software_refused", "binding" (software evidence for another nonce or
/// key), "no_channel" (nilCC's without TLS), or a reason of attest's, "report_data" among them.
[[nodiscard]] base::Result<ReleaseVerdict> appraise_release(
    base::Json const& evidence, SeenPeer const& peer, ReleasePolicy const& policy,
    std::span<attest::Certificate const> certificates, attest::RevocationList const* revocations,
    attest::TrustRoots const& roots, base::Timestamp at);

}  // namespace obscura::custody
