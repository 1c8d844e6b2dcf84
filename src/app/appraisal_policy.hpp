#pragma once

#include "custody/release_policy.hpp"

#include <optional>
#include <string>
#include <vector>

namespace obscura::app {

/// A policy file (docs/keys.md) with the files that it names: what a key holder releases to, and
/// what an auditor vouches for.
struct AppraisalPolicy {
    /// Throws std::runtime_error for a file that is of no use.
    explicit AppraisalPolicy(std::string const& path);
    /// Read anew each time: whoever keeps the list current need not start the process again.
    /// unavailable "crl_missing".
    [[nodiscard]] base::Result<std::optional<attest::RevocationList>> revocations() const;

    custody::ReleasePolicy policy;
    std::vector<attest::Certificate> certificates;
};

}  // namespace obscura::app
