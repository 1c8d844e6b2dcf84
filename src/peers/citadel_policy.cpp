#include "peers/citadel_policy.hpp"

#include "crypto/hex.hpp"
#include "net/http.hpp"

#include <fstream>

namespace obscura::peers {
namespace {

using base::Result;
using Must = std::optional<std::string>;

constexpr std::size_t max_file = 1 << 20;

std::unexpected<base::Error> unreadable(std::string detail) {
    return base::fail(base::Errc::invalid_argument, "policy_unreadable", std::move(detail));
}

Must is_required(std::string const& text) {
    for (auto const& known : attest::required_evidence_names)
        if (known.name == text) return std::nullopt;
    return "must be software or attested";
}

Must is_measurement(std::string const& text) {
    attest::ByteArray<48> bytes{};
    return crypto::hex_decode_into(text, bytes) ? std::nullopt : Must("must be 96 hex digits");
}

Must is_tcb(std::string const& text) {
    if (text.empty() || attest::parse_tcb(text)) return std::nullopt;
    return "must be levels like bootloader=4,snp=24,microcode=219";
}

Must is_http(std::string const& text) {
    auto const url = net::parse_url(text);
    bool const is_here = url && net::is_loopback(url->host);
    if (url && (url->scheme == "https" || (url->scheme == "http" && is_here))) return std::nullopt;
    return "must be a URL like https://citadel:8004; http on this host alone";
}

Result<std::string> content_of(std::string const& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return unreadable(file + " cannot be read");
    std::string text(max_file + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > max_file) return unreadable(file + " is larger than 1 MiB");
    return text;
}

Result<void> read_files(EvidenceSettings const& settings, attest::CitadelPolicy& policy) {
    if (!settings.certificates_file.empty()) {
        auto const text = content_of(settings.certificates_file);
        if (!text) return std::unexpected(text.error());
        auto read = attest::read_certificates(*text);
        if (!read) return unreadable(settings.certificates_file + ": " + read.error().detail);
        policy.certificates = std::move(*read);
    }
    if (!settings.crl_file.empty()) {
        auto const text = content_of(settings.crl_file);
        if (!text) return std::unexpected(text.error());
        auto read = attest::RevocationList::read(*text);
        if (!read) return unreadable(settings.crl_file + ": " + read.error().detail);
        policy.revocations = std::move(*read);
    }
    return {};
}

void bind_policy(base::ConfigTable& table, EvidenceSettings& settings) {
    table.bind("citadel.evidence", settings.required,
               "What citadel must show before anything is sent to it: attested (a report of AMD "
               "SEV-SNP that meets what follows), or software, for a machine of one's own.",
               is_required);
    table.bind("citadel.measurements", settings.measurements,
               "Launch measurements that are citadel, 96 hex digits each; attested needs one.",
               is_measurement);
    table.bind("citadel.minimum_tcb", settings.minimum_tcb,
               "Least patch levels of its host, like bootloader=4,snp=24,microcode=219.", is_tcb);
    table.bind("citadel.vmpl", settings.vmpl,
               "VMPL of its reports, exactly; -1: 1 on nilCC, 0 else.", {-1, 3});
    table.bind("citadel.allows_vlek", settings.allows_vlek,
               "A cloud's key may sign in place of the chip's: the cloud then vouches for it.");
    table.bind("citadel.allows_smt", settings.allows_smt,
               "Other threads may share the cores of its guest.");
    table.bind("citadel.certificates", settings.certificates_file,
               "File with the chip's certificate (VCEK), where the evidence brings none; PEM, or "
               "one in DER.");
    table.bind("citadel.crl", settings.crl_file,
               "File with AMD's revocation list for the product, read at every check.");
    table.bind("citadel.requires_crl", settings.requires_crl,
               "Without a current revocation list citadel is refused.");
    table.bind("citadel.recheck", settings.recheck,
               "Evidence is asked for again this often, with a new nonce.", {1'000, 86'400'000});
}

}  // namespace

void bind(base::ConfigTable& table, CitadelClientConfig& config) {
    table.bind("citadel.url", config.url, "Where citadel answers", is_http);
    bind_policy(table, config.evidence);
}

Result<attest::CitadelPolicy> read_policy(EvidenceSettings const& settings) {
    attest::CitadelPolicy policy;
    for (auto const& [name, value] : attest::required_evidence_names)
        if (name == settings.required) policy.required = value;
    if (policy.required == attest::RequiredEvidence::software) return policy;
    for (auto const& text : settings.measurements) {
        attest::ByteArray<48> bytes{};
        if (!crypto::hex_decode_into(text, bytes))
            return unreadable("citadel.measurements: " + text + " is no measurement");
        policy.snp.measurements.push_back(bytes);
    }
    if (policy.snp.measurements.empty())
        return unreadable(
            "citadel.evidence is attested, and citadel.measurements names nothing "
            "that citadel may be (a machine of one's own: citadel.evidence = "
            "software)");
    if (!settings.minimum_tcb.empty()) {
        auto const tcb = attest::parse_tcb(settings.minimum_tcb);
        if (!tcb) return unreadable("citadel.minimum_tcb: " + tcb.error().detail);
        policy.snp.minimum_tcb = *tcb;
    }
    if (settings.vmpl >= 0) policy.snp.vmpl = static_cast<std::uint32_t>(settings.vmpl);
    policy.snp.allows_vlek = settings.allows_vlek;
    policy.snp.allows_smt = settings.allows_smt;
    policy.snp.requires_crl = settings.requires_crl;
    if (auto const o = read_files(settings, policy); !o) return std::unexpected(o.error());
    return policy;
}

}  // namespace obscura::peers
