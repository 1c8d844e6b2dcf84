#pragma once

#include "attest/snp_appraisal.hpp"

#include <string>
#include <vector>

namespace obscura::app {

/// Nothing of this kind is as large.
inline constexpr std::size_t max_evidence_file = 1 << 20;

/// Evidence as people keep it: a report (1,184 bytes, the same in hex, nilCC's JSON, or citadel's
/// answer at /attestation) and, beside it or in `certificates`, what signed it. `path` is the
/// report's file, or a folder with `report.bin`, `report.hex` or `report.json` and any of `vcek`,
/// `vlek`, `ask`, `asvk`, `ark`, `cert_chain`
/// (`.pem` or `.der`). invalid_argument: "evidence_missing", "software" for evidence that no
/// hardware has signed, or a reason of the parsers in attest. Throws std::system_error for a file
/// that cannot be read, or is too large.
[[nodiscard]] base::Result<attest::SnpEvidence> read_evidence(
    std::string const& path, std::vector<std::string> const& certificates);

}  // namespace obscura::app
