#include "synthetic_amd.hpp"

#include "attest/detail/openssl.hpp"
#include "vectors.hpp"

#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <algorithm>

namespace obscura::attest::test {
namespace {

using attest::detail::check;
using Key = std::shared_ptr<EVP_PKEY>;
using Octets = std::unique_ptr<ASN1_OCTET_STRING, attest::detail::Freed<ASN1_OCTET_STRING_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, attest::detail::Freed<X509_EXTENSION_free>>;

void must(int result) {
    if (result != 1) throw std::runtime_error("openssl");
}
Key own(EVP_PKEY* key) {
    return {check(key), [](EVP_PKEY* k) { EVP_PKEY_free(k); }};
}

std::time_t seconds(base::Timestamp at) {
    return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

void name(X509_NAME* to, std::string const& common_name) {
    must(X509_NAME_add_entry_by_txt(
        to, "O", MBSTRING_ASC, reinterpret_cast<unsigned char const*>("Synthetic"), -1, -1, 0));
    must(X509_NAME_add_entry_by_txt(to, "CN", MBSTRING_ASC,
                                    reinterpret_cast<unsigned char const*>(common_name.c_str()), -1,
                                    -1, 0));
}

void add(X509* certificate, std::string const& oid, std::vector<std::uint8_t> const& content,
         bool is_critical = false) {
    attest::detail::Object const object(check(OBJ_txt2obj(oid.c_str(), 1)));
    Octets const octets(check(ASN1_OCTET_STRING_new()));
    must(ASN1_OCTET_STRING_set(octets.get(), content.data(), static_cast<int>(content.size())));
    Extension const extension(check(
        X509_EXTENSION_create_by_OBJ(nullptr, object.get(), is_critical ? 1 : 0, octets.get())));
    must(X509_add_ext(certificate, extension.get(), -1));
}

std::vector<std::uint8_t> integer(std::uint8_t value) {
    if (value > 127) return {2, 2, 0, value};
    return {2, 1, value};
}
std::vector<std::uint8_t> ia5(std::string const& text) {
    std::vector<std::uint8_t> out{0x16, static_cast<std::uint8_t>(text.size())};
    out.insert(out.end(), text.begin(), text.end());
    return out;
}

void set_pss(EVP_MD_CTX* context, EVP_PKEY* key) {
    EVP_PKEY_CTX* settings = nullptr;
    must(EVP_DigestSignInit(context, &settings, EVP_sha384(), nullptr, key));
    must(EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING));
    must(EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, 48));
}

std::shared_ptr<X509> begin(std::string const& subject, std::string const& issuer, EVP_PKEY* key,
                            long serial) {
    std::shared_ptr<X509> certificate(check(X509_new()), [](X509* c) { X509_free(c); });
    must(X509_set_version(certificate.get(), 2));
    must(ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial));
    check(ASN1_TIME_set(X509_getm_notBefore(certificate.get()), seconds(in_2026)));
    check(ASN1_TIME_adj(X509_getm_notAfter(certificate.get()), seconds(in_2026),
                        365 * SyntheticAmd::years, 0));
    name(X509_get_subject_name(certificate.get()), subject);
    name(X509_get_issuer_name(certificate.get()), issuer);
    must(X509_set_pubkey(certificate.get(), key));
    return certificate;
}

Certificate finish(X509* certificate, EVP_PKEY* issuers_key, bool is_pkcs1 = false) {
    attest::detail::DigestContext const context(check(EVP_MD_CTX_new()));
    if (is_pkcs1)
        must(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, issuers_key));
    else
        set_pss(context.get(), issuers_key);
    if (X509_sign_ctx(certificate, context.get()) <= 0) throw std::runtime_error("openssl: sign");
    unsigned char* der = nullptr;
    auto const size = i2d_X509(certificate, &der);
    auto const read = Certificate::from_der({der, static_cast<std::size_t>(size)});
    OPENSSL_free(der);
    return read.value();
}

Certificate authority(std::string const& subject, std::string const& issuer, EVP_PKEY* key,
                      EVP_PKEY* issuers_key, long serial, bool is_authority = true) {
    auto const certificate = begin(subject, issuer, key, serial);
    // CA:TRUE, critical.
    if (is_authority) add(certificate.get(), "2.5.29.19", {0x30, 0x03, 0x01, 0x01, 0xff}, true);
    return finish(certificate.get(), issuers_key);
}

struct LevelPlace {
    char const* number;
    std::size_t place;
};

