#pragma once

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <unistd.h>
#include <filesystem>
#include <memory>
#include <string>

namespace obscura::test {

/// A CA of a test's own, and certificates of it, as PEM files that go when it goes.
class TlsAuthority {
public:
    struct Files {
        std::string certificate, key;
    };

    TlsAuthority() : key_(EVP_EC_gen("P-256")), own_(make("Test CA", "", 0, 3600, true)) {
        ca_file_ = path("ca.crt");
        write(ca_file_, own_.get(), nullptr);
    }
    ~TlsAuthority() { std::filesystem::remove_all(folder_); }
    TlsAuthority(TlsAuthority const&) = delete;
    TlsAuthority& operator=(TlsAuthority const&) = delete;

    [[nodiscard]] std::string const& ca_file() const { return ca_file_; }
    /// For `names` ("DNS:localhost,IP:127.0.0.1"), valid from now and so many seconds.
    [[nodiscard]] Files issue(std::string const& names, long from_s = -60, long until_s = 3600) {
        return save(*make("leaf", names, from_s, until_s, false));
    }
    /// For which nobody vouches but itself.
    [[nodiscard]] Files self_signed(std::string const& names) {
        return save(*make("nobody", names, -60, 3600, true));
    }

private:
    struct Free {
        void operator()(X509* it) const { X509_free(it); }
        void operator()(EVP_PKEY* it) const { EVP_PKEY_free(it); }
    };
    using Certificate = std::unique_ptr<X509, Free>;

    [[nodiscard]] std::string path(std::string const& name) {
        std::filesystem::create_directories(folder_);
        return folder_ + "/" + name;
    }
    /// The same key throughout: what differs is who vouches for it, for what and until when.
    [[nodiscard]] Files save(X509& certificate) {
        auto const number = std::to_string(++issued_);
        Files files{path(number + ".crt"), path(number + ".key")};
        write(files.certificate, &certificate, nullptr);
        write(files.key, nullptr, key_.get());
        return files;
    }
    static void write(std::string const& file, X509* certificate, EVP_PKEY* key) {
        auto* const out = std::fopen(file.c_str(), "w");
        if (certificate != nullptr) PEM_write_X509(out, certificate);
        if (key != nullptr) PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
        std::fclose(out);
    }
    static void add(X509* x509, int nid, std::string const& value) {
        auto* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
        X509_add_ext(x509, extension, -1);
        X509_EXTENSION_free(extension);
    }
    [[nodiscard]] Certificate make(std::string const& name, std::string const& names, long from_s,
                                   long until_s, bool is_ca) {
        Certificate out(X509_new());
        auto* const x509 = out.get();
        X509_set_version(x509, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial_);
        X509_gmtime_adj(X509_getm_notBefore(x509), from_s);
        X509_gmtime_adj(X509_getm_notAfter(x509), until_s);
        X509_set_pubkey(x509, key_.get());
        X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                                   reinterpret_cast<unsigned char const*>(name.c_str()), -1, -1, 0);
        X509_set_issuer_name(x509, X509_get_subject_name(is_ca ? x509 : own_.get()));
        add(x509, NID_basic_constraints, is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
        if (!names.empty()) add(x509, NID_subject_alt_name, names);
        X509_sign(x509, key_.get(), EVP_sha256());
        return out;
    }

    static inline int made_ = 0;
    std::string folder_ = ::testing::TempDir() + "obscura-ca-" + std::to_string(::getpid()) + "-" +
                          std::to_string(++made_);
    std::unique_ptr<EVP_PKEY, Free> key_;
    long serial_ = 0;
    Certificate own_;
    std::string ca_file_;
    int issued_ = 0;
};

}  // namespace obscura::test
