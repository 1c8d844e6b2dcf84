#pragma once

#include "attest/snp_report.hpp"
#include "base/json.hpp"

namespace obscura::attest {

/// What nilCC says of a guest beside its report: unsigned, and so no more than a hint.
struct NilccEnvironment {
    std::string nilcc_version;
    std::string vm_type;  ///< cpu or gpu
    std::int64_t cpu_count = 0;
};
struct NilccReport {
    SnpReport report;
    std::optional<NilccEnvironment> environment;
};

/// The answer of nilCC's `/nilcc/api/v2/report` (nilcc-attester, routes/v2/report.rs), or its
/// member `report` alone. The bytes are `raw_report` where it is there, and those that the fields
/// make otherwise; where both are there they must be the same. invalid_argument: "json" with the
/// fields that are wrong, "json_disagrees", or those of parse_snp_report.
[[nodiscard]] base::Result<NilccReport> parse_nilcc_report(base::Json const& json);

}  // namespace obscura::attest
