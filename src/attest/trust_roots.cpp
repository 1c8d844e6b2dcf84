#include "attest/trust_roots.hpp"

#include "attest/detail/amd_certificates.hpp"
#include "crypto/hex.hpp"

#include <algorithm>
#include <stdexcept>

namespace obscura::attest {
namespace {

crypto::Digest pin(std::string_view hex) {
    crypto::Digest digest{};
    if (!crypto::hex_decode_into(hex, digest)) throw std::logic_error("a pin is no SHA-256");
    return digest;
}

std::vector<Certificate> read_all() {
    std::vector<Certificate> all;
    for (auto const text : detail::amd_certificate_texts) {
        auto some = read_certificates(text);
        if (!some) throw std::logic_error("a certificate that is compiled in cannot be read");
        std::ranges::move(*some, std::back_inserter(all));
    }
    return all;
}

}  // namespace

// As google/go-sev-guest and microsoft/TEE-Attestation-Verification have them, independently.
TrustRoots const& TrustRoots::production() {
    static TrustRoots const roots{
        {{Product::milan, pin("69d063b45344d26a2e94e1f4210de49ef555308287d4c174445c95639a540bcd")},
         {Product::genoa, pin("4c6598d19c18719c5dfd4a7d335f674e5bfe1d8f800cea2cf270c10d103db2f1")},
         {Product::turin,
          pin("1f084161a44bb6d93778a904877d4819cafa5d05ef4193b2ded9dd9c73dd3f6a")}}};
    return roots;
}

bool TrustRoots::trusts(Product product, Certificate const& ark) const {
    auto const digest = ark.sha256();
    return std::ranges::any_of(roots_, [&](Root const& root) {
        return root.product == product && root.ark_sha256 == digest;
    });
}

std::span<Certificate const> amd_certificates() {
    static std::vector<Certificate> const all = read_all();
    return all;
}

}  // namespace obscura::attest
