#include "database.hpp"
#include "support/expect_contains.hpp"
#include "support/forwarder.hpp"
#include "support/issued_certificates.hpp"
#include "support/plain_server.hpp"
#include "tls_front.hpp"

namespace obscura::store::test {
namespace {

using obscura::test::Forwarder;
using obscura::test::IssuedCertificates;
using obscura::test::PlainServer;
using obscura::test::TlsFront;

constexpr Statement session_tls{
    "session_tls",
    "SELECT ssl, coalesce(version, ''), coalesce(client_dn, '') FROM pg_stat_ssl "
    "WHERE pid = pg_backend_pid()"};

/// PostgreSQL with certificates of an authority such as `obscura up` makes. An authority in the
/// settings makes TLS a must on the loopback interface too.
class PostgresOverTls : public Database {
protected:
    PostgresOverTls() { name = server.create_empty_database("tls"); }
    ~PostgresOverTls() override { server.without_tls(); }

    void show(IssuedCertificates::Files const& files) {
        server.use_tls({.certificate = files.certificate,
                        .key = files.key,
                        .client_authority = certificates.authority()});
    }
    [[nodiscard]] PgConfig verified() const {
        auto settings = config();
        settings.connections = 1;
        settings.tls.ca_file = certificates.authority();
        return settings;
    }
    /// The same through another port of this host.
    [[nodiscard]] PgConfig verified_at(std::uint16_t port) const {
        auto settings = verified();
        auto const at = settings.url.rfind(':') + 1;
        settings.url.replace(at, settings.url.find('/', at) - at, std::to_string(port));
        return settings;
    }
    /// Why there is no connection, or "". A busy machine may take its time to try.
    std::string failure(PgConfig settings) {
        auto const pool = open(std::move(settings));
        auto why = run(io, pool->ping(500ms));
        for (int i = 0; i < 60 && !why.empty() && !why.contains("the last try"); ++i)
            why = run(io, pool->ping(500ms));
        pool->close();
        return why;
    }
    std::uint16_t port() const {
        auto const url = server.url(name);
        return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
    }
    IssuedCertificates certificates;
};

TEST_F(PostgresOverTls, TheRightAuthorityConnectsWithTls13) {
    show(certificates.issue());
    auto const pool = open(verified());
    auto const session = query(*pool, session_tls);
    EXPECT_TRUE(session[0].boolean(0));
    EXPECT_EQ(session[0].string(1), "TLSv1.3");
    EXPECT_EQ(session[0].string(2), "");
    // A pipeline that is more than a few records, both ways.
    constexpr Statement echo{"echo", "SELECT $1::text"};
    std::string const large(300'000, 'x');
    transact(*pool, [&](PgTransaction& t) -> net::Task<void> {
        for (int i = 0; i < 20; ++i) t.send(echo, Params().add(large));
        auto const answer = co_await t.run(echo, Params().add(large));
        EXPECT_EQ(answer[0].text(0), large);
    });
    // The URL may say all of it, and name the host of the certificate apart from the address.
    auto by_url = config();
    by_url.url += "?sslmode=verify-full&sslrootcert=" + certificates.authority() +
                  "&host=localhost&hostaddr=127.0.0.1";
    EXPECT_EQ(failure(by_url), "");
}

TEST_F(PostgresOverTls, OurCertificateIsShown) {
    show(certificates.issue());
    auto settings = verified();
    auto const own = certificates.issue({}, {});
    settings.tls.certificate_file = own.certificate;
    settings.tls.key_file = own.key;
    auto const pool = open(std::move(settings));
    EXPECT_EQ(query(*pool, session_tls)[0].string(2), "/CN=server");
}

TEST_F(PostgresOverTls, AServerThatProvesNothingIsRefused) {
    IssuedCertificates others;
    show(others.issue());
    EXPECT_CONTAINS(failure(verified()), "certificate verify failed");
    show(certificates.issue({"db.example"}, {"10.0.0.1"}));
    EXPECT_CONTAINS(failure(verified()), "does not match host name");
    show(certificates.issue({"localhost"}, {"127.0.0.1"}, base::SystemClock{}.now() - 1h));
    EXPECT_CONTAINS(failure(verified()), "certificate verify failed");
    show(certificates.issue());
    EXPECT_EQ(failure(verified()), "");
    auto nobody = verified();
    nobody.tls.ca_file = "/nonexistent";
    EXPECT_THROW(static_cast<void>(open(nobody)), std::runtime_error);
}

TEST_F(PostgresOverTls, OlderVersionsOfTlsAreRefused) {
    auto const files = certificates.issue();
    server.use_tls({.certificate = files.certificate,
                    .key = files.key,
                    .client_authority = "",
                    .newest_version = "TLSv1.2"});
    auto settings = verified();
    settings.url += "?ssl_min_protocol_version=TLSv1.2";
    EXPECT_CONTAINS(failure(settings), "SSL error");
}

/// What libpq asks before anything else: "is there TLS?"
std::string const ssl_request("\0\0\0\x08\x04\xd2\x16\x2f", 8);

void expect_only_requests(std::string_view bytes) {
    ASSERT_FALSE(bytes.empty());
    for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(8, bytes.size())))
        EXPECT_EQ(bytes.substr(0, 8), ssl_request);
}

TEST_F(PostgresOverTls, AServerWithoutTlsGetsNoNameAndNoPassword) {
    Forwarder between(io.get_executor(), port());
    EXPECT_CONTAINS(failure(verified_at(between.port())), "server does not support SSL");
    expect_only_requests(between.up);
    EXPECT_EQ(between.down.find_first_not_of('N'), std::string::npos);
    run(io, between.stop());
}

TEST_F(PostgresOverTls, WhoPretendsThatThereIsNoTlsGetsNothing) {
    // No; an error, which old servers gave; "your password, please".
    for (auto const& answer : {std::string("N"), std::string("E\0\0\0\x0cSFATAL\0\0", 13),
                               std::string("R\0\0\0\x08\0\0\0\x03", 9)}) {
        PlainServer server(io.get_executor(), answer);
        EXPECT_NE(failure(verified_at(server.port())), "");
        ASSERT_FALSE(server.got.empty());
        for (auto const& bytes : server.got) expect_only_requests(bytes);
        run(io, server.stop());
    }
}

TEST_F(PostgresOverTls, RecordsLargerThanLibpqReadsAreReadToTheirEnd) {
    auto const files = certificates.issue();
    TlsFront front(io.get_executor(), port(), files.certificate, files.key);
    {
        auto const pool = open(verified_at(front.port()));
        constexpr Statement rows{"rows",
                                 "SELECT repeat('x', 1000) FROM generate_series(1, 31) UNION ALL "
                                 "SELECT repeat('x', $1)"};
        // Answers of some 32 KiB: the end of one of them is what libpq has no room for.
        for (int last = 0; last <= 1'200; last += 50)
            ASSERT_EQ(query(*pool, rows, Params().add(last)).size(), 32) << last;
        pool->close();
    }
    run(io, front.stop());
}

TEST_F(PostgresOverTls, APoolForAnotherHostIsNotEvenMade) {
    auto settings = config();
    settings.url = "postgresql://obscura_app:hunter2@db.example/obscura";
    EXPECT_THROW(static_cast<void>(open(settings)), std::invalid_argument);
    settings.tls.ca_file = certificates.authority();
    EXPECT_NO_THROW(static_cast<void>(open(settings)));
}

}  // namespace
}  // namespace obscura::store::test
