#include "store/redis.hpp"
#include "support/coroutine.hpp"
#include "support/private_redis.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

namespace obscura::store::test {
namespace {

using namespace std::chrono_literals;
using obscura::test::PrivateRedis;
using obscura::test::run;
using Reply = base::Result<RedisReply>;

class RedisServer : public ::testing::Test {
protected:
    RedisServer() { must({"FLUSHALL"}); }
    [[nodiscard]] std::unique_ptr<Redis> open(RedisConfig config) {
        return std::make_unique<Redis>(io.get_executor(), std::move(config));
    }
    Reply ask(RedisCommand command) { return run(io, redis->command(std::move(command))); }
    RedisReply must(RedisCommand command) {
        auto reply = ask(std::move(command));
        EXPECT_TRUE(reply) << reply.error().internal;
        return reply ? std::move(*reply) : RedisReply{};
    }
    void run_until(std::function<bool()> const& condition) {
        io.restart();
        while (!condition()) {
            ASSERT_GT(io.run_one_for(30s), 0U) << "the loop ran dry or hangs";
        }
    }
    /// Asks until the connection is back.
    void reconnect() {
        auto const deadline = std::chrono::steady_clock::now() + 20s;
        while (!ask({"PING"})) {
            ASSERT_LT(std::chrono::steady_clock::now(), deadline);
            io.run_one_for(20ms);
        }
    }
    static net::Task<void> keep(net::Task<Reply> task, std::optional<Reply>& out) {
        out = co_await std::move(task);
    }
    void start(RedisCommand command, std::optional<Reply>& out) {
        boost::asio::co_spawn(io, keep(redis->command(std::move(command)), out),
                              boost::asio::detached);
    }

