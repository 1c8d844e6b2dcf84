#pragma once

#include "attest/snp_appraisal.hpp"
#include "base/json.hpp"

#include <string>
#include <vector>

namespace obscura::attest::test {

/// A file of tests/vectors/snp.
[[nodiscard]] std::string read_vector(std::string const& path);
[[nodiscard]] base::Json const& manifest();
/// The manifest's entry of a set.
[[nodiscard]] base::Json const& vector_of(std::string const& id);

[[nodiscard]] SnpReport report_of(std::string const& path);
[[nodiscard]] std::vector<Certificate> certificates_of(std::vector<std::string> const& paths);
/// The set's report and leaf; everything above is compiled in.
[[nodiscard]] SnpEvidence evidence_of(std::string const& id);

/// When the certificates of the sets are valid, but for the VLEK's.
inline base::Timestamp const in_2026 = base::parse_rfc3339("2026-11-01T00:00:00Z").value();

/// "ok", or the check that failed.
[[nodiscard]] std::string verdict(SnpEvidence const& evidence, SnpPolicy const& policy = {},
                                  base::Timestamp at = in_2026,
                                  TrustRoots const& roots = TrustRoots::production(),
                                  RevocationList const* revocations = nullptr);

}  // namespace obscura::attest::test
