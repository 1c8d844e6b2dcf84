#include "crypto/certificate_issuer.hpp"

#include "crypto/detail/openssl.hpp"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <span>

namespace obscura::crypto {
namespace {

using detail::check;
using Certificate = std::unique_ptr<X509, detail::Freed<X509_free>>;

Certificate certificate_of(std::string_view pem) {
    detail::Bio const in(
        check(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), "reading a certificate"));
    Certificate out(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
    ERR_clear_error();
    return out;
}

std::string_view text_of(BIO* bio) {
    char* data = nullptr;
    auto const size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
    detail::Bio const out(check(BIO_new(BIO_s_mem()), "BIO_new"));
    check(PEM_write_bio_X509(out.get(), certificate), "writing a certificate");
    return std::string(text_of(out.get()));
}

base::Secret pem_of(EVP_PKEY* key) {
    detail::Bio const out(check(BIO_new(BIO_s_secmem()), "BIO_new"));
    check(PEM_write_bio_PKCS8PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr),
          "writing a key");
    return base::Secret(text_of(out.get()));
}

void set_time(ASN1_TIME* field, base::Timestamp at) {
    auto const seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
    (void)check(ASN1_TIME_set(field, static_cast<time_t>(seconds)), "a certificate's time");
}

/// 16 bytes of chance, positive: RFC 5280 4.1.2.2.
void set_serial(X509* certificate, base::Random& random) {
    std::array<std::uint8_t, 16> serial{};
    random.fill(std::as_writable_bytes(std::span(serial)));
    serial[0] = static_cast<std::uint8_t>((serial[0] & 0x7f) | 0x40);
    std::unique_ptr<BIGNUM, detail::Freed<BN_free>> const number(
        check(BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr), "BN_bin2bn"));
    (void)check(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)), "a serial");
}

void set_subject(X509* certificate, std::string_view common_name) {
    auto* const subject = X509_get_subject_name(certificate);
    check(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                     reinterpret_cast<unsigned char const*>(common_name.data()),
                                     static_cast<int>(common_name.size()), -1, 0),
          "a subject");
}

void add(X509* certificate, X509* issuer, int nid, char const* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    std::unique_ptr<X509_EXTENSION, detail::Freed<X509_EXTENSION_free>> const extension(
        check(X509V3_EXT_conf_nid(nullptr, &context, nid, value), "an extension"));
    check(X509_add_ext(certificate, extension.get(), -1), "an extension");
}

/// What may stand in the text that OpenSSL reads alternative names from.
bool is_plain(std::string_view text) {
    return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-' || c == ':' || c == '/' || c == '_';
    });
}

std::optional<std::string> alternative_names(CertificateRequest const& request) {
    std::string out;
    auto const append = [&](std::string_view kind, std::string_view text) {
        if (!is_plain(text)) return false;
        out += (out.empty() ? "" : ",") + std::string(kind) + ":" + std::string(text);
        return true;
    };
    if (!append("URI", request.uri)) return std::nullopt;
    for (auto const& name : request.names)
        if (!append("DNS", name)) return std::nullopt;
    for (auto const& address : request.addresses) {
        std::unique_ptr<ASN1_OCTET_STRING, detail::Freed<ASN1_OCTET_STRING_free>> const parsed(
            a2i_IPADDRESS(address.c_str()));
        if (!parsed || !append("IP", address)) return std::nullopt;
    }
    return out;
}

Certificate begun(std::string_view common_name, base::Timestamp not_before,
                  base::Timestamp not_after, EVP_PKEY* key, base::Random& random) {
    Certificate out(check(X509_new(), "X509_new"));
    check(X509_set_version(out.get(), X509_VERSION_3), "a version");
    set_serial(out.get(), random);
    set_time(X509_getm_notBefore(out.get()), not_before);
    set_time(X509_getm_notAfter(out.get()), not_after);
    set_subject(out.get(), common_name);
    check(X509_set_pubkey(out.get(), key), "a public key");
    return out;
}

