#include "store/redis.hpp"
#include "support/coroutine.hpp"
#include "support/expect_contains.hpp"
#include "support/forwarder.hpp"
#include "support/issued_certificates.hpp"
#include "support/plain_server.hpp"
#include "support/private_redis.hpp"
#include "support/run_until.hpp"

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

namespace obscura::store::test {
namespace {

using namespace std::chrono_literals;
using obscura::test::Forwarder;
using obscura::test::IssuedCertificates;
using obscura::test::PlainServer;
using obscura::test::PrivateRedis;
using obscura::test::run;
using obscura::test::run_until;

/// Redis servers that speak TLS alone, and what comes of connecting to them.
class RedisOverTls : public ::testing::Test {
protected:
    [[nodiscard]] PrivateRedis::Tls server_files() {
        auto const files = certificates.issue();
        return {.certificate = files.certificate, .key = files.key, .client_authority = ""};
    }
    [[nodiscard]] RedisConfig config(std::string const& url) const {
        return {
            .url = base::Secret(url), .tls = {.ca_file = certificates.authority()}, .timeout = 20s};
    }
    [[nodiscard]] std::unique_ptr<Redis> open(RedisConfig settings) {
        return std::make_unique<Redis>(io.get_executor(), std::move(settings));
    }
    /// Why no command gets through.
    std::string failure(RedisConfig settings) {
        auto const redis = open(std::move(settings));
        auto const reply = run(io, redis->command({"PING"}));
        redis->close();
        return reply ? "it connected" : reply.error().internal;
    }
    std::string failure(PrivateRedis const& server) { return failure(config(server.url())); }
    std::string ask(Redis& redis, RedisCommand command) {
        auto const reply = run(io, redis.command(std::move(command)));
        return reply ? reply->text : reply.error().internal;
    }

