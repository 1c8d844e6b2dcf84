#include "attest/citadel_appraisal.hpp"

#include "attest/binding.hpp"
#include "attest/detail/hardware_appraisal.hpp"
#include "attest/detail/refusal.hpp"
#include "base/secret.hpp"

#include <algorithm>

namespace obscura::attest {
namespace {

constexpr std::uint32_t nilcc_vmpl = 1;
constexpr std::uint32_t native_vmpl = 0;

using Outcome = base::Result<void>;

bool are_equal(crypto::Bytes a, crypto::Bytes b) {
    return base::equal_constant_time(crypto::as_text(a), crypto::as_text(b));
}

/// Evidence says who answered. That it is the same who is talked to afterwards says the channel.
Outcome check_channel(BoundEvidence const& bound, Observed const& observed) {
    if (!observed.peer_key.empty()) return {};
    if (bound.evidence.format == EvidenceFormat::nilcc)
        return refused("channel",
                       "nilCC's evidence speaks of a TLS certificate, and there is no "
                       "TLS on the way to citadel");
    if (observed.is_loopback) return {};
    return refused("channel",
                   "citadel is on another host and not behind TLS: whoever stands "
                   "between can answer in its place");
}

/// The data that a report must have been made for, by what the verifier saw.
base::Result<ReportData> expected_data(BoundEvidence const& bound, Observed const& observed) {
    if (bound.evidence.format == EvidenceFormat::nilcc) return nilcc_report_data(observed.peer_key);
    if (!are_equal(bound.spki, observed.peer_key))
        return refused("spki", "the evidence is bound to another TLS key than the connection's");
    return native_report_data(observed.nonce, observed.peer_key, bound.public_key);
}

base::Result<CitadelVerdict> appraise_report(BoundEvidence const& bound,
                                             CitadelPolicy const& policy, Observed const& observed,
                                             TrustRoots const& roots, base::Timestamp at) {
    auto const data = expected_data(bound, observed);
    if (!data) return std::unexpected(data.error());
    return detail::appraise_hardware(bound.evidence, *data, policy, roots, at);
}

}  // namespace

base::Result<CitadelVerdict> detail::appraise_hardware(Evidence const& shown,
                                                       ReportData const& data,
                                                       CitadelPolicy const& policy,
                                                       TrustRoots const& roots,
                                                       base::Timestamp at) {
    if (policy.snp.measurements.empty())
        return refused("measurement",
                       "the policy names no measurement: some guest on AMD's "
                       "hardware is not citadel");
    auto const report = parse_snp_report(shown.report);
    if (!report) return std::unexpected(report.error());
    SnpEvidence evidence{.report = *report, .certificates = shown.certificates};
    std::ranges::copy(policy.certificates, std::back_inserter(evidence.certificates));
    auto snp = policy.snp;
    snp.report_data = data;
    if (!snp.vmpl) snp.vmpl = shown.format == EvidenceFormat::nilcc ? nilcc_vmpl : native_vmpl;
    auto const* revocations = policy.revocations ? &*policy.revocations : nullptr;
    auto const verdict = appraise(evidence, snp, roots, at, revocations);
    if (!verdict) return std::unexpected(verdict.error());
    return CitadelVerdict{.format = shown.format,
                          .attested = true,
                          .summary = "attested by AMD SEV-SNP (" +
                                     std::string(to_string(verdict->product)) +
                                     "), as the policy asks" +
                                     (snp.minimum_tcb ? "" : "; patch levels were not asked") +
                                     (revocations == nullptr ? "; revocation was not asked" : "")};
}

base::Result<CitadelVerdict> appraise_citadel(BoundEvidence const& bound,
                                              CitadelPolicy const& policy, Observed const& observed,
                                              TrustRoots const& roots, base::Timestamp at) {
    if (!are_equal(bound.nonce, observed.nonce))
        return refused("nonce", "the evidence was made for another question: it is a replay");
    if (auto const o = check_channel(bound, observed); !o) return std::unexpected(o.error());
    auto const format = bound.evidence.format;
    if (policy.required == RequiredEvidence::attested) {
        if (format != EvidenceFormat::software)
            return appraise_report(bound, policy, observed, roots, at);
        return refused("software",
                       "citadel's evidence is software, and the policy asks for "
                       "attested");
    }
    if (format == EvidenceFormat::software)
        return CitadelVerdict{.summary =
                                  "software evidence, not attested: keys are protected by "
                                  "this machine's owner only"};
    return CitadelVerdict{.format = format,
                          .summary =
                              "hardware evidence that nobody has appraised, not attested: "
                              "the policy asks for software"};
}

}  // namespace obscura::attest