    boost::asio::io_context io;
    PrivateRedis& server = PrivateRedis::shared();
    std::unique_ptr<Redis> redis = open({.url = base::Secret(server.url())});
};

TEST_F(RedisServer, TheFirstCommandWaitsForTheConnection) {
    auto const fresh = open({.url = base::Secret(server.url())});
    EXPECT_TRUE(run(io, fresh->command({"PING"})));
    EXPECT_EQ(run(io, fresh->ping(1s)), "");
}

TEST_F(RedisServer, ValuesAndErrorsComeBackAsTheyAre) {
    std::string const value("a\r\n\0\xff", 5);
    EXPECT_EQ(must({"SET", "k", value}).text, "OK");
    EXPECT_EQ(must({"GET", "k"}).text, value);
    EXPECT_TRUE(must({"GET", "none"}).is_nil());
    EXPECT_EQ(must({"INCR", "n"}).integer, 1);
    auto const wrong = must({"INCR", "k"});
    EXPECT_TRUE(wrong.is_error());
    EXPECT_EQ(must({"RPUSH", "l", "1", "2"}).integer, 2);
    EXPECT_EQ(must({"LRANGE", "l", "0", "-1"}).items.size(), 2U);
}

TEST_F(RedisServer, TheDatabaseOfTheUrlIsSelected) {
    must({"SET", "k", "zero"});
    auto const other = open({.url = base::Secret(server.url(3))});
    auto const reply = run(io, other->command({"GET", "k"}));
    ASSERT_TRUE(reply);
    EXPECT_TRUE(reply->is_nil());
}

TEST_F(RedisServer, AWrongPasswordIsUnavailableAndNotShown) {
    auto url = server.url();
    url.replace(url.find(":test@"), 6, ":hunter2@");
    auto const stranger = open({.url = base::Secret(url)});
    auto const reply = run(io, stranger->command({"PING"}));
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, base::Errc::unavailable);
    EXPECT_NE(reply.error().internal.find("WRONGPASS"), std::string::npos)
        << reply.error().internal;
    EXPECT_EQ(reply.error().internal.find("hunter2"), std::string::npos);
}

TEST_F(RedisServer, APipelineKeepsItsOrderAmongOthers) {
    std::vector<RedisCommand> commands;
    for (int i = 0; i < 5'000; ++i) commands.push_back({"ECHO", std::to_string(i)});
    std::array<std::optional<Reply>, 3> others;
    start({"ECHO", "before"}, others[0]);
    start({"ECHO", "too"}, others[1]);
    auto const replies = run(io, redis->pipeline(commands));
    ASSERT_TRUE(replies);
    ASSERT_EQ(replies->size(), commands.size());
    for (int i = 0; i < 5'000; ++i) {
        ASSERT_EQ((*replies)[static_cast<std::size_t>(i)].text, std::to_string(i));
    }
    run_until([&] { return others[0] && others[1]; });
    EXPECT_EQ((**others[0]).text, "before");
    EXPECT_EQ((**others[1]).text, "too");
    EXPECT_TRUE(run(io, redis->pipeline({}))->empty());
}

TEST_F(RedisServer, SendDoesNotWaitAndKeepsItsPlace) {
    redis->send({"SET", "k", "sent"});
    redis->send({"INCR", "k"});  // an error nobody waits for
    EXPECT_EQ(must({"GET", "k"}).text, "sent");
}

TEST_F(RedisServer, TooMuchUnderWayIsRefusedAtOnce) {
    auto const small = open({.url = base::Secret(server.url()), .max_pending = 2});
    EXPECT_FALSE(run(io, small->pipeline({{"PING"}, {"PING"}, {"PING"}})));
    EXPECT_TRUE(run(io, small->pipeline({{"PING"}, {"PING"}})));
    EXPECT_TRUE(run(io, small->pipeline({{"PING"}, {"PING"}})));
}

TEST_F(RedisServer, AScriptIsRunByNameAndAfterAFlushByText) {
    std::string const source = "return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}";
    for (int i = 1; i <= 3; ++i) {
        if (i == 3) must({"SCRIPT", "FLUSH"});
        auto const reply = run(io, redis->script(source, {"k"}, {"v"}));
        ASSERT_TRUE(reply);
        ASSERT_EQ(reply->items.size(), 3U) << reply->text;
        EXPECT_EQ(reply->items[0].text, "k");
        EXPECT_EQ(reply->items[1].text, "v");
        EXPECT_EQ(reply->items[2].integer, i);
    }
    auto const stats = must({"INFO", "commandstats"}).text;
    EXPECT_NE(stats.find("cmdstat_evalsha"), std::string::npos);
    auto const broken = run(io, redis->script("return redis.call('NOSUCH')", {}, {}));
    ASSERT_TRUE(broken);
    EXPECT_TRUE(broken->is_error());
}

TEST_F(RedisServer, AKilledServerFailsWhatIsUnderWayAndComesBack) {
    std::optional<Reply> blocked;
    start({"BLPOP", "none", "0"}, blocked);
    io.restart();
    io.run_one_for(50ms);
    server.kill9();
    run_until([&] { return blocked.has_value(); });
    EXPECT_EQ(blocked->error().code, base::Errc::unavailable);
    // While it is away commands fail at once, and what is only sent is dropped.
    EXPECT_FALSE(ask({"PING"}));
    auto const since = std::chrono::steady_clock::now();
    EXPECT_FALSE(ask({"PING"}));
    EXPECT_LT(std::chrono::steady_clock::now() - since, 1s);
    redis->send({"SET", "k", "lost"});
    EXPECT_NE(run(io, redis->ping(1s)), "");
    server.restart();
    reconnect();
    EXPECT_TRUE(must({"GET", "k"}).is_nil());
}

TEST_F(RedisServer, AServerThatHangsCostsTheConnection) {
    auto const impatient = open({.url = base::Secret(server.url()), .timeout = 100ms});
    ASSERT_TRUE(run(io, impatient->command({"SET", "k", "old"})));
    server.pause();
    EXPECT_NE(run(io, impatient->ping(10ms)), "");
    auto const late = run(io, impatient->command({"GET", "k"}));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, base::Errc::unavailable);
    server.resume();
    // A reply to what was given up must not be taken for the next one's.
    auto const deadline = std::chrono::steady_clock::now() + 20s;
    for (;;) {
        auto const reply = run(io, impatient->command({"ECHO", "new"}));
        if (reply) {
            EXPECT_EQ(reply->text, "new");
            break;
        }
        ASSERT_LT(std::chrono::steady_clock::now(), deadline);
        io.run_one_for(20ms);
    }
}

TEST_F(RedisServer, ACancelledCallerDoesNotShiftTheRepliesOfOthers) {
    boost::asio::cancellation_signal stop;
    std::optional<Reply> cancelled;
    bool ended = false;
    must({"PING"});
    boost::asio::co_spawn(io, keep(redis->command({"ECHO", "cancelled"}), cancelled),
                          boost::asio::bind_cancellation_slot(
                              stop.slot(), [&](std::exception_ptr) { ended = true; }));
    std::optional<Reply> other;
    start({"ECHO", "other"}, other);
    io.restart();
    io.run_one_for(1s);
    stop.emit(boost::asio::cancellation_type::terminal);
    run_until([&] { return ended && other; });
    EXPECT_EQ((**other).text, "other");
}

TEST_F(RedisServer, AfterCloseEverythingIsUnavailable) {
    std::optional<Reply> waiting;
    must({"PING"});
    start({"BLPOP", "none", "0"}, waiting);
    io.restart();
    io.run_one_for(50ms);
    redis->close();
    run_until([&] { return waiting.has_value(); });
    EXPECT_FALSE(*waiting);
    EXPECT_FALSE(ask({"PING"}));
    redis->send({"PING"});
}

/// What a subscriber was told.
struct Told {
    std::vector<std::string> messages;
    int connected = 0;
};

class Subscription : public RedisServer {
protected:
    std::unique_ptr<RedisSubscriber> subscribe(Told& told, std::chrono::milliseconds timeout) {
        return std::make_unique<RedisSubscriber>(
            io.get_executor(), RedisConfig{.url = base::Secret(server.url()), .timeout = timeout},
            std::vector<std::string>{"news"}, std::vector<std::string>{"trades.*"},
            [&told](std::string_view channel, std::string_view payload) {
                told.messages.push_back(std::string(channel) + "=" + std::string(payload));
                if (payload == "throw") throw std::runtime_error("the owner's");
            },
            [&told] { ++told.connected; });
    }
};

TEST_F(Subscription, BringsMessagesOfChannelsAndPatterns) {
    Told told;
    auto const subscriber = subscribe(told, 2s);
    run_until([&] { return told.connected == 1; });
    must({"PUBLISH", "other", "no"});
    must({"PUBLISH", "news", "throw"});
    must({"PUBLISH", "trades.7", "two"});
    run_until([&] { return told.messages.size() == 2; });
    EXPECT_EQ(told.messages, (std::vector<std::string>{"news=throw", "trades.7=two"}));
    subscriber->close();
    must({"PUBLISH", "news", "late"});
    must({"PING"});
    EXPECT_EQ(told.messages.size(), 2U);
}

TEST_F(Subscription, OutlivesManyPulsesOnAQuietChannel) {
    Told told;
    auto const subscriber = subscribe(told, 20ms);
    run_until([&] { return told.connected == 1; });
    auto const end = std::chrono::steady_clock::now() + 300ms;
    run_until([&] {
        static_cast<void>(must({"PING"}));
        return std::chrono::steady_clock::now() > end;
    });
    EXPECT_EQ(told.connected, 1);
}

TEST_F(Subscription, IsRenewedAfterAKillAndSaysSo) {
    Told told;
    auto const subscriber = subscribe(told, 2s);
    run_until([&] { return told.connected == 1; });
    server.kill9();
    server.restart();
    run_until([&] { return told.connected == 2; });
    reconnect();
    must({"PUBLISH", "news", "again"});
    run_until([&] { return told.messages.size() == 1; });
}

TEST_F(Subscription, NoticesAServerThatHangs) {
    Told told;
    auto const subscriber = subscribe(told, 100ms);
    run_until([&] { return told.connected == 1; });
    server.pause();
    auto const silent_until = std::chrono::steady_clock::now() + 400ms;
    io.restart();
    io.run_until(silent_until);
    server.resume();
    run_until([&] { return told.connected == 2; });
}

}  // namespace
}  // namespace obscura::store::test
