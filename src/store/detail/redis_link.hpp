#pragma once

#include "net/task.hpp"
#include "net/tls_session.hpp"
#include "store/detail/redis_address.hpp"
#include "store/detail/redis_reader.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <chrono>
#include <memory>

namespace obscura::store {

/// One connection to Redis, with TLS or without, from its handshake on; made anew for every
/// attempt. Event-loop thread only.
class RedisLink : public std::enable_shared_from_this<RedisLink> {
public:
    explicit RedisLink(boost::asio::any_io_executor executor) : socket_(executor) {}

    /// Connects, TLS where the address has it, AUTH, SELECT, PING. "" or why it failed.
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
    [[nodiscard]] net::Task<void> shake_hands(RedisAddress const& address);
    [[nodiscard]] net::Task<void> greet(RedisAddress const& address);
    [[nodiscard]] net::Task<void> send(std::string bytes);
    [[nodiscard]] std::string seal(std::string& bytes);
    [[nodiscard]] std::string take(std::string_view bytes);

    boost::asio::ip::tcp::socket socket_;
    std::unique_ptr<net::TlsSession> tls_;
    RedisReader reader_;
    std::array<char, 16384> buffer_;
    bool timed_out_ = false;
};

}  // namespace obscura::store
