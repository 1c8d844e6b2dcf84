#pragma once

#include "attest/citadel_appraisal.hpp"
#include "base/config.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace obscura::peers {

/// What a caller asks of citadel's evidence, as an operator writes it.
struct EvidenceSettings {
    std::string required = "attested";
    std::vector<std::string> measurements;
    std::string minimum_tcb;
    std::int64_t vmpl = -1;
    bool allows_vlek = false;
    bool allows_smt = true;
    std::string certificates_file;
    std::string crl_file;
    bool requires_crl = true;
    std::chrono::milliseconds recheck = std::chrono::minutes(5);
};

struct CitadelClientConfig {
    std::string url = "http://127.0.0.1:8004";
    std::chrono::milliseconds deadline{5'000};  ///< of one call
    EvidenceSettings evidence;
};

/// The same keys for every service that calls citadel: its address and `citadel.evidence`.
void bind(base::ConfigTable& table, CitadelClientConfig& config);

/// The policy, with what its files hold now: a revocation list is renewed under a running process.
/// invalid_argument "policy_unreadable" for a file or a text that is of no use.
[[nodiscard]] base::Result<attest::CitadelPolicy> read_policy(EvidenceSettings const& settings);

}  // namespace obscura::peers
