#include "attest/sealing_key_appraisal.hpp"

#include "attest/binding.hpp"
#include "attest/detail/hardware_appraisal.hpp"
#include "attest/detail/refusal.hpp"

#include <algorithm>

namespace obscura::attest {
namespace {

using Outcome = base::Result<void>;

/// Clocks of auditors may be a little ahead of the owner's.
constexpr auto clock_error = std::chrono::minutes(5);

Outcome check_statement(SignedStatement const& signed_statement, ShownSealingKey const& key,
                        SealingPolicy const& policy, base::Timestamp at) {
    auto const& s = signed_statement.statement;
    if (!is_signed(signed_statement))
        return refused("statement_signature", "the statement is not signed by its auditor");
    if (s.public_key != key.public_key)
        return refused("statement_key", "the auditor's statement is of another key");
    // Whoever hands the key out could lengthen its life otherwise.
    if (base::to_unix_ms(s.expires_at) != base::to_unix_ms(key.expires_at))
        return refused("statement_key", "the auditor's statement is of a key with another end");
    if (s.expires_at <= at || s.audited_at > at + clock_error)
        return refused("statement_expired", "the auditor's statement is not of now");
    if (s.environment != policy.environment)
        return refused("statement_environment", "the auditor speaks of \"" + s.environment +
                                                    "\", not of \"" + policy.environment + "\"");
    if (s.format != key.evidence.format)
        return refused("statement_format", "the auditor has seen evidence of another kind");
    auto const& measurements = policy.citadel.snp.measurements;
    if (!measurements.empty() &&
        std::ranges::find(measurements, s.measurement) == measurements.end())
        return refused("measurement",
                       "the measurement that the auditor saw is none of those "
                       "allowed");
    return {};
}

/// The first statement of a pinned auditor that holds; else what is wrong with the last.
base::Result<CitadelVerdict> appraise_statements(ShownSealingKey const& key,
                                                 SealingPolicy const& policy, base::Timestamp at) {
    Outcome last = refused("auditor",
                           "nilCC's evidence cannot speak of a key that was made later, and no "
                           "auditor that is pinned here speaks for this one");
    for (auto const& statement : key.statements) {
        auto const& auditor = statement.statement.auditor;
        if (std::ranges::find(policy.auditors, auditor) == policy.auditors.end()) continue;
        last = check_statement(statement, key, policy, at);
        if (last)
            return CitadelVerdict{.format = key.evidence.format,
                                  .attested = true,
                                  .summary = "vouched for by the auditor " + auditor.substr(0, 16) +
                                             ", who has appraised AMD SEV-SNP's report on nilCC"};
    }
    return std::unexpected(last.error());
}

}  // namespace

base::Result<CitadelVerdict> appraise_sealing_key(ShownSealingKey const& key,
                                                  SealingPolicy const& policy,
                                                  TrustRoots const& roots, base::Timestamp at) {
    if (key.expires_at <= at)
        return refused("sealing_key_expired", "the sealing key has expired: ask for a new one");
    switch (key.evidence.format) {
        case EvidenceFormat::sev_snp:
            return detail::appraise_hardware(
                key.evidence, sealing_key_report_data(key.public_key, key.expires_at),
                policy.citadel, roots, at);
        case EvidenceFormat::nilcc:
            return appraise_statements(key, policy, at);
        case EvidenceFormat::software:
            break;
    }
    if (policy.citadel.required != RequiredEvidence::software)
        return refused("software",
                       "the key's evidence is software: nothing but the connection that it came by "
                       "says whose it is, and the policy asks for attested");
    return CitadelVerdict{.summary =
                              "software evidence, not attested: nothing but the connection that "
                              "the key came by says whose it is"};
}

}  // namespace obscura::attest
