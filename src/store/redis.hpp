#pragma once

#include "base/error.hpp"
#include "base/secret.hpp"
#include "net/task.hpp"
#include "net/tls.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::store {

/// A RESP2 reply. Server errors are values here: a script or a wrong type is the caller's matter.
struct RedisReply {
    enum class Type { nil, status, error, integer, bulk, array };
    Type type = Type::nil;
    std::string text;  ///< status, error, bulk
    std::int64_t integer = 0;
    std::vector<RedisReply> items;
    [[nodiscard]] bool is_error() const { return type == Type::error; }
    [[nodiscard]] bool is_nil() const { return type == Type::nil; }
};

struct RedisConfig {
    base::Secret url;  ///< redis[s]://[user:password@]host:port[/db]
    /// Of rediss://, which every server on another host must have: `ca_file` is whom its
    /// certificate must come from; a certificate and a key of ours where it asks for one.
    net::TlsClientConfig tls;
    std::chrono::milliseconds timeout{2'000};
    std::size_t max_pending = 65'536;  ///< commands under way; beyond it `unavailable` at once
};

using RedisCommand = std::vector<std::string>;

/// One multiplexed connection: commands of all coroutines are pipelined in order. It reconnects by
/// itself with backoff. Everything in Redis can be lost: callers treat an error as "not now" and
/// never as an answer. Event-loop thread only.
class Redis {
public:
    /// Throws std::invalid_argument for a URL that is none, or that names another host without
    /// TLS; std::runtime_error for files of TLS that cannot be used.
    Redis(boost::asio::any_io_executor executor, RedisConfig config);
    ~Redis();
    Redis(Redis const&) = delete;
    Redis& operator=(Redis const&) = delete;

    [[nodiscard]] net::Task<base::Result<RedisReply>> command(RedisCommand command);
    /// One write, all replies in order.
    [[nodiscard]] net::Task<base::Result<std::vector<RedisReply>>> pipeline(
        std::vector<RedisCommand> commands);
    /// Queues without waiting for the reply; dropped when not connected.
    void send(RedisCommand command);
    /// EVALSHA, falling back to EVAL when the server lost its script cache.
    [[nodiscard]] net::Task<base::Result<RedisReply>> script(std::string const& source,
                                                             std::vector<std::string> keys,
                                                             std::vector<std::string> args);
    [[nodiscard]] net::Task<std::string> ping(std::chrono::milliseconds timeout);
    void close();

private:
    struct State;
    std::shared_ptr<State> state_;
};

/// A connection of its own for pub/sub. `on_message(channel, payload)` runs on the event loop;
/// `on_connected` runs after every (re)subscription, since messages in between are lost.
class RedisSubscriber {
public:
    /// Throws as Redis does.
    RedisSubscriber(boost::asio::any_io_executor executor, RedisConfig config,
                    std::vector<std::string> channels, std::vector<std::string> patterns,
                    std::function<void(std::string_view, std::string_view)> on_message,
                    std::function<void()> on_connected);
    ~RedisSubscriber();
    void close();

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace obscura::store
