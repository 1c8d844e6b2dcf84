#include "app/evidence_files.hpp"

#include "app/files.hpp"
#include "attest/evidence.hpp"
#include "attest/nilcc_report.hpp"
#include "crypto/hex.hpp"

#include <algorithm>
#include <filesystem>

namespace obscura::app {
namespace {

namespace fs = std::filesystem;

constexpr char const* report_names[] = {"report.bin", "report.hex", "report.json"};
constexpr char const* certificate_names[] = {"vcek", "vlek", "ask", "asvk", "ark", "cert_chain"};

std::unexpected<base::Error> missing(std::string detail) {
    return base::fail(base::Errc::invalid_argument, "evidence_missing", std::move(detail));
}

base::Result<std::string> report_file(std::string const& path) {
    if (!fs::exists(path)) return missing(path + " is not there");
    if (!fs::is_directory(path)) return path;
    for (auto const* name : report_names)
        if (fs::exists(fs::path(path) / name)) return (fs::path(path) / name).string();
    // nilCC's answer as it was saved, under whatever name.
    std::vector<std::string> documents;
    for (auto const& file : fs::directory_iterator(path))
        if (file.path().extension() == ".json") documents.push_back(file.path().string());
    if (documents.size() == 1) return documents.front();
    return missing(path + " holds no report.bin, no report.hex and no one JSON document");
}

/// The saved answer of citadel's `GET /attestation`, with the certificates that came with it.
base::Result<attest::SnpEvidence> shown_by_citadel(base::Json const& json) {
    auto const bound = attest::bound_evidence_from_json(json);
    if (!bound) return std::unexpected(bound.error());
    auto const report = attest::parse_snp_report(bound->evidence.report);
    if (!report) return std::unexpected(report.error());
    return attest::SnpEvidence{*report, bound->evidence.certificates};
}

/// JSON of nilCC's, of citadel's, or of its software evidence.
base::Result<attest::SnpEvidence> report_in_json(std::string_view text) {
    auto const json = base::parse_json(text);
    if (!json) return std::unexpected(json.error());
    if ((*json)["format"] == base::Json("software"))
        return base::fail(base::Errc::invalid_argument, "software",
                          "software evidence: no hardware stands behind it (attested: false)");
    if (json->find("binding") != nullptr) return shown_by_citadel(*json);
    auto report = attest::parse_nilcc_report(*json);
    if (!report) return std::unexpected(report.error());
    return attest::SnpEvidence{report->report, {}};
}

base::Result<attest::SnpEvidence> report_of_bytes(crypto::Bytes bytes) {
    auto const report = attest::parse_snp_report(bytes);
    if (!report) return std::unexpected(report.error());
    return attest::SnpEvidence{*report, {}};
}

base::Result<attest::SnpEvidence> report_in(std::string text) {
    if (text.size() == attest::snp_report_size) return report_of_bytes(crypto::as_bytes(text));
    if (text.starts_with('{')) return report_in_json(text);
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    if (auto const bytes = crypto::hex_decode(text)) return report_of_bytes(*bytes);
    return report_of_bytes(crypto::as_bytes(text));
}

std::vector<std::string> files_beside(std::string const& report) {
    std::vector<std::string> found;
    auto const folder = fs::path(report).parent_path();
    for (auto const* name : certificate_names)
        for (auto const* ending : {".pem", ".der"})
            if (auto const file = folder / (std::string(name) + ending); fs::exists(file))
                found.push_back(file.string());
    return found;
}

}  // namespace

base::Result<attest::SnpEvidence> read_evidence(std::string const& path,
                                                std::vector<std::string> const& certificates) {
    auto const file = report_file(path);
    if (!file) return std::unexpected(file.error());
    auto text = read_file(*file, max_evidence_file);
    if (!text) return missing(*file + " is not there");
    auto evidence = report_in(std::move(*text));
    if (!evidence) return std::unexpected(evidence.error());
    for (auto const& name : certificates.empty() ? files_beside(*file) : certificates) {
        auto const content = read_file(name, max_evidence_file);
        if (!content) return missing(name + " is not there");
        auto some = attest::read_certificates(*content);
        if (!some) {
            some.error().detail = name + ": " + some.error().detail;
            return std::unexpected(some.error());
        }
        std::ranges::move(*some, std::back_inserter(evidence->certificates));
    }
    return evidence;
}

}  // namespace obscura::app