std::vector<LevelPlace> level_places(Product product) {
    if (product == Product::turin)
        return {{".3.9", 0}, {".3.1", 1}, {".3.2", 2}, {".3.3", 3},
                {".3.5", 4}, {".3.6", 5}, {".3.7", 6}, {".3.8", 7}};
    return {{".3.1", 0}, {".3.2", 1}, {".3.4", 2}, {".3.5", 3},
            {".3.6", 4}, {".3.7", 5}, {".3.3", 6}, {".3.8", 7}};
}

std::vector<std::uint8_t> chip_of(Product product) {
    std::vector<std::uint8_t> chip(product == Product::turin ? 8 : 64);
    for (std::size_t i = 0; i < chip.size(); ++i) chip[i] = static_cast<std::uint8_t>(4 + i);
    return chip;
}

}  // namespace

SyntheticAmd& SyntheticAmd::shared(Product product) {
    static SyntheticAmd all[] = {SyntheticAmd(Product::milan), SyntheticAmd(Product::genoa),
                                 SyntheticAmd(Product::turin)};
    return all[static_cast<int>(product)];
}

SyntheticAmd::SyntheticAmd(Product product) : product_(product) {
    // One RSA key a role serves all products: it is the names that differ.
    static Key const keys[] = {own(EVP_RSA_gen(4096)), own(EVP_RSA_gen(4096)),
                               own(EVP_RSA_gen(4096))};
    ark_key_ = keys[0];
    ask_key_ = keys[1];
    asvk_key_ = keys[2];
    leaf_key_ = own(EVP_EC_gen("P-384"));
    p256_key_ = own(EVP_EC_gen("P-256"));
    std::string const of(to_string(product));
    auto const ark = "ARK-" + of;
    authorities_ = {authority(ark, ark, ark_key_.get(), ark_key_.get(), 1),
                    authority("SEV-" + of, ark, ask_key_.get(), ark_key_.get(), 2),
                    authority("SEV-VLEK-" + of, ark, asvk_key_.get(), ark_key_.get(), 3)};
}

TrustRoots SyntheticAmd::roots() const {
    return TrustRoots({{product_, authorities_[0].sha256()}});
}

Certificate SyntheticAmd::leaf(Spec const& spec, EVP_PKEY* key, EVP_PKEY* ask_key) {
    auto const& c = spec.certificate;
    std::string const of(to_string(product_));
    auto const subject =
        !c.common_name.empty() ? c.common_name : (c.is_vlek ? "SEV-VLEK" : "SEV-VCEK");
    auto const issuer = (c.is_vlek ? "SEV-VLEK-" : "SEV-") + of;
    auto const certificate = begin(subject, issuer, key, 0);
    std::map<std::string, std::vector<std::uint8_t>> extensions{
        {".1", integer(0)}, {".2", ia5(c.product_name.value_or(c.is_vlek ? of : of + "-B0"))}};
    auto const tcb = TcbVersion::from(spec.tcb, product_);
    for (auto const& [number, place] : level_places(product_))
        extensions[number] = integer(tcb.bytes[place]);
    for (auto const& [number, content] : c.levels)
        extensions[number] = {content.begin(), content.end()};
    if (c.is_vlek)
        extensions[".5"] = ia5("CN=cloud.example");
    else
        extensions[".4"] = c.chip_id.value_or(chip_of(product_));
    for (auto const& number : c.without) extensions.erase(number);
    for (auto const& [number, content] : extensions)
        add(certificate.get(), "1.3.6.1.4.1.3704.1" + number, content);
    if (!c.twice.empty())
        add(certificate.get(), "1.3.6.1.4.1.3704.1" + c.twice, extensions[c.twice]);
    if (c.is_authority) add(certificate.get(), "2.5.29.19", {0x30, 0x03, 0x01, 0x01, 0xff}, true);
    if (c.is_critical) add(certificate.get(), "1.3.6.1.4.1.3704.99", {5, 0}, true);
    bool const by_asvk = c.is_vlek != c.by_other_authority;
    return finish(certificate.get(), by_asvk ? asvk_key_.get() : ask_key, c.is_pkcs1);
}

