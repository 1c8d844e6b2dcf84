#pragma once

#include "base/secret.hpp"
#include "net/task.hpp"
#include "store/detail/redis_reader.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <chrono>
#include <cstdint>

namespace obscura::store {

struct RedisAddress {
    std::string host;
    std::uint16_t port = 6379;
    std::string user;
    base::Secret password;
    int database = 0;
};

/// std::invalid_argument, without the text itself, which holds a password.
[[nodiscard]] RedisAddress parse_redis_url(std::string_view url);

/// One TCP connection to Redis from its handshake on; made anew for every attempt. Event-loop
/// thread only.
class RedisLink : public std::enable_shared_from_this<RedisLink> {
public:
    explicit RedisLink(boost::asio::any_io_executor executor) : socket_(executor) {}

    /// Connects, AUTH, SELECT, PING. "" or why it failed.
    [[nodiscard]] net::Task<std::string> open(RedisAddress const& address,
                                              std::chrono::milliseconds timeout);
    /// Reads once; replies come out of `next`. "" or why the connection is of no more use.
    [[nodiscard]] net::Task<std::string> receive();
    [[nodiscard]] std::optional<RedisReply> next() { return reader_.next(); }
    /// Writes all of `bytes`; `done` gets "" or what failed. One write at a time.
    void write(std::string bytes, std::function<void(std::string)> done);
    void close();

private:
    [[nodiscard]] net::Task<void> connect(RedisAddress const& address);
    [[nodiscard]] net::Task<void> greet(RedisAddress const& address);

    boost::asio::ip::tcp::socket socket_;
    RedisReader reader_;
    std::array<char, 16384> buffer_;
    bool timed_out_ = false;
};

}  // namespace obscura::store
