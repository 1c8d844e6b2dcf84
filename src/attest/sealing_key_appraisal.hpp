#pragma once

#include "attest/citadel_appraisal.hpp"
#include "attest/sealing_statement.hpp"

namespace obscura::attest {

/// A key to seal credentials to, as whoever hands it out shows it.
struct ShownSealingKey {
    static constexpr std::size_t max_statements = 4;

    ByteArray<32> public_key{};  ///< X25519
    base::Timestamp expires_at{};
    Evidence evidence;
    std::vector<SignedStatement> statements;  ///< of auditors
};

/// What an owner asks before a credential of his is sealed to a key.
struct SealingPolicy {
    /// Of a report: as every caller of citadel has it. Software must be asked for by name.
    CitadelPolicy citadel;
    /// Public keys of those whose word is taken for a citadel on nilCC, hex. Without one no key of
    /// such a citadel is taken.
    std::vector<std::string> auditors;
    /// The deployment that an auditor must speak of: its word for another one is worth nothing
    /// here.
    std::string environment = "production";
};

/// Whether a credential may be sealed to this key. Never reads a clock. A report of a native guest
/// is appraised; on nilCC a pinned auditor's statement is checked, and its measurement where the
/// policy names some. Hardware is never taken for software: evidence that claims it has to meet
/// the policy, or is refused. invalid_argument whose reason names the check that failed:
/// "sealing_key_expired", "software", "measurement", those of parse_snp_report and appraise, and
/// of statements "auditor", "statement_signature", "statement_key", "statement_expired",
/// "statement_environment", "statement_format".
[[nodiscard]] base::Result<CitadelVerdict> appraise_sealing_key(ShownSealingKey const& key,
                                                                SealingPolicy const& policy,
                                                                TrustRoots const& roots,
                                                                base::Timestamp at);

}  // namespace obscura::attest