std::vector<std::uint8_t> SyntheticAmd::report_bytes(Spec const& spec) {
    std::vector<std::uint8_t> bytes(snp_report_size);
    auto put = [&](std::size_t at, std::uint64_t value, std::size_t size) {
        for (std::size_t i = 0; i < size; ++i)
            bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
    };
    auto put_all = [&](std::size_t at, auto const& what) {
        std::ranges::copy(what, bytes.begin() + static_cast<std::ptrdiff_t>(at));
    };
    put(0x000, spec.version, 4);
    put(0x008, spec.policy, 8);
    put(0x030, spec.vmpl, 4);
    put(0x034, 1, 4);
    put(0x040, spec.platform_info, 8);
    put(0x048, spec.certificate.is_vlek ? spec.key_info | 4 : spec.key_info, 4);
    std::ranges::fill_n(bytes.begin() + 0x050, 64, std::uint8_t{0xd0});
    std::ranges::fill_n(bytes.begin() + 0x090, 48, std::uint8_t{0xe0});
    auto const tcb = TcbVersion::from(spec.tcb, product_).bytes;
    for (std::size_t const at : {0x038, 0x180, 0x1E0, 0x1F0}) put_all(at, tcb);
    if (spec.version >= 3) {
        ByteArray<3> const cpu[] = {{0x19, 0x01, 1}, {0x19, 0x11, 1}, {0x1A, 0x02, 1}};
        put_all(0x188, cpu[static_cast<int>(product_)]);
    }
    if (!spec.certificate.is_vlek) put_all(0x1A0, chip_of(product_));
    if (spec.version >= 5) put(0x1F8, 0x1234'5678'9abc'def0, 8);
    if (spec.before_signing) spec.before_signing(bytes);

    attest::detail::DigestContext const context(check(EVP_MD_CTX_new()));
    must(EVP_DigestSignInit(context.get(), nullptr, EVP_sha384(), nullptr, leaf_key_.get()));
    std::vector<std::uint8_t> der(256);
    auto size = der.size();
    must(EVP_DigestSign(context.get(), der.data(), &size, bytes.data(), snp_signed_size));
    auto const* position = static_cast<unsigned char const*>(der.data());
    attest::detail::Signature const signature(
        check(d2i_ECDSA_SIG(nullptr, &position, static_cast<long>(size))));
    must(BN_bn2lebinpad(ECDSA_SIG_get0_r(signature.get()), &bytes[0x2A0], 72) == 72);
    must(BN_bn2lebinpad(ECDSA_SIG_get0_s(signature.get()), &bytes[0x2E8], 72) == 72);
    if (spec.after_signing) spec.after_signing(bytes);
    return bytes;
}

SnpEvidence SyntheticAmd::evidence(Spec const& spec) {
    SnpEvidence evidence{parse_snp_report(report_bytes(spec)).value(), authorities_};
    auto ask_key = ask_key_;
    if (spec.ask != Spec::Ask::good) {
        static Key const weak = own(EVP_RSA_gen(2048));
        std::string const of(to_string(product_));
        if (spec.ask == Spec::Ask::with_2048_bits) ask_key = weak;
        evidence.certificates[1] =
            authority("SEV-" + of, "ARK-" + of, ask_key.get(), ark_key_.get(), 2,
                      spec.ask != Spec::Ask::no_authority);
    }
    auto* const key = spec.certificate.on_p256 ? p256_key_.get() : leaf_key_.get();
    evidence.certificates.push_back(leaf(spec, key, ask_key.get()));
    return evidence;
}

RevocationList SyntheticAmd::crl(bool revokes_ask, bool by_another) {
    return RevocationList::read(crl_der(revokes_ask, by_another)).value();
}

std::string SyntheticAmd::crl_der(bool revokes_ask, bool by_another) {
    std::unique_ptr<X509_CRL, attest::detail::Freed<X509_CRL_free>> const list(
        check(X509_CRL_new()));
    must(X509_CRL_set_version(list.get(), 1));
    must(X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(authorities_[0].get())));
    std::unique_ptr<ASN1_TIME, attest::detail::Freed<ASN1_TIME_free>> const time(
        check(ASN1_TIME_set(nullptr, seconds(in_2026))));
    must(X509_CRL_set1_lastUpdate(list.get(), time.get()));
    check(ASN1_TIME_adj(time.get(), seconds(in_2026), 30, 0));
    must(X509_CRL_set1_nextUpdate(list.get(), time.get()));
    if (revokes_ask) {
        auto* const entry = check(X509_REVOKED_new());
        must(X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(authorities_[1].get())));
        must(X509_REVOKED_set_revocationDate(entry, time.get()));
        must(X509_CRL_add0_revoked(list.get(), entry));
    }
    attest::detail::DigestContext const context(check(EVP_MD_CTX_new()));
    set_pss(context.get(), by_another ? ask_key_.get() : ark_key_.get());
    if (X509_CRL_sign_ctx(list.get(), context.get()) <= 0) throw std::runtime_error("openssl: crl");
    unsigned char* der = nullptr;
    auto const size = i2d_X509_CRL(list.get(), &der);
    std::string text(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return text;
}

}  // namespace obscura::attest::test
