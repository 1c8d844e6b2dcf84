#pragma once

#include "attest/snp_report.hpp"
#include "base/clock.hpp"
#include "crypto/hash.hpp"

#include <memory>
#include <string>
#include <vector>

struct x509_st;
struct X509_crl_st;

namespace obscura::attest {

/// An X.509 certificate. Cheap to copy; never changes.
class Certificate {
public:
    /// invalid_argument "certificate_unreadable".
    [[nodiscard]] static base::Result<Certificate> from_der(crypto::Bytes der);

    [[nodiscard]] std::string common_name() const;
    [[nodiscard]] std::vector<std::uint8_t> der() const;
    [[nodiscard]] crypto::Digest sha256() const;  ///< of the DER form
    /// SubjectPublicKeyInfo, DER.
    [[nodiscard]] std::vector<std::uint8_t> public_key() const;
    /// By names alone: says nothing of signatures.
    [[nodiscard]] bool names_as_issuer(Certificate const& other) const;
    [[nodiscard]] x509_st* get() const { return certificate_.get(); }

private:
    friend base::Result<std::vector<Certificate>> read_certificates(std::string_view);
    explicit Certificate(std::shared_ptr<x509_st> certificate)
        : certificate_(std::move(certificate)) {}

    std::shared_ptr<x509_st> certificate_;
};

/// One certificate in DER, or any number in PEM. invalid_argument "certificate_unreadable".
[[nodiscard]] base::Result<std::vector<Certificate>> read_certificates(std::string_view text);

/// What AMD revoked, signed by the root of a product.
class RevocationList {
public:
    /// DER or PEM. invalid_argument "crl_unreadable".
    [[nodiscard]] static base::Result<RevocationList> read(std::string_view text);
    [[nodiscard]] X509_crl_st* get() const { return list_.get(); }

private:
    explicit RevocationList(std::shared_ptr<X509_crl_st> list) : list_(std::move(list)) {}
    std::shared_ptr<X509_crl_st> list_;
};

/// What AMD's extensions of a VCEK (a chip's key) or VLEK (a cloud's key) say; AMD 57230, "VCEK
/// Certificate Extensions".
struct LeafFacts {
    Product product = Product::milan;
    SigningKey key = SigningKey::vcek;
    TcbVersion tcb;
    std::vector<std::uint8_t> chip_id;  ///< 64 bytes, of Turin 8; none in a VLEK
    std::string cloud;                  ///< CSP_ID; of a VLEK alone
};
/// Every extension is required. invalid_argument "certificate_leaf" for a certificate that is none
/// of both, "certificate_extension" for one that is not whole.
[[nodiscard]] base::Result<LeafFacts> leaf_facts(Certificate const& leaf);

}  // namespace obscura::attest
