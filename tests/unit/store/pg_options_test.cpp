#include "store/detail/pg_options.hpp"

#include <gtest/gtest.h>

#include <libpq-fe.h>

namespace obscura::store {
namespace {

std::string const verified = "sslmode=verify-full&sslrootcert=/etc/ca.pem";
net::TlsClientConfig const authority{.ca_file = "/etc/own-ca.pem"};

/// What is refused, or "".
std::string refusal(std::string const& url, net::TlsClientConfig const& tls = {},
                    base::Environment const& environment = {}) {
    try {
        static_cast<void>(pg_options(url, tls, environment));
        return "";
    } catch (std::invalid_argument const& e) {
        return e.what();
    }
}

TEST(PgOptions, ThisHostNeedsNoTls) {
    for (auto const* url :
         {"postgresql://u:p@127.0.0.1:5432/db", "postgresql://u@localhost/db",
          "postgres://[::1]/db", "postgresql://[::ffff:127.0.0.1]/db",
          "postgresql://%2Fvar%2Frun%2Fpostgresql/db", "postgresql:///db",
          "postgresql://127.0.0.1,localhost,[::1]/db", "dbname=db", "", "host=/tmp",
          "host=@abstract", "host=127.0.0.9 hostaddr=127.0.0.1",
          "host=db.example hostaddr=127.0.0.1", "hostaddr=::1", "host=,/tmp,127.0.0.1"}) {
        EXPECT_EQ(refusal(url), "") << url;
    }
    auto const options = pg_options("postgresql://u:p%40@localhost:5433/db", {}, {});
    EXPECT_EQ(options, (PgOptions{{"user", "u"},
                                  {"password", "p@"},
                                  {"host", "localhost"},
                                  {"port", "5433"},
                                  {"dbname", "db"}}));
}

TEST(PgOptions, AnotherHostIsRefusedWithoutVerification) {
    for (auto const* url :
         {"postgresql://u:p@db.example/db", "postgresql://127.0.0.1.example.com/db",
          "postgresql://localhost.evil.com/db", "postgresql://0.0.0.0/db",
          "postgresql://10.0.0.1/db", "postgresql://[::ffff:10.0.0.1]/db",
          "postgresql://127.0.0.1,db.example/db", "postgresql://db.example,127.0.0.1/db",
          "host=/tmp,db.example", "host=@a,10.0.0.1", "postgresql://127.0.0.1/db?host=db.example",
          "postgresql://127.0.0.1/db?hostaddr=10.0.0.1", "host=/tmp hostaddr=10.0.0.1",
          "host=127.0.0.1,127.0.0.1 hostaddr=127.0.0.1,10.0.0.1",
          "postgresql://127%2E0.0.1%2eexample/db", "postgresql://db%2Eexample/db",
          "host='127.0.0.1 '", "host=127.0.0.1,%20localhost", "hostaddr=10.0.0.1"}) {
        auto const why = refusal(url);
        EXPECT_NE(why.find("is on another host"), std::string::npos) << url << ": " << why;
        EXPECT_NE(why.find("database.authority"), std::string::npos) << why;
        EXPECT_NE(why.find("sslmode=verify-full&sslrootcert=FILE"), std::string::npos) << why;
    }
    EXPECT_NE(refusal("postgresql://a.example,b.example/db").find("a.example"), std::string::npos);
}

TEST(PgOptions, OnlyVerifyFullWithAnAuthorityWillDo) {
    std::string const url = "postgresql://u@db.example/db?";
    for (auto const* mode : {"disable", "allow", "prefer", "require", "verify-ca"}) {
        EXPECT_NE(refusal(url + "sslrootcert=/etc/ca.pem&sslmode=" + mode), "") << mode;
        EXPECT_NE(refusal(url + "sslmode=" + mode, authority), "") << mode;
        EXPECT_NE(refusal(url, authority, {{"PGSSLMODE", mode}}), "") << mode;
    }
    EXPECT_NE(refusal(url + "ssl=true&sslrootcert=/etc/ca.pem"), "");
    EXPECT_NE(refusal(url + "sslmode=verify-full"), "");
    EXPECT_NE(refusal(url + "sslrootcert=/etc/ca.pem"), "");
    EXPECT_EQ(refusal(url + verified), "");
    EXPECT_EQ(refusal(url, authority), "");
    EXPECT_EQ(refusal(url + "sslmode=verify-full", authority), "");
    auto const system = refusal(url + "sslmode=verify-full&sslrootcert=system");
    EXPECT_EQ(system.find("libpq 16") != std::string::npos, PQlibVersion() < 160'000) << system;
}

TEST(PgOptions, WhatIsVerifiedIsTls13AndNotGssapi) {
    std::string const weak = "&ssl_min_protocol_version=TLSv1&gssencmode=prefer";
    auto const by_url = pg_options("postgresql://u@db.example/db?" + verified + weak, {}, {});
    EXPECT_EQ(by_url.at("ssl_min_protocol_version"), "TLSv1.3");
    EXPECT_EQ(by_url.at("gssencmode"), "disable");
    EXPECT_EQ(by_url.at("sslrootcert"), "/etc/ca.pem");
    auto const both =
        pg_options("postgresql://u@127.0.0.1/db?sslrootcert=/etc/ca.pem",
                   {.ca_file = "/a.pem", .certificate_file = "/c.pem", .key_file = "/c.key"},
                   {{"PGGSSENCMODE", "require"}, {"PGSSLMINPROTOCOLVERSION", "TLSv1.2"}});
    EXPECT_EQ(both, (PgOptions{{"user", "u"},
                               {"host", "127.0.0.1"},
                               {"dbname", "db"},
                               {"sslmode", "verify-full"},
                               {"sslrootcert", "/a.pem"},
                               {"sslcert", "/c.pem"},
                               {"sslkey", "/c.key"},
                               {"ssl_min_protocol_version", "TLSv1.3"},
                               {"gssencmode", "disable"}}));
}

TEST(PgOptions, TheEnvironmentCountsWhereTheUrlIsSilent) {
    EXPECT_NE(refusal("dbname=db", {}, {{"PGHOST", "db.example"}}), "");
    EXPECT_NE(refusal("postgresql://127.0.0.1/db", {}, {{"PGHOSTADDR", "10.0.0.1"}}), "");
    EXPECT_EQ(refusal("postgresql://127.0.0.1/db", {}, {{"PGHOST", "db.example"}}), "");
    EXPECT_EQ(refusal("postgresql://db.example/db", {},
                      {{"PGSSLMODE", "verify-full"}, {"PGSSLROOTCERT", "/etc/ca.pem"}}),
              "");
    // The URL's own word goes first.
    EXPECT_NE(refusal("postgresql://db.example/db?sslmode=disable", {},
                      {{"PGSSLMODE", "verify-full"}, {"PGSSLROOTCERT", "/etc/ca.pem"}}),
              "");
    auto const options = pg_options("postgresql://127.0.0.1/db", {},
                                    {{"PGUSER", "u"}, {"PGSSLMODE", ""}, {"HOME", "/root"}});
    EXPECT_EQ(options, (PgOptions{{"user", "u"}, {"host", "127.0.0.1"}, {"dbname", "db"}}));
}

TEST(PgOptions, AServiceFileIsRefused) {
    EXPECT_NE(refusal("service=main").find("database.url"), std::string::npos);
    EXPECT_NE(refusal("postgresql://127.0.0.1/db?service=main"), "");
    EXPECT_NE(refusal("postgresql://127.0.0.1/db", {}, {{"PGSERVICE", "main"}}), "");
}

TEST(PgOptions, FilesThatDoNotFitTogetherAreRefused) {
    std::string const url = "postgresql://127.0.0.1/db";
    EXPECT_NE(refusal(url, {.ca_file = "a", .certificate_file = "c"}), "");
    EXPECT_NE(refusal(url, {.ca_file = "a", .key_file = "k"}), "");
    EXPECT_NE(refusal(url, {.certificate_file = "c", .key_file = "k"}), "");
}

TEST(PgOptions, NoRefusalQuotesAPassword) {
    for (auto const* url :
         {"postgresql://u:hunter2@db.example/db", "postgresql://u:hunter2@[::1/db",
          "host=db.example password=hunter2", "host=/tmp password='hunter2",
          "postgresql://u:p@127.0.0.1/db?nonsense=hunter2", "hunter2", "passwort=hunter2",
          "postgresql://u:%zzhunter2@h/db"}) {
        auto const why = refusal(url);
        EXPECT_NE(why, "") << url;
        EXPECT_EQ(why.find("hunter2"), std::string::npos) << why;
    }
}

}  // namespace
}  // namespace obscura::store
