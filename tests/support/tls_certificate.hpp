#pragma once

#include <gtest/gtest.h>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include <unistd.h>

namespace obscura::test {

/// A self-signed certificate for localhost, made for one test run.
struct TlsCertificate {
    std::string certificate_file;
    std::string key_file;

    explicit TlsCertificate(std::string const& name) {
        auto const base =
            ::testing::TempDir() + "obscura-" + std::to_string(::getpid()) + "-" + name;
        certificate_file = base + ".crt";
        key_file = base + ".key";
        auto* const key = EVP_EC_gen("P-256");
        auto* const x509 = X509_new();
        X509_set_version(x509, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
        X509_gmtime_adj(X509_getm_notBefore(x509), -60);
        X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
        X509_set_pubkey(x509, key);
        auto* const subject = X509_get_subject_name(x509);
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                   reinterpret_cast<unsigned char const*>(name.c_str()), -1, -1, 0);
        X509_set_issuer_name(x509, subject);
        add(x509, NID_basic_constraints, "critical,CA:TRUE");
        auto const names = "DNS:localhost,IP:127.0.0.1,URI:spiffe://test/" + name;
        add(x509, NID_subject_alt_name, names.c_str());
        X509_sign(x509, key, EVP_sha256());
        auto* const out = std::fopen(certificate_file.c_str(), "w");
        PEM_write_X509(out, x509);
        std::fclose(out);
        auto* const secret = std::fopen(key_file.c_str(), "w");
        PEM_write_PrivateKey(secret, key, nullptr, nullptr, 0, nullptr, nullptr);
        std::fclose(secret);
        X509_free(x509);
        EVP_PKEY_free(key);
    }
    ~TlsCertificate() {
        std::filesystem::remove(certificate_file);
        std::filesystem::remove(key_file);
    }
    static void add(X509* x509, int nid, char const* value) {
        auto* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
        X509_add_ext(x509, extension, -1);
        X509_EXTENSION_free(extension);
    }
};

}  // namespace obscura::test
