#pragma once

#include "attest/certificate.hpp"

#include <span>

namespace obscura::attest {

/// Which AMD root key (ARK) is believed for which product: by the SHA-256 of its certificate,
/// whoever brings the certificate itself.
class TrustRoots {
public:
    struct Root {
        Product product;
        crypto::Digest ark_sha256;
    };

    /// AMD's own, compiled in. Nothing at run time adds to them.
    [[nodiscard]] static TrustRoots const& production();
    /// For tests, and for nobody else: evidence that these convince is worth nothing.
    explicit TrustRoots(std::vector<Root> roots) : roots_(std::move(roots)) {}

    [[nodiscard]] bool trusts(Product product, Certificate const& ark) const;

private:
    std::vector<Root> roots_;
};

/// AMD's certificates between a chip's and nothing: ARK, ASK and ASVK of each product, so that
/// evidence need not bring them. They are no anchors.
[[nodiscard]] std::span<Certificate const> amd_certificates();

}  // namespace obscura::attest
