#pragma once

#include "attest/trust_roots.hpp"

namespace obscura::attest {

/// From a chip's or a cloud's certificate to a trusted root of its product: ARK -> ASK -> VCEK, or
/// ARK -> ASVK -> VLEK.
struct Chain {
    Certificate leaf;
    LeafFacts facts;
    Certificate intermediate;
    Certificate root;
};

/// Finds the chain of the one leaf in `certificates`, with AMD's own certificates where they bring
/// none. Names, AMD's extensions, keys (RSA 4096, P-384), signatures (RSASSA-PSS with SHA-384), the
/// root's pin, and validity at `at`. invalid_argument "certificate_leaf", "certificate_extension",
/// "chain", "chain_root", "certificate_time".
[[nodiscard]] base::Result<Chain> build_chain(std::span<Certificate const> certificates,
                                              TrustRoots const& roots, base::Timestamp at);

/// That nothing of the chain is revoked, by a list that its root signed and that is current at
/// `at`. invalid_argument "crl" for a list that says nothing of this chain, "certificate_revoked".
[[nodiscard]] base::Result<void> check_revocation(Chain const& chain, RevocationList const& list,
                                                  base::Timestamp at);

/// ECDSA P-384 with SHA-384 of the leaf's key over the signed part. invalid_argument "signature".
[[nodiscard]] base::Result<void> check_signature(SnpReport const& report, Certificate const& leaf);

}  // namespace obscura::attest
