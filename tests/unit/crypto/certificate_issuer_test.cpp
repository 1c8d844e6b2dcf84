#include "crypto/certificate_issuer.hpp"

#include <gtest/gtest.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace obscura::crypto::test {
namespace {

using namespace std::chrono_literals;

constexpr base::Timestamp now{std::chrono::seconds(1'790'000'000)};

struct CertificateIssuerTest : ::testing::Test {
    base::SeededRandom random{7};
    CertificateIssuer issuer =
        CertificateIssuer::make("a stack's services", now - 1h, now + 24h * 3650, random);
    CertificateRequest request{.common_name = "conductor",
                               .uri = "spiffe://obscura/conductor",
                               .names = {"conductor.example"},
                               .addresses = {"127.0.0.1", "::1"},
                               .not_before = now - 1h,
                               .not_after = now + 24h * 90};

    static X509* read(std::string const& pem) {
        auto* const bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
        auto* const out = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
        BIO_free(bio);
        return out;
    }
    /// X509_V_OK, or why the leaf does not hold under the root at `at`.
    static int verdict(std::string const& root, std::string const& leaf, base::Timestamp at) {
        auto* const store = X509_STORE_new();
        auto* const trusted = read(root);
        auto* const shown = read(leaf);
        X509_STORE_add_cert(store, trusted);
        auto* const context = X509_STORE_CTX_new();
        X509_STORE_CTX_init(context, store, shown, nullptr);
        auto* const param = X509_STORE_CTX_get0_param(context);
        X509_VERIFY_PARAM_set_time(param, std::chrono::system_clock::to_time_t(at));
        X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT);
        (void)X509_verify_cert(context);
        auto const out = X509_STORE_CTX_get_error(context);
        X509_STORE_CTX_free(context);
        X509_STORE_free(store);
        X509_free(trusted);
        X509_free(shown);
        return out;
    }
};

TEST_F(CertificateIssuerTest, WhatItIssuesHoldsUnderItsRootWhileItLasts) {
    auto const leaf = issuer.issue(request, random).value();
    auto const root = issuer.to_pem().certificate;
    EXPECT_EQ(verdict(root, leaf.certificate, now), X509_V_OK);
    EXPECT_EQ(verdict(root, leaf.certificate, now - 2h), X509_V_ERR_CERT_NOT_YET_VALID);
    EXPECT_EQ(verdict(root, leaf.certificate, now + 24h * 91), X509_V_ERR_CERT_HAS_EXPIRED);
    EXPECT_EQ(certificate_end(leaf.certificate), request.not_after);
}

TEST_F(CertificateIssuerTest, NotUnderAnothers) {
    auto const leaf = issuer.issue(request, random).value();
    auto const other =
        CertificateIssuer::make("a stack's services", now - 1h, now + 24h * 3650, random);
    EXPECT_NE(verdict(other.to_pem().certificate, leaf.certificate, now), X509_V_OK);
}

TEST_F(CertificateIssuerTest, ALeafCannotIssue) {
    auto const leaf = issuer.issue(request, random).value();
    EXPECT_FALSE(CertificateIssuer::from_pem(leaf.certificate, leaf.private_key));
}

TEST_F(CertificateIssuerTest, ItComesBackFromItsFiles) {
    auto const files = issuer.to_pem();
    auto const again = CertificateIssuer::from_pem(files.certificate, files.private_key).value();
    auto const leaf = again.issue(request, random).value();
    EXPECT_EQ(verdict(files.certificate, leaf.certificate, now), X509_V_OK);
    auto const stranger = issuer.issue(request, random).value();
    EXPECT_FALSE(CertificateIssuer::from_pem(files.certificate, stranger.private_key));
    EXPECT_FALSE(CertificateIssuer::from_pem("", files.private_key));
    EXPECT_FALSE(CertificateIssuer::from_pem(files.certificate, base::Secret("no key")));
}

TEST_F(CertificateIssuerTest, NamesThatAreNoneAreRefused) {
    auto const refuses = [&](auto spoil) {
        auto bad = request;
        spoil(bad);
        auto const made = issuer.issue(bad, random);
        return !made && made.error().reason == "bad_certificate_names";
    };
    EXPECT_TRUE(refuses([](auto& r) { r.uri = ""; }));
    EXPECT_TRUE(refuses([](auto& r) { r.uri = "a,DNS:b"; }));
    EXPECT_TRUE(refuses([](auto& r) { r.names = {"a,IP:1.2.3.4"}; }));
    EXPECT_TRUE(refuses([](auto& r) { r.addresses = {"300.1.1.1"}; }));
    EXPECT_TRUE(refuses([](auto& r) { r.common_name = ""; }));
}

}  // namespace
}  // namespace obscura::crypto::test
