#include "attest/certificate.hpp"

#include "attest/detail/openssl.hpp"
#include "attest/detail/refusal.hpp"

#include <algorithm>

namespace obscura::attest {
namespace {

constexpr std::size_t max_certificates = 16;
constexpr std::size_t max_size = 64 * 1024;  // of a file with certificates

std::unexpected<base::Error> unreadable(std::string detail) {
    ERR_clear_error();
    return refused("certificate_unreadable", std::move(detail));
}

std::shared_ptr<X509> own(X509* certificate) {
    return {certificate, [](X509* c) { X509_free(c); }};
}

bool is_pem(std::string_view text) { return text.find("-----BEGIN ") != text.npos; }

}  // namespace

base::Result<Certificate> Certificate::from_der(crypto::Bytes der) {
    auto const* position = der.data();
    auto* const read = d2i_X509(nullptr, &position, static_cast<long>(der.size()));
    if (read == nullptr) return unreadable("not an X.509 certificate");
    Certificate certificate(own(read));
    if (position != der.data() + der.size()) return unreadable("bytes follow the certificate");
    return certificate;
}

std::string Certificate::common_name() const {
    auto const* const name = X509_get_subject_name(get());
    auto const at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    if (at < 0) return "";
    auto const* const text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
    return {reinterpret_cast<char const*>(ASN1_STRING_get0_data(text)),
            static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::vector<std::uint8_t> Certificate::der() const {
    auto const size = i2d_X509(get(), nullptr);
    if (size <= 0) throw std::runtime_error("openssl: a certificate cannot be written");
    std::vector<std::uint8_t> out(static_cast<std::size_t>(size));
    auto* to = out.data();
    (void)i2d_X509(get(), &to);
    return out;
}

std::vector<std::uint8_t> Certificate::public_key() const {
    auto* const key = X509_get_X509_PUBKEY(get());
    auto const size = i2d_X509_PUBKEY(key, nullptr);
    if (size <= 0) throw std::runtime_error("openssl: a public key cannot be written");
    std::vector<std::uint8_t> out(static_cast<std::size_t>(size));
    auto* to = out.data();
    (void)i2d_X509_PUBKEY(key, &to);
    return out;
}

crypto::Digest Certificate::sha256() const { return crypto::sha256(crypto::Bytes(der())); }

bool Certificate::names_as_issuer(Certificate const& other) const {
    return X509_NAME_cmp(X509_get_issuer_name(get()), X509_get_subject_name(other.get())) == 0;
}

base::Result<std::vector<Certificate>> read_certificates(std::string_view text) {
    if (text.size() > max_size) return unreadable("more than 64 KiB of certificates");
    std::vector<Certificate> all;
    if (!is_pem(text)) {
        auto one = Certificate::from_der(crypto::as_bytes(text));
        if (!one) return std::unexpected(one.error());
        all.push_back(std::move(*one));
        return all;
    }
    auto const reader = detail::reader_of(text);
    while (auto* const read = PEM_read_bio_X509(reader.get(), nullptr, nullptr, nullptr)) {
        all.push_back(Certificate(own(read)));
        if (all.size() > max_certificates) return unreadable("more than 16 certificates");
    }
    // The end of the text is told as a missing first line.
    bool const is_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (!is_end || all.empty()) return unreadable("PEM that holds no certificate");
    return all;
}

base::Result<RevocationList> RevocationList::read(std::string_view text) {
    auto const reader = detail::reader_of(text);
    auto* const list = is_pem(text) ? PEM_read_bio_X509_CRL(reader.get(), nullptr, nullptr, nullptr)
                                    : d2i_X509_CRL_bio(reader.get(), nullptr);
    ERR_clear_error();
    if (list == nullptr) return refused("crl_unreadable", "not a revocation list of X.509");
    return RevocationList({list, [](X509_CRL* l) { X509_CRL_free(l); }});
}

}  // namespace obscura::attest
