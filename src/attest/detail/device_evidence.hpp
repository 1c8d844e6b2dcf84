#pragma once

#include "attest/evidence_source.hpp"

namespace obscura::attest::detail {

/// AMD's table of certificates (GHCB, "SNP Extended Guest Request"): entries of a GUID, an offset
/// and a length, the last one zero, then what they point at. What is no certificate (revocation
/// lists stand there too) is left out: which is which says the chain, by their names.
[[nodiscard]] base::Result<std::vector<Certificate>> certificates_in_table(crypto::Bytes table);

/// A device's report as evidence, once it is whole and made for what was asked: a device that
/// answers another question says nothing of this one.
[[nodiscard]] base::Result<Evidence> device_evidence(crypto::Bytes report, crypto::Bytes table,
                                                     ReportData const& asked, std::uint32_t vmpl);

}  // namespace obscura::attest::detail
