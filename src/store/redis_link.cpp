#include "store/detail/redis_link.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <stdexcept>

namespace obscura::store {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

std::string text_of(base::Error const& error) {
    return error.internal.empty() ? error.detail : error.detail + " " + error.internal;
}

}  // namespace

net::Task<std::string> RedisLink::open(RedisAddress const& address,
                                       std::chrono::milliseconds timeout) {
    auto const self = shared_from_this();
    asio::steady_timer guard(socket_.get_executor());
    guard.expires_after(timeout);
    guard.async_wait([weak = weak_from_this()](auto error) {
        auto const link = error ? nullptr : weak.lock();
        if (!link) return;
        link->timed_out_ = true;
        link->close();
    });
    std::string failure;
    try {
        co_await connect(address);
        if (address.is_tls) co_await shake_hands(address);
        co_await greet(address);
    } catch (boost::system::system_error const& e) {
        failure = e.code().message();
    } catch (std::exception const& e) {
        failure = e.what();
    }
    if (timed_out_) failure = "connecting took too long";
    guard.cancel();
    co_return failure;
}

net::Task<void> RedisLink::connect(RedisAddress const& address) {
    boost::system::error_code not_numeric;
    auto const numeric = asio::ip::make_address(address.host, not_numeric);
    if (!not_numeric) {
        co_await socket_.async_connect(tcp::endpoint(numeric, address.port), asio::use_awaitable);
    } else {
        tcp::resolver resolver(socket_.get_executor());
        auto const port = std::to_string(address.port);
        auto const found = co_await resolver.async_resolve(address.host, port, asio::use_awaitable);
        // The time limit closes the socket, which does not stop a look-up.
        if (timed_out_) throw std::runtime_error("too late");
        co_await asio::async_connect(socket_, found, asio::use_awaitable);
    }
    socket_.set_option(tcp::no_delay(true));
}

/// Nothing but TLS's own messages leave before the server has shown who it is.
net::Task<void> RedisLink::shake_hands(RedisAddress const& address) {
    tls_ = std::make_unique<net::TlsSession>(address.trust.value(), address.host);
    while (!tls_->is_open()) {
        co_await send("");
        auto const failure = co_await receive();
        if (!failure.empty()) throw std::runtime_error(failure);
    }
}

net::Task<void> RedisLink::greet(RedisAddress const& address) {
    std::vector<RedisCommand> commands;
    if (!address.password.empty()) {
        RedisCommand auth{"AUTH"};
        if (!address.user.empty()) auth.push_back(address.user);
        auth.emplace_back(address.password.reveal());
        commands.push_back(std::move(auth));
    }
    if (address.database != 0) commands.push_back({"SELECT", std::to_string(address.database)});
    // A server that still loads its data answers this with an error: not yet connected.
    commands.push_back({"PING"});
    std::string bytes;
    for (auto const& command : commands) append_command(bytes, command);
    if (!address.password.empty()) base::cleanse(commands.front().back());
    co_await send(std::move(bytes));
    for (std::size_t answered = 0; answered < commands.size();) {
        auto const failure = co_await receive();
        if (!failure.empty()) throw std::runtime_error(failure);
        while (auto const reply = next()) {
            if (reply->is_error()) throw std::runtime_error(reply->text);
            ++answered;
        }
    }
}

net::Task<void> RedisLink::send(std::string bytes) {
    if (auto const failure = seal(bytes); !failure.empty()) throw std::runtime_error(failure);
    auto const out = asio::buffer(bytes);
    auto const token = asio::as_tuple(asio::use_awaitable);
    auto const [error, size] = co_await asio::async_write(socket_, out, token);
    base::cleanse(bytes);
    if (error) throw boost::system::system_error(error);
}

/// Of TLS, what it has to say itself goes first. "" or why nothing can be written any more.
std::string RedisLink::seal(std::string& bytes) {
    if (!tls_) return "";
    if (!bytes.empty()) {
        auto const sealed = tls_->write(bytes);
        base::cleanse(bytes);
        if (!sealed) return text_of(sealed.error());
    }
    bytes = tls_->take_output();
    return "";
}

net::Task<std::string> RedisLink::receive() {
    auto const token = asio::as_tuple(asio::use_awaitable);
    auto const [error, size] = co_await socket_.async_read_some(asio::buffer(buffer_), token);
    if (error) co_return error.message();
    try {
        co_return take({buffer_.data(), size});
    } catch (std::exception const& e) {
        co_return e.what();
    }
}

std::string RedisLink::take(std::string_view bytes) {
    if (!tls_) {
        reader_.feed(bytes);
        return "";
    }
    if (auto const received = tls_->receive(bytes); !received) return text_of(received.error());
    reader_.feed(tls_->take_plaintext());
    return tls_->is_closed() ? "the server has closed the connection" : "";
}

void RedisLink::write(std::string bytes, std::function<void(std::string)> done) {
    if (auto failure = seal(bytes); !failure.empty()) {
        asio::post(socket_.get_executor(),
                   [done = std::move(done), why = std::move(failure)] { done(why); });
        return;
    }
    auto const kept = std::make_shared<std::string>(std::move(bytes));
    asio::async_write(socket_, asio::buffer(*kept),
                      [self = shared_from_this(), kept, done = std::move(done)](auto error, auto) {
                          done(error ? error.message() : "");
                      });
}

void RedisLink::close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
}

}  // namespace obscura::store