detail::Key new_key() { return detail::Key(check(EVP_EC_gen("P-256"), "a P-256 key")); }

}  // namespace

struct CertificateIssuer::State {
    Certificate certificate;
    detail::Key key;
};

CertificateIssuer::CertificateIssuer(std::unique_ptr<State> state) : state_(std::move(state)) {}
CertificateIssuer::~CertificateIssuer() = default;
CertificateIssuer::CertificateIssuer(CertificateIssuer&&) noexcept = default;
CertificateIssuer& CertificateIssuer::operator=(CertificateIssuer&&) noexcept = default;

CertificateIssuer CertificateIssuer::make(std::string_view common_name, base::Timestamp not_before,
                                          base::Timestamp not_after, base::Random& random) {
    auto key = new_key();
    auto certificate = begun(common_name, not_before, not_after, key.get(), random);
    auto* const x509 = certificate.get();
    check(X509_set_issuer_name(x509, X509_get_subject_name(x509)), "an issuer");
    add(x509, x509, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    add(x509, x509, NID_key_usage, "critical,keyCertSign");
    add(x509, x509, NID_subject_key_identifier, "hash");
    if (X509_sign(x509, key.get(), EVP_sha256()) == 0) detail::broken("X509_sign");
    return CertificateIssuer(std::make_unique<State>(std::move(certificate), std::move(key)));
}

base::Result<CertificateIssuer> CertificateIssuer::from_pem(std::string_view certificate,
                                                            base::Secret const& private_key) {
    auto x509 = certificate_of(certificate);
    auto const pem = private_key.reveal();
    detail::Bio const in(
        check(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), "reading a key"));
    detail::Key key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
    bool const fits = x509 && key && X509_check_ca(x509.get()) == 1 &&
                      X509_check_private_key(x509.get(), key.get()) == 1;
    ERR_clear_error();
    if (!fits)
        return base::fail(base::Errc::invalid_argument, "bad_certificate_authority",
                          "Not an authority's certificate and the key of it, in PEM.");
    return CertificateIssuer(std::make_unique<State>(std::move(x509), std::move(key)));
}

base::Result<CertifiedKey> CertificateIssuer::issue(CertificateRequest const& request,
                                                    base::Random& random) const {
    auto const names = alternative_names(request);
    if (!names || request.common_name.empty() || request.common_name.size() > 64)
        return base::fail(base::Errc::invalid_argument, "bad_certificate_names",
                          "A certificate needs a name, a URI, DNS names and IP addresses.");
    auto const key = new_key();
    auto const certificate =
        begun(request.common_name, request.not_before, request.not_after, key.get(), random);
    auto* const x509 = certificate.get();
    auto* const issuer = state_->certificate.get();
    check(X509_set_issuer_name(x509, X509_get_subject_name(issuer)), "an issuer");
    add(x509, issuer, NID_basic_constraints, "critical,CA:FALSE");
    add(x509, issuer, NID_key_usage, "critical,digitalSignature");
    add(x509, issuer, NID_ext_key_usage, "serverAuth,clientAuth");
    add(x509, issuer, NID_subject_alt_name, names->c_str());
    add(x509, issuer, NID_authority_key_identifier, "keyid");
    if (X509_sign(x509, state_->key.get(), EVP_sha256()) == 0) detail::broken("X509_sign");
    return CertifiedKey{.certificate = pem_of(x509), .private_key = pem_of(key.get())};
}

CertifiedKey CertificateIssuer::to_pem() const {
    return {.certificate = pem_of(state_->certificate.get()),
            .private_key = pem_of(state_->key.get())};
}

std::optional<base::Timestamp> certificate_end(std::string_view certificate) {
    auto const x509 = certificate_of(certificate);
    std::tm parts{};
    if (!x509 || ASN1_TIME_to_tm(X509_get0_notAfter(x509.get()), &parts) != 1) return std::nullopt;
    return base::Timestamp(std::chrono::seconds(timegm(&parts)));
}

}  // namespace obscura::crypto
