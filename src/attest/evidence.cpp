#include "attest/evidence.hpp"

#include "attest/detail/refusal.hpp"
#include "crypto/base64.hpp"
#include "crypto/hex.hpp"

#include <algorithm>

namespace obscura::attest {
namespace {

using base::Json;
using base::ObjectReader;

constexpr std::size_t max_key_text = 2048;          // base64 of an SPKI: RSA 4096 takes 736
constexpr std::size_t max_certificate_text = 8192;  // base64; AMD's own take 2200

/// What the report of each format stands for (attest/binding.hpp).
std::string_view scheme_of(EvidenceFormat format) {
    switch (format) {
        case EvidenceFormat::sev_snp:
            return "obscura/citadel-kr/v1";
        case EvidenceFormat::nilcc:
            return "nilcc/v0";
        case EvidenceFormat::software:
            return "none";
    }
    return "none";
}

std::vector<std::uint8_t> base64_member(ObjectReader& in, std::string_view key,
                                        base::TextRule rule) {
    auto const text = in.optional_text(key, rule);
    if (!text || text->empty()) return {};
    auto bytes = crypto::base64_decode(*text);
    if (bytes) return std::move(*bytes);
    in.add_error(key, "not_base64", "Must be base64.");
    return {};
}

std::vector<Certificate> certificates_in(ObjectReader& in) {
    std::vector<Certificate> out;
    auto const* list = in.optional_array("certificates", 0, Evidence::max_certificates);
    if (list == nullptr) return out;
    for (auto const& item : list->as_array()) {
        auto const text = item.to_text();
        auto const der = text && text->size() <= max_certificate_text ? crypto::base64_decode(*text)
                                                                      : std::nullopt;
        auto certificate = der ? Certificate::from_der(*der)
                               : base::Result<Certificate>(refused("certificate_unreadable", ""));
        if (certificate)
            out.push_back(std::move(*certificate));
        else
            in.add_error("certificates", "not_certificates", "Must be DER in base64, each.");
    }
    return out;
}

std::unexpected<base::Error> unreadable(base::Error const& error) {
    std::string detail = "the evidence is not of the form that it should have:";
    for (auto const& field : error.fields) detail += " " + field.pointer + ": " + field.detail;
    return refused("evidence_unreadable", std::move(detail));
}

}  // namespace

std::string_view to_string(EvidenceFormat format) {
    for (auto const& [name, value] : evidence_formats)
        if (value == format) return name;
    return "software";
}

Json to_json(BoundEvidence const& bound) {
    auto const& evidence = bound.evidence;
    auto out = Json::object({{"format", to_string(evidence.format)},
                             {"attested", evidence.claims_hardware()},
                             {"nonce", crypto::hex_encode(bound.nonce)}});
    if (evidence.claims_hardware()) out.set("report", crypto::base64_encode(evidence.report));
    auto certificates = Json::array();
    for (auto const& certificate : evidence.certificates)
        certificates.push_back(crypto::base64_encode(certificate.der()));
    out.set("certificates", std::move(certificates));
    auto binding = Json::object({{"scheme", scheme_of(evidence.format)},
                                 {"spki", crypto::base64_encode(bound.spki)},
                                 {"public_key", crypto::base64_encode(bound.public_key)}});
    if (bound.key_expires_at)
        binding.set("public_key_expires_at", base::to_rfc3339(*bound.key_expires_at));
    out.set("binding", std::move(binding));
    return out;
}

base::Result<BoundEvidence> bound_evidence_from_json(Json const& json) {
    ObjectReader in(json);
    BoundEvidence out;
    out.evidence.format = in.one_of("format", evidence_formats);
    auto const attested = in.boolean("attested");
    auto const nonce = in.text("nonce", {.min = 64, .max = 64});
    if (!crypto::hex_decode_into(nonce, out.nonce))
        in.add_error("nonce", "not_hex", "Must be 64 hex digits.");
    out.evidence.report = base64_member(in, "report", {.max = 2 * snp_report_size});
    out.evidence.certificates = certificates_in(in);
    if (auto const* binding = in.object("binding")) {
        ObjectReader inner(*binding, in.pointer_to("binding"));
        (void)inner.text("scheme", {.max = 64});  // said for people: the format decides
        out.spki = base64_member(inner, "spki", {.min = 0, .max = max_key_text});
        out.public_key = base64_member(inner, "public_key", {.min = 0, .max = max_key_text});
        out.key_expires_at = inner.optional_timestamp("public_key_expires_at");
        in.absorb(inner.errors());
    }
    if (auto const good = in.finish(); !good) return unreadable(good.error());
    if (attested != out.evidence.claims_hardware() ||
        out.evidence.claims_hardware() == out.evidence.report.empty())
        return refused("format", "the evidence contradicts itself: it is \"" +
                                     std::string(to_string(out.evidence.format)) + "\" and " +
                                     (attested ? "calls itself attested" : "does not") + ", " +
                                     (out.evidence.report.empty() ? "without" : "with") +
                                     " a report");
    return out;
}

}  // namespace obscura::attest
