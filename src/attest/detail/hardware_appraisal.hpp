#pragma once

#include "attest/citadel_appraisal.hpp"

namespace obscura::attest::detail {

/// A report that must have been made for `data`, by a policy that says attested: its measurements
/// must name something, and its VMPL is that of the format where it asks for none. Errors as
/// `appraise_citadel` has them.
[[nodiscard]] base::Result<CitadelVerdict> appraise_hardware(Evidence const& evidence,
                                                             ReportData const& data,
                                                             CitadelPolicy const& policy,
                                                             TrustRoots const& roots,
                                                             base::Timestamp at);

}  // namespace obscura::attest::detail