    boost::asio::io_context io;
    IssuedCertificates certificates;
};

TEST_F(RedisOverTls, CommandsPipelinesAndScriptsGoThrough) {
    PrivateRedis const server(server_files());
    auto const redis = open(config(server.url(3)));
    EXPECT_EQ(run(io, redis->ping(20s)), "");
    // More than a record (16 KiB) both ways.
    std::string const large(300'000, 'x');
    EXPECT_EQ(ask(*redis, {"SET", "k", large}), "OK");
    EXPECT_EQ(ask(*redis, {"GET", "k"}), large);
    std::vector<RedisCommand> commands;
    for (int i = 0; i < 5'000; ++i) commands.push_back({"ECHO", std::to_string(i)});
    auto const replies = run(io, redis->pipeline(commands));
    ASSERT_TRUE(replies) << replies.error().internal;
    for (std::size_t i = 0; i < commands.size(); ++i)
        ASSERT_EQ((*replies)[i].text, std::to_string(i));
    auto const script = run(io, redis->script("return ARGV[1]", {}, {"v"}));
    EXPECT_EQ(script.value().text, "v");
    redis->close();
}

TEST_F(RedisOverTls, MessagesGoThroughAndComeBackAfterAKill) {
    PrivateRedis server(server_files());
    auto const redis = open(config(server.url()));
    std::vector<std::string> heard;
    int connected = 0;
    RedisSubscriber subscriber(
        io.get_executor(), config(server.url()), {"news"}, {},
        [&](std::string_view, std::string_view text) { heard.emplace_back(text); },
        [&] { ++connected; });
    run_until(io, [&] { return connected == 1; });
    ask(*redis, {"PUBLISH", "news", "one"});
    run_until(io, [&] { return heard.size() == 1; });
    server.kill9();
    server.restart();
    run_until(io, [&] { return connected == 2; });
    while (!run(io, redis->command({"PUBLISH", "news", "two"}))) io.run_one_for(20ms);
    run_until(io, [&] { return heard.size() == 2; });
    EXPECT_EQ(heard, (std::vector<std::string>{"one", "two"}));
    subscriber.close();
    redis->close();
}

TEST_F(RedisOverTls, AServerThatProvesNothingIsRefusedBeforeThePasswordIsSent) {
    IssuedCertificates others;
    auto const foreign = others.issue();
    auto const elsewhere = certificates.issue({"cache.example"}, {"10.0.0.1"});
    auto const expired =
        certificates.issue({"localhost"}, {"127.0.0.1"}, base::SystemClock{}.now() - 1h);
    struct Case {
        IssuedCertificates::Files files;
        std::string why, authority;
    };
    for (auto const& c :
         {Case{foreign, "issuer", others.authority()}, Case{elsewhere, "IP address mismatch", ""},
          Case{expired, "expired", ""}}) {
        PrivateRedis const server(
            {.certificate = c.files.certificate, .key = c.files.key, .client_authority = ""});
        auto const why = failure(server);
        EXPECT_CONTAINS(why, "The server's certificate does not convince");
        EXPECT_CONTAINS(why, c.why);
        if (c.authority.empty()) continue;
        // Who trusts it finds that nobody has said AUTH before.
        auto settings = config(server.url());
        settings.tls.ca_file = c.authority;
        auto const redis = open(std::move(settings));
        EXPECT_CONTAINS(ask(*redis, {"INFO", "commandstats"}), "cmdstat_auth:calls=1,");
        redis->close();
    }
}

TEST_F(RedisOverTls, TheNameOfTheUrlIsWhatCounts) {
    auto const files = certificates.issue({"localhost"}, {});
    PrivateRedis const server(
        {.certificate = files.certificate, .key = files.key, .client_authority = ""});
    auto const port = std::to_string(server.port());
    auto const by_name = open(config("rediss://:test@localhost:" + port));
    EXPECT_EQ(ask(*by_name, {"ECHO", "x"}), "x");
    by_name->close();
    EXPECT_CONTAINS(failure(config("rediss://:test@127.0.0.1:" + port)), "IP address mismatch");
}

TEST_F(RedisOverTls, OlderVersionsOfTlsAreRefused) {
    auto files = server_files();
    files.protocols = "TLSv1.2";
    PrivateRedis const server(files);
    EXPECT_CONTAINS(failure(server), "TLS with the server failed");
}

TEST_F(RedisOverTls, OurCertificateIsShownWhereItIsAskedFor) {
    auto files = server_files();
    files.client_authority = certificates.authority();
    PrivateRedis const server(files);
    EXPECT_NE(failure(server), "it connected");
    auto settings = config(server.url());
    auto const own = certificates.issue({}, {});
    settings.tls.certificate_file = own.certificate;
    settings.tls.key_file = own.key;
    auto const redis = open(std::move(settings));
    EXPECT_EQ(ask(*redis, {"ECHO", "x"}), "x");
    redis->close();
    auto mixed = config(server.url());
    mixed.tls.certificate_file = own.certificate;
    mixed.tls.key_file = files.key;
    EXPECT_THROW(static_cast<void>(open(std::move(mixed))), std::runtime_error);
}

/// Nothing but a ClientHello, and maybe an alert: records of TLS, none of application data.
void expect_only_tls(std::string const& bytes) {
    EXPECT_TRUE(bytes.starts_with(std::string("\x16\x03", 2))) << bytes;
    for (auto const* word : {"AUTH", "default", "test", "PING"})
        EXPECT_EQ(bytes.find(word), std::string::npos) << word;
}

TEST_F(RedisOverTls, APlainServerGetsNoPassword) {
    for (auto const* answer : {"-ERR Protocol error\r\n", "+OK\r\n+PONG\r\n", ""}) {
        PlainServer server(io.get_executor(), answer);
        auto settings = config("rediss://default:test@127.0.0.1:" + std::to_string(server.port()));
        settings.timeout = 1s;
        EXPECT_NE(failure(std::move(settings)), "it connected");
        ASSERT_FALSE(server.got.empty());
        for (auto const& bytes : server.got) expect_only_tls(bytes);
        run(io, server.stop());
    }
    Forwarder between(io.get_executor(), static_cast<std::uint16_t>(PrivateRedis::shared().port()));
    auto settings = config("rediss://default:test@127.0.0.1:" + std::to_string(between.port()));
    settings.timeout = 1s;
    EXPECT_NE(failure(std::move(settings)), "it connected");
    expect_only_tls(between.up);
    run(io, between.stop());
}

TEST_F(RedisOverTls, WhoStandsBetweenSeesNothingAndChangesNothing) {
    PrivateRedis const server(server_files());
    Forwarder between(io.get_executor(), static_cast<std::uint16_t>(server.port()));
    auto const redis =
        open(config("rediss://default:test@127.0.0.1:" + std::to_string(between.port())));
    EXPECT_EQ(ask(*redis, {"SET", "k", "a secret of the test"}), "OK");
    EXPECT_EQ((between.up + between.down).find("a secret of the test"), std::string::npos);
    between.on_piece = [](std::string& piece, bool is_up) {
        if (!is_up) piece.back() = static_cast<char>(piece.back() ^ 1);
        return true;
    };
    EXPECT_CONTAINS(ask(*redis, {"GET", "k"}), "TLS with the server failed");
    between.on_piece = nullptr;
    redis->close();
    run(io, between.stop());
}

}  // namespace
}  // namespace obscura::store::test
