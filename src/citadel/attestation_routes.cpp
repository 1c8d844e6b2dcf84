#include "citadel/attestation_routes.hpp"

#include "attest/binding.hpp"
#include "base/log.hpp"
#include "crypto/base64.hpp"
#include "crypto/hex.hpp"

#include <algorithm>

namespace obscura::citadel {
namespace {

using attest::EvidenceFormat;
using base::Errc;
using net::Request;
using net::Response;
using net::Task;

/// Anybody may ask, and a chip makes reports slowly.
constexpr int max_reports_a_second = 100;
constexpr int max_reports_of_an_address = 10;
/// nilCC's report is made at its start: asking more often shows nothing new.
constexpr auto nilcc_age = std::chrono::seconds(5);

std::vector<std::uint8_t> bytes_of(ports::SealingKey const& key) {
    return crypto::base64url_decode(key.public_key).value();
}

}  // namespace

AttestationRoutes::AttestationRoutes(attest::EvidenceSource& source, EvidenceMaterial material,
                                     SealingKeys& sealing_keys, base::Clock const& clock, Note note)
    : source_(source),
      material_(std::move(material)),
      sealing_keys_(sealing_keys),
      clock_(clock),
      note_(std::move(note)) {}

void AttestationRoutes::add_to(net::Router& router) {
    router.add({.method = "GET", .pattern = "/attestation", .handler = [this](Request& request) {
                    return attestation(request);
                }});
    router.add({.method = "GET",
                .pattern = "/nilcc/attestation",
                .handler = [this](Request& request) { return nilcc(request); }});
}

Task<AttestationRoutes::Answer> AttestationRoutes::attestation(Request& request) {
    attest::BoundEvidence bound;
    auto const nonce = request.query_param("nonce");
    if (!nonce || !crypto::hex_decode_into(*nonce, bound.nonce))
        co_return std::unexpected(base::field_error(
            "/nonce", "not_a_nonce", "Must be 32 random bytes of yours, in 64 hex digits."));
    if (auto const o = admit(request.remote_address); !o) co_return std::unexpected(o.error());
    note_(request, "attestation");
    bound.spki = material_.spki;
    auto const key = sealing_keys_.current();
    bound.public_key = bytes_of(key);
    bound.key_expires_at = key.expires_at;
    auto made =
        co_await evidence(attest::native_report_data(bound.nonce, bound.spki, bound.public_key));
    if (!made) co_return std::unexpected(made.error());
    bound.evidence = std::move(*made);
    co_return net::json_response(200, attest::to_json(bound));
}

Task<AttestationRoutes::Answer> AttestationRoutes::nilcc(Request& request) {
    if (source_.format() != EvidenceFormat::nilcc)
        co_return base::fail(Errc::not_found, "not_on_nilcc",
                             "This citadel does not run on nilCC: ask /attestation?nonce= for the "
                             "evidence that it has.");
    note_(request, "attestation");
    auto const made = co_await evidence({});
    if (!made) co_return std::unexpected(made.error());
    auto body = attest::to_json(attest::BoundEvidence{.evidence = *made});
    std::erase_if(body.as_object(), [](auto const& member) {
        return member.first == "nonce" || member.first == "binding";
    });
    body.set("raw_report", crypto::hex_encode(made->report));
    co_return net::json_response(200, body);
}

base::Result<void> AttestationRoutes::admit(std::string const& address) {
    if (source_.format() != EvidenceFormat::sev_snp) return {};
    auto const second =
        std::chrono::floor<std::chrono::seconds>(clock_.steady().time_since_epoch());
    if (std::exchange(second_, second) != second) {
        made_in_second_ = 0;
        asked_in_second_.clear();
    }
    if (made_in_second_ < max_reports_a_second &&
        ++asked_in_second_[address] <= max_reports_of_an_address) {
        ++made_in_second_;
        return {};
    }
    return std::unexpected(base::Error{.code = Errc::rate_limited,
                                       .reason = "evidence_busy",
                                       .detail = "Too many ask for evidence at once.",
                                       .retry_after = std::chrono::seconds(1)});
}

Task<base::Result<attest::Evidence>> AttestationRoutes::evidence(attest::ReportData data) {
    if (nilcc_ && clock_.steady() < nilcc_at_ + nilcc_age) co_return *nilcc_;
    auto made = co_await source_.evidence(data);
    if (!made) {
        base::log::error("citadel.no_evidence", {{"error", made.error().internal}});
        co_return made;
    }
    std::ranges::copy(material_.certificates, std::back_inserter(made->certificates));
    if (made->certificates.size() > attest::Evidence::max_certificates)
        made->certificates.erase(made->certificates.begin() + attest::Evidence::max_certificates,
                                 made->certificates.end());
    if (source_.format() == EvidenceFormat::nilcc) {
        nilcc_ = *made;
        nilcc_at_ = clock_.steady();
    }
    co_return made;
}

Task<base::Result<ports::SealingKey>> AttestationRoutes::sealing_key() {
    auto key = sealing_keys_.current();
    if (source_.format() == EvidenceFormat::software) co_return key;
    if (key.id == vouched_.id) co_return vouched_;
    key.evidence.format = std::string(to_string(source_.format()));
    if (source_.format() == EvidenceFormat::sev_snp) {
        auto const made =
            co_await evidence(attest::sealing_key_report_data(bytes_of(key), key.expires_at));
        if (!made) co_return std::unexpected(made.error());
        key.evidence.attested = made->claims_hardware();
        key.evidence.report = crypto::base64_encode(made->report);
        for (auto const& certificate : made->certificates)
            key.evidence.certificates.push_back(crypto::base64_encode(certificate.der()));
    }
    vouched_ = key;
    co_return key;
}

std::string_view AttestationRoutes::tee() const {
    return claims_hardware() ? to_string(source_.format()) : "none";
}

bool AttestationRoutes::claims_hardware() const {
    return source_.format() != EvidenceFormat::software;
}

}  // namespace obscura::citadel
