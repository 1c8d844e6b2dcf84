#pragma once

#include "attest/evidence_source.hpp"
#include "base/json.hpp"
#include "net/task.hpp"

#include <cstddef>
#include <functional>
#include <span>

namespace obscura::citadel {

/// What vouches for this machine, made for these 64 bytes: a document whose `format` says how it is
/// to be appraised (custody/release_policy.hpp). Where the platform binds its evidence to something
/// else (nilCC: to the front's certificate) the bytes are left out of it. The bytes must outlive
/// the call.
using EvidenceSource =
    std::function<net::Task<base::Result<base::Json>>(std::span<std::byte const, 64> report_data)>;

/// Where there is no hardware: `attested: false`, and the bytes themselves.
[[nodiscard]] EvidenceSource software_evidence();
/// Of hardware, with certificates that its host does not give. `source` must outlive it.
[[nodiscard]] EvidenceSource release_evidence(attest::EvidenceSource& source,
                                              std::vector<attest::Certificate> certificates);

}  // namespace obscura::citadel
