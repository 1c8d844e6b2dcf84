#pragma once

#include "attest/chain.hpp"

#include <optional>

namespace obscura::attest {

/// "bootloader=4,snp=24": what is not named is 0. Names are those of TcbParts; invalid_argument
/// "tcb_unreadable" for anything else.
[[nodiscard]] base::Result<TcbParts> parse_tcb(std::string_view text);

struct SnpEvidence {
    SnpReport report;
    std::vector<Certificate> certificates;  ///< the leaf's, and what else came with it
};

/// What a verifier asks beyond that AMD's hardware made the report. What is left out is not asked,
/// and the appraisal says so.
struct SnpPolicy {
    std::uint32_t minimum_version = 2;
    bool allows_vlek = false;  ///< a cloud's key in place of the chip's
    bool allows_smt = true;
    std::optional<std::uint32_t> vmpl;  ///< exactly; nilCC's guests report at 1
    std::optional<TcbParts> minimum_tcb;
    std::vector<ByteArray<48>> measurements;  ///< one of these
    std::optional<ByteArray<64>> report_data;
    std::optional<ByteArray<32>> host_data;
    std::vector<ByteArray<64>> chip_ids;  ///< one of these
    bool requires_crl = false;
};

struct SnpAppraisal {
    Product product = Product::milan;
    SigningKey key = SigningKey::vcek;
    std::string cloud;  ///< where a VLEK signed
    TcbParts tcb;
    std::vector<std::string> passed;     ///< checks, in their order
    std::vector<std::string> not_asked;  ///< by the policy, or for want of a revocation list
};

/// Appraises in the order of what may be believed: form, chain, signature, then what was signed.
/// Never reads a clock: `at` is when it has to be valid. invalid_argument whose reason names the
/// check that failed: those of parse_snp_report and build_chain, "report_version", "signing_key",
/// "product", "crl_missing", "crl", "certificate_revoked", "signature", "tcb", "chip_id",
/// "policy_debug", "policy_migration", "policy_reserved", "policy_smt", "vmpl", "minimum_tcb",
/// "measurement", "report_data", "host_data".
[[nodiscard]] base::Result<SnpAppraisal> appraise(SnpEvidence const& evidence,
                                                  SnpPolicy const& policy, TrustRoots const& roots,
                                                  base::Timestamp at,
                                                  RevocationList const* revocations);

}  // namespace obscura::attest
