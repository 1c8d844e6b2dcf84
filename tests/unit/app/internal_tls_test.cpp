#include "app/files.hpp"
#include "app/stack_certificates.hpp"
#include "crypto/certificate_issuer.hpp"
#include "net/server.hpp"
#include "unit/app/temporary_folder.hpp"

#include <gtest/gtest.h>

namespace obscura::app {
namespace {

using namespace std::chrono_literals;

struct CertificatesTest : ::testing::Test {
    test::TemporaryFolder folder;
    StateFolder state{folder.path()};
    base::ManualClock clock{base::Timestamp(std::chrono::seconds(1'790'000'000))};
    base::SeededRandom random{3};

    std::string text(std::string const& name) {
        return read_file(state.file("tls/" + name)).value_or("");
    }
    void make() { make_certificates(state, clock, random); }
};

TEST_F(CertificatesTest, AStackHasThemAndKeepsThem) {
    make();
    auto const authority = text("ca.pem");
    auto const conductor = text("conductor.pem");
    EXPECT_TRUE(crypto::certificate_end(authority));
    for (auto const name : certificate_names) {
        auto const files = certificate_files(state.path(), name);
        EXPECT_TRUE(read_file(files.certificate) && read_file(files.key) &&
                    read_file(files.authority));
    }
    make();
    EXPECT_EQ(text("ca.pem"), authority);
    EXPECT_EQ(text("conductor.pem"), conductor);
}

TEST_F(CertificatesTest, WhatEndsSoonIsReplacedAndTheRestIsNot) {
    make();
    auto const authority = text("ca.pem");
    auto const conductor = text("conductor.pem");
    clock.advance(24h * 300);
    make();
    EXPECT_EQ(text("ca.pem"), authority);
    EXPECT_NE(text("conductor.pem"), conductor);
    auto const renewed = text("conductor.pem");
    clock.advance(24h * 3500);
    make();
    EXPECT_NE(text("ca.pem"), authority);
    EXPECT_NE(text("conductor.pem"), renewed);
}

TEST_F(CertificatesTest, AnAuthorityWithoutItsKeyIsToldAndNotReplaced) {
    make();
    write_file(state.file("tls/ca.key"), "none");
    std::filesystem::remove(state.file("tls/conductor.pem"));
    EXPECT_THROW(make(), std::runtime_error);
}

struct InternalTlsTest : ::testing::Test {
    InternalTls tls{.certificate = "c.pem", .key = "c.key", .authority = "ca.pem"};
    net::ServerConfig http;
};

TEST_F(InternalTlsTest, AServerServesWhomItMust) {
    tls.apply_to(http, {"gateway", "operator"});
    ASSERT_TRUE(http.tls);
    EXPECT_EQ(http.tls->client_ca_file, "ca.pem");
    EXPECT_EQ(http.tls->peers,
              (std::vector<std::string>{"spiffe://obscura/gateway", "spiffe://obscura/operator"}));
}

TEST_F(InternalTlsTest, WithoutItAServerIsOnThisHostOnly) {
    tls = {};
    EXPECT_NO_THROW(tls.apply_to(http, {"gateway"}));
    EXPECT_FALSE(http.tls);
    http.address = "0.0.0.0";
    EXPECT_THROW(tls.apply_to(http, {"gateway"}), std::runtime_error);
    EXPECT_NO_THROW(tls.apply_to(http, {"gateway"}, true));  // nilCC's front ends TLS
    http.address = "127.0.0.1";
    tls.key = "c.key";
    EXPECT_THROW(tls.apply_to(http, {"gateway"}), std::runtime_error);
}

TEST_F(InternalTlsTest, AClientKnowsWhomItCalls) {
    auto const client =
        tls.client({{"citadel", "https://10.0.0.1:8004"}, {"conductor", "http://127.0.0.1:8001"}});
    EXPECT_EQ(client.ca_file, "ca.pem");
    EXPECT_EQ(client.identities,
              (std::map<std::string, std::string>{{"10.0.0.1:8004", "spiffe://obscura/citadel"}}));
    EXPECT_FALSE(is_internal_url("https://citadel.example"));
    EXPECT_FALSE(is_internal_url("http://127.0.0.1:8004"));
    EXPECT_TRUE(is_internal_url("http://citadel.example"));
    EXPECT_TRUE(is_internal_url("ftp://127.0.0.1"));
}

}  // namespace
}  // namespace obscura::app
