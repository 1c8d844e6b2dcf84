#include "attest/chain.hpp"

#include "attest/detail/openssl.hpp"
#include "attest/detail/refusal.hpp"

#include <openssl/x509v3.h>

#include <algorithm>

namespace obscura::attest {
namespace {

constexpr int least_rsa_bits = 4096;

std::time_t seconds_of(base::Timestamp at) {
    return static_cast<std::time_t>(
        std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
}

/// Not before `first`, not after `last`. A time that cannot be read is not in between.
bool is_within(ASN1_TIME const* first, ASN1_TIME const* last, base::Timestamp at) {
    auto when = seconds_of(at);
    return X509_cmp_time(first, &when) < 0 && X509_cmp_time(last, &when) > 0;
}

base::Result<void> check_time(Certificate const& certificate, base::Timestamp at) {
    if (is_within(X509_get0_notBefore(certificate.get()), X509_get0_notAfter(certificate.get()),
                  at))
        return {};
    return refused("certificate_time",
                   certificate.common_name() + " is not valid at " + base::to_rfc3339(at));
}

bool is_signed_by(Certificate const& certificate, Certificate const& issuer) {
    int digest = NID_undef;
    int key = NID_undef;
    bool const known =
        X509_get_signature_info(certificate.get(), &digest, &key, nullptr, nullptr) == 1;
    auto* const issuers_key = X509_get0_pubkey(issuer.get());
    bool const good = known && key == NID_rsassaPss && digest == NID_sha384 &&
                      issuers_key != nullptr && X509_verify(certificate.get(), issuers_key) == 1;
    ERR_clear_error();
    return good;
}

/// Of those that others are signed with.
base::Result<void> check_authority(Certificate const& certificate) {
    auto const name = certificate.common_name();
    auto* const key = X509_get0_pubkey(certificate.get());
    bool const is_strong = key != nullptr && EVP_PKEY_is_a(key, "RSA") == 1 &&
                           EVP_PKEY_get_bits(key) >= least_rsa_bits;
    if (!is_strong) return refused("chain", name + " has no RSA key of 4096 bits");
    if (X509_check_ca(certificate.get()) != 1) return refused("chain", name + " is no authority");
    return {};
}

/// An extension that its author calls critical and that nobody here understands, or one that is
/// malformed.
base::Result<void> check_extensions(Certificate const& certificate) {
    auto const flags = X509_get_extension_flags(certificate.get());
    if ((flags & (EXFLAG_INVALID | EXFLAG_CRITICAL)) == 0) return {};
    return refused("chain", certificate.common_name() + " has an extension that is not understood");
}

base::Result<void> check_leaf_key(Certificate const& leaf) {
    auto* const key = X509_get0_pubkey(leaf.get());
    char group[32] = "";
    std::size_t size = 0;
    bool const is_p384 = key != nullptr && EVP_PKEY_is_a(key, "EC") == 1 &&
                         EVP_PKEY_get_group_name(key, group, sizeof group, &size) == 1 &&
                         std::string_view(group, size) == "secp384r1";
    ERR_clear_error();
    if (!is_p384) return refused("certificate_leaf", "the certificate's key is not on P-384");
    if (X509_check_ca(leaf.get()) == 1)
        return refused("certificate_leaf", "the certificate calls itself an authority");
    return {};
}

bool is_leaf(Certificate const& certificate) {
    return certificate.common_name() == "SEV-VCEK" || certificate.common_name() == "SEV-VLEK";
}

base::Result<Certificate> leaf_in(std::span<Certificate const> certificates) {
    auto const leaf = std::ranges::find_if(certificates, is_leaf);
    if (leaf == certificates.end())
        return refused("certificate_leaf", "no certificate is a chip's (VCEK) or a cloud's (VLEK)");
    // The same may come twice: with the evidence, and from a file of the verifier's.
    auto const is_other = [&](Certificate const& some) {
        return is_leaf(some) && some.sha256() != leaf->sha256();
    };
    if (std::ranges::any_of(certificates, is_other))
        return refused("certificate_leaf", "more than one VCEK or VLEK");
    return *leaf;
}

/// Whoever of this name has signed `certificate`.
base::Result<Certificate> issuer_of(Certificate const& certificate, std::string const& name,
                                    std::span<Certificate const> certificates) {
    bool seen = false;
    for (auto const& some : {certificates, amd_certificates()})
        for (auto const& candidate : some) {
            if (candidate.common_name() != name || !certificate.names_as_issuer(candidate))
                continue;
            seen = true;
            if (is_signed_by(certificate, candidate)) return candidate;
        }
    if (!seen) return refused("chain", certificate.common_name() + " was not issued by " + name);
    return refused("chain",
                   "the signature of " + certificate.common_name() + " is not " + name + "'s");
}

}  // namespace

base::Result<Chain> build_chain(std::span<Certificate const> certificates, TrustRoots const& roots,
                                base::Timestamp at) {
    auto const leaf = leaf_in(certificates);
    if (!leaf) return std::unexpected(leaf.error());
    if (auto const good = check_leaf_key(*leaf); !good) return std::unexpected(good.error());
    auto const facts = leaf_facts(*leaf);
    if (!facts) return std::unexpected(facts.error());
    std::string const product(to_string(facts->product));
    auto const name = (facts->key == SigningKey::vlek ? "SEV-VLEK-" : "SEV-") + product;
    auto const intermediate = issuer_of(*leaf, name, certificates);
    if (!intermediate) return std::unexpected(intermediate.error());
    auto const root = issuer_of(*intermediate, "ARK-" + product, certificates);
    if (!root) return std::unexpected(root.error());
    if (!is_signed_by(*root, *root)) return refused("chain", "the root does not sign itself");
    if (!roots.trusts(facts->product, *root))
        return refused("chain_root", "ARK-" + product + " is not the root that is trusted for it");
    for (auto const* certificate : {&*root, &*intermediate})
        if (auto const good = check_authority(*certificate); !good)
            return std::unexpected(good.error());
    for (auto const* certificate : {&*root, &*intermediate, &*leaf}) {
        if (auto const good = check_extensions(*certificate); !good)
            return std::unexpected(good.error());
        if (auto const good = check_time(*certificate, at); !good)
            return std::unexpected(good.error());
    }
    return Chain{*leaf, *facts, *intermediate, *root};
}

base::Result<void> check_revocation(Chain const& chain, RevocationList const& list,
                                    base::Timestamp at) {
    auto* const crl = list.get();
    bool const is_roots =
        X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(chain.root.get())) == 0 &&
        X509_CRL_verify(crl, X509_get0_pubkey(chain.root.get())) == 1;
    ERR_clear_error();
    if (!is_roots)
        return refused("crl", "the revocation list is not signed by " + chain.root.common_name());
    auto const* const next = X509_CRL_get0_nextUpdate(crl);
    if (next == nullptr || !is_within(X509_CRL_get0_lastUpdate(crl), next, at))
        return refused("crl", "the revocation list is not current at " + base::to_rfc3339(at));
    // It lists what the root has issued; a chip's certificate is not among that.
    X509_REVOKED* entry = nullptr;
    for (auto const* certificate : {&chain.root, &chain.intermediate})
        if (X509_CRL_get0_by_cert(crl, &entry, certificate->get()) == 1)
            return refused("certificate_revoked", certificate->common_name() + " has been revoked");
    return {};
}

base::Result<void> check_signature(SnpReport const& report, Certificate const& leaf) {
    auto number = [](ByteArray<48> const& bytes) {
        return detail::check(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
    };
    detail::Signature const signature(detail::check(ECDSA_SIG_new()));
    (void)ECDSA_SIG_set0(signature.get(), number(report.signature_r), number(report.signature_s));
    unsigned char* der = nullptr;
    auto const size = i2d_ECDSA_SIG(signature.get(), &der);
    std::unique_ptr<unsigned char, decltype([](unsigned char* p) { OPENSSL_free(p); })> const owned(
        der);
    detail::DigestContext const context(detail::check(EVP_MD_CTX_new()));
    auto const message = report.signed_part();
    // Numbers that are zero or beyond the curve's order fail in here.
    bool const good = size > 0 &&
                      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha384(), nullptr,
                                           X509_get0_pubkey(leaf.get())) == 1 &&
                      EVP_DigestVerify(context.get(), der, static_cast<std::size_t>(size),
                                       message.data(), message.size()) == 1;
    ERR_clear_error();
    if (!good)
        return refused("signature", "the report is not signed by the key of its certificate");
    return {};
}

}  // namespace obscura::attest
