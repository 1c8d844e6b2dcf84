#include "store/detail/redis_address.hpp"
#include "store/detail/redis_reader.hpp"

#include <gtest/gtest.h>

namespace obscura::store {
namespace {

using Type = RedisReply::Type;

TEST(RedisReader, ReadsEveryTypeByteByByte) {
    RedisReader reader;
    std::vector<RedisReply> replies;
    std::string_view const bytes =
        "+OK\r\n-ERR "
        "no\r\n:-7\r\n$3\r\na\r\n\r\n$-1\r\n*-1\r\n*0\r\n*2\r\n$1\r\nx\r\n*2\r\n:1\r\n$-1\r\n";
    for (char const c : bytes) {
        reader.feed({&c, 1});
        while (auto reply = reader.next()) replies.push_back(std::move(*reply));
    }
    ASSERT_EQ(replies.size(), 8U);
    EXPECT_EQ(replies[0].type, Type::status);
    EXPECT_EQ(replies[0].text, "OK");
    EXPECT_TRUE(replies[1].is_error());
    EXPECT_EQ(replies[1].text, "ERR no");
    EXPECT_EQ(replies[2].integer, -7);
    EXPECT_EQ(replies[3].type, Type::bulk);
    EXPECT_EQ(replies[3].text, "a\r\n");
    EXPECT_TRUE(replies[4].is_nil());
    EXPECT_TRUE(replies[5].is_nil());
    EXPECT_EQ(replies[6].type, Type::array);
    EXPECT_TRUE(replies[6].items.empty());
    ASSERT_EQ(replies[7].items.size(), 2U);
    ASSERT_EQ(replies[7].items[1].items.size(), 2U);
    EXPECT_EQ(replies[7].items[1].items[0].integer, 1);
    EXPECT_TRUE(replies[7].items[1].items[1].is_nil());
}

TEST(RedisReader, RefusesNonsenseAndBombs) {
    RedisReader nonsense;
    nonsense.feed("HTTP/1.1 200 OK\r\n");
    EXPECT_THROW(static_cast<void>(nonsense.next()), std::runtime_error);

    RedisReader wide;
    wide.feed("*2147483647\r\n");
    EXPECT_THROW(static_cast<void>(wide.next()), std::runtime_error);

    RedisReader nested;
    nested.feed("*600000\r\n*600000\r\n");
    EXPECT_THROW(static_cast<void>(nested.next()), std::runtime_error);

    RedisReader longest;
    std::string const part(1 << 20, 'x');
    longest.feed("$536870912\r\n");
    EXPECT_THROW(
        {
            for (int i = 0; i < 65; ++i) longest.feed(part);
        },
        std::runtime_error);
}

TEST(RedisReader, TheBudgetIsOneReplysOwn) {
    RedisReader reader;
    std::string bytes = "*600000\r\n";
    for (int i = 0; i < 600'000; ++i) bytes += ":1\r\n";
    for (int i = 0; i < 2; ++i) {
        reader.feed(bytes);
        auto const reply = reader.next();
        ASSERT_TRUE(reply);
        EXPECT_EQ(reply->items.size(), 600'000U);
    }
}

TEST(RedisCommand, IsWrittenWithLengths) {
    std::string out;
    append_command(out, {"SET", "k", "a\r\nb", ""});
    EXPECT_EQ(out, "*4\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\na\r\nb\r\n$0\r\n\r\n");
    EXPECT_THROW(append_command(out, {}), std::logic_error);
}

TEST(RedisUrl, IsTakenApart) {
    auto const full = parse_redis_url("redis://us%40er:p%3A%2F@host.example:6380/3");
    EXPECT_EQ(full.user, "us@er");
    EXPECT_EQ(full.password.reveal(), "p:/");
    EXPECT_EQ(full.host, "host.example");
    EXPECT_EQ(full.port, 6380);
    EXPECT_EQ(full.database, 3);
    auto const least = parse_redis_url("redis://localhost");
    EXPECT_EQ(least.port, 6379);
    EXPECT_EQ(least.database, 0);
    EXPECT_TRUE(least.password.empty());
    auto const six = parse_redis_url("redis://:secret@[::1]:7000/");
    EXPECT_EQ(six.host, "::1");
    EXPECT_EQ(six.port, 7000);
    EXPECT_TRUE(six.user.empty());
    EXPECT_FALSE(six.is_tls);
    EXPECT_TRUE(parse_redis_url("rediss://:secret@[::1]:7000/").is_tls);
    EXPECT_EQ(six.password.reveal(), "secret");
}

TEST(RedisUrl, IsRefusedWithoutQuotingIt) {
    for (std::string_view const url :
         {"", "redis:/h", "Redis://h", "rediss:/h", "redisss://h", "http://h", "redis://",
          "redis://:6379", "redis://h:", "redis://h:x", "redis://h:70000", "redis://h/x",
          "redis://h/-1", "redis://u@h", "redis://u:%4@h", "redis://u:%zz@h", "redis://[::1",
          "redis://[::1]x"}) {
        EXPECT_THROW(static_cast<void>(parse_redis_url(url)), std::invalid_argument) << url;
    }
    try {
        static_cast<void>(parse_redis_url("redis://user:hunter2@h:x"));
    } catch (std::invalid_argument const& e) {
        EXPECT_EQ(std::string_view(e.what()).find("hunter2"), std::string_view::npos);
    }
}

std::string address_refusal(std::string_view url, net::TlsClientConfig const& tls = {}) {
    try {
        static_cast<void>(redis_address({.url = base::Secret(url), .tls = tls}));
        return "";
    } catch (std::exception const& e) {
        return e.what();
    }
}

TEST(RedisAddress, OfThisHostNeedsNoTls) {
    for (std::string_view const url :
         {"redis://localhost", "redis://u:p@127.0.0.1:6380/1", "redis://127.9.9.9", "redis://[::1]",
          "redis://[::ffff:127.0.0.1]"})
        EXPECT_EQ(address_refusal(url), "") << url;
}

TEST(RedisAddress, OfAnotherHostIsRefusedWithoutTls) {
    for (std::string_view const url :
         {"redis://u:hunter2@cache.example:6379", "redis://127.0.0.1.example.com",
          "redis://localhost.evil.com", "redis://0.0.0.0", "redis://10.0.0.1", "redis://[::]",
          "redis://127.0.0.1:hunter2@10.0.0.1", "redis://localhost,cache.example"}) {
        auto const why = address_refusal(url);
        EXPECT_NE(why.find("is on another host"), std::string::npos) << url << ": " << why;
        EXPECT_NE(why.find("rediss://"), std::string::npos) << why;
        EXPECT_NE(why.find("redis.authority"), std::string::npos) << why;
        EXPECT_EQ(why.find("hunter2"), std::string::npos) << why;
    }
}

TEST(RedisAddress, WithTlsNeedsAnAuthorityAndFilesThatFit) {
    std::string_view const url = "rediss://cache.example";
    EXPECT_NE(address_refusal(url).find("redis.authority"), std::string::npos);
    EXPECT_NE(address_refusal(url, {.ca_file = "/nonexistent"}).find("/nonexistent"),
              std::string::npos);
    EXPECT_NE(address_refusal(url, {.ca_file = "/a", .certificate_file = "/c"}).find("go together"),
              std::string::npos);
    EXPECT_NE(address_refusal(url, {.ca_file = "/a", .key_file = "/k"}).find("go together"),
              std::string::npos);
    // Whoever names an authority does not expect a plain connection, on this host either.
    EXPECT_NE(address_refusal("redis://127.0.0.1", {.ca_file = "/a"}).find("rediss://"),
              std::string::npos);
}

}  // namespace
}  // namespace obscura::store
