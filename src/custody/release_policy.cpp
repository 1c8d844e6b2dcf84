#include "custody/release_policy.hpp"

#include "attest/binding.hpp"
#include "attest/nilcc_report.hpp"
#include "base/config.hpp"
#include "crypto/base64.hpp"
#include "crypto/hex.hpp"

#include <algorithm>

namespace obscura::custody {
namespace {

constexpr std::size_t max_certificates = 8;

std::unexpected<base::Error> refuse(std::string reason, std::string detail) {
    return base::fail(base::Errc::invalid_argument, std::move(reason), std::move(detail));
}

base::Result<attest::SnpReport> report_in(base::Json const& evidence) {
    if (evidence["format"] == base::Json("nilcc") && evidence["report"].is_object()) {
        auto read = attest::parse_nilcc_report(evidence["report"]);
        if (!read) return std::unexpected(read.error());
        return read->report;
    }
    auto const text = evidence["report"].to_text();
    auto const bytes = text ? crypto::base64_decode(*text) : std::nullopt;
    if (!bytes) return refuse("evidence_format", "report must be base64 of an SEV-SNP report.");
    return attest::parse_snp_report(*bytes);
}

/// The report and the certificates beside it, each in base64 of DER.
base::Result<attest::SnpEvidence> snp_evidence(base::Json const& evidence,
                                               std::span<attest::Certificate const> own) {
    auto report = report_in(evidence);
    if (!report) return std::unexpected(report.error());
    attest::SnpEvidence out{*report, {own.begin(), own.end()}};
    auto const* list = evidence.find("certificates");
    if (list == nullptr) return out;
    if (!list->is_array() || list->as_array().size() > max_certificates)
        return refuse("evidence_format", "certificates must be a list of at most 8.");
    for (auto const& item : list->as_array()) {
        auto const text = item.to_text();
        auto const der = text ? crypto::base64_decode(*text) : std::nullopt;
        if (!der) return refuse("evidence_format", "a certificate must be base64 of its DER.");
        auto certificate = attest::Certificate::from_der(*der);
        if (!certificate) return std::unexpected(certificate.error());
        out.certificates.push_back(std::move(*certificate));
    }
    return out;
}

base::Result<ReleaseVerdict> appraise_software(base::Json const& evidence, SeenPeer const& peer,
                                               ReleasePolicy const& policy) {
    if (!policy.allow_software || policy.environment != "development")
        return refuse("software_refused",
                      "Software evidence proves nothing: keys go to it in development alone, where "
                      "the policy says allow_software.");
    auto const bound =
        attest::native_report_data(peer.nonce, peer.tls_key, crypto::Bytes(peer.wrapping_key));
    if (evidence["binding"].to_text() != crypto::hex_encode(bound))
        return refuse("binding", "The evidence is for another nonce, channel or key.");
    return ReleaseVerdict{.attested = false, .binding = "none"};
}

}  // namespace

base::Result<ReleaseVerdict> appraise_release(base::Json const& evidence, SeenPeer const& peer,
                                              ReleasePolicy const& policy,
                                              std::span<attest::Certificate const> certificates,
                                              attest::RevocationList const* revocations,
                                              attest::TrustRoots const& roots, base::Timestamp at) {
    auto const format = evidence["format"].to_text().value_or("");
    if (format == "software") return appraise_software(evidence, peer, policy);
    if (format != policy.format)
        return refuse("evidence_format", "The policy takes " + policy.format + " alone.");
    bool const is_nilcc = format == "nilcc";
    // There the report names the channel and nothing else: without one it names nobody.
    if (is_nilcc && peer.tls_key.empty())
        return refuse("no_channel", "nilCC's evidence is worth something over TLS alone.");
    auto const read = snp_evidence(evidence, certificates);
    if (!read) return std::unexpected(read.error());
    auto asked = policy.snp;
    asked.report_data = is_nilcc ? attest::nilcc_report_data(peer.tls_key)
                                 : attest::native_report_data(peer.nonce, peer.tls_key,
                                                              crypto::Bytes(peer.wrapping_key));
    auto verdict = attest::appraise(*read, asked, roots, at, revocations);
    if (!verdict) return std::unexpected(verdict.error());
    return ReleaseVerdict{.attested = true,
                          .binding = is_nilcc ? "channel-bound" : "nonce-bound",
                          .passed = std::move(verdict->passed),
                          .not_asked = std::move(verdict->not_asked)};
}

}  // namespace obscura::custody
