#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::crypto {

/// PEM texts.
struct CertifiedKey {
    std::string certificate;
    base::Secret private_key;  ///< PKCS #8, not encrypted
};

struct CertificateRequest {
    std::string common_name;
    std::string uri;                     ///< who it is: "spiffe://obscura/conductor"
    std::vector<std::string> names;      ///< DNS names that it answers at
    std::vector<std::string> addresses;  ///< and IP addresses
    base::Timestamp not_before{}, not_after{};
};

/// A certificate authority of one's own (RFC 5280), for services among themselves: P-256, ECDSA
/// with SHA-256, certificates for both ends of a connection. Any thread may use one.
class CertificateIssuer {
public:
    /// A new key, and a root certificate for it that signs leaves and nothing below them.
    [[nodiscard]] static CertificateIssuer make(std::string_view common_name,
                                                base::Timestamp not_before,
                                                base::Timestamp not_after, base::Random& random);
    /// invalid_argument for what is no authority's certificate with its key.
    [[nodiscard]] static base::Result<CertificateIssuer> from_pem(std::string_view certificate,
                                                                  base::Secret const& private_key);
    ~CertificateIssuer();
    CertificateIssuer(CertificateIssuer&&) noexcept;
    CertificateIssuer& operator=(CertificateIssuer&&) noexcept;

    /// A certificate for a key that is made for it. invalid_argument for names or addresses that
    /// are none.
    [[nodiscard]] base::Result<CertifiedKey> issue(CertificateRequest const& request,
                                                   base::Random& random) const;
    [[nodiscard]] CertifiedKey to_pem() const;

private:
    struct State;
    explicit CertificateIssuer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// When a certificate in PEM ends; nullopt for what is none.
[[nodiscard]] std::optional<base::Timestamp> certificate_end(std::string_view certificate);

}  // namespace obscura::crypto
