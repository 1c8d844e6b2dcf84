#include "vectors.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace obscura::attest::test {

std::string read_vector(std::string const& path) {
    std::ifstream file(std::string(OBSCURA_TESTS_DIR) + "/vectors/snp/" + path, std::ios::binary);
    if (!file) throw std::runtime_error("no vector " + path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

base::Json const& manifest() {
    static auto const json = base::parse_json(read_vector("manifest.json")).value();
    return json;
}

base::Json const& vector_of(std::string const& id) {
    for (auto const& vector : manifest()["vectors"].as_array())
        if (vector["id"] == base::Json(id)) return vector;
    throw std::runtime_error("no set " + id);
}

SnpReport report_of(std::string const& path) {
    return parse_snp_report(crypto::as_bytes(read_vector(path))).value();
}

std::vector<Certificate> certificates_of(std::vector<std::string> const& paths) {
    std::vector<Certificate> all;
    for (auto const& path : paths)
        for (auto const& certificate : read_certificates(read_vector(path)).value())
            all.push_back(certificate);
    return all;
}

SnpEvidence evidence_of(std::string const& id) {
    return {report_of(id + "/report.bin"),
            certificates_of({id + "/" + vector_of(id)["leaf"].as_string()})};
}

std::string verdict(SnpEvidence const& evidence, SnpPolicy const& policy, base::Timestamp at,
                    TrustRoots const& roots, RevocationList const* revocations) {
    auto const appraisal = appraise(evidence, policy, roots, at, revocations);
    return appraisal ? "ok" : appraisal.error().reason;
}

}  // namespace obscura::attest::test
