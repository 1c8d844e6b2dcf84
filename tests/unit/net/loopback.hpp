#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "net/client.hpp"
#include "net/runtime.hpp"
#include "net/server.hpp"
#include "support/coroutine.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace obscura::net::test {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using obscura::test::run;
constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

/// A route whose handler is a plain function.
inline Route route(std::string method, std::string pattern,
                   std::function<base::Result<Response>(Request&)> answer,
                   std::size_t body_limit = 1 << 20) {
    Handler handler = [answer](Request& request) -> Task<base::Result<Response>> {
        co_return answer(request);
    };
    return Route{.method = std::move(method),
                 .pattern = std::move(pattern),
                 .body_limit = body_limit,
                 .handler = std::move(handler)};
}

/// A server with an event loop of its own.
class Loopback : public ::testing::Test {
protected:
    asio::io_context io;
    base::SystemClock clock;
    base::SeededRandom random{7};
    Router router;
    ServerConfig config;
    std::unique_ptr<HttpServer> server;

    void serve() {
        server = std::make_unique<HttpServer>(io.get_executor(), config, std::move(router), clock,
                                              random);
        server->start();
    }
    [[nodiscard]] std::string origin(std::string const& scheme = "http") const {
        return scheme + "://127.0.0.1:" + std::to_string(server->port());
    }
    /// Sends bytes as they are and returns all that comes until the server closes.
    std::string talk(std::string bytes, bool end_of_input = false) {
        return run(io, talk_to(server->port(), std::move(bytes), end_of_input));
    }
    static Task<std::string> talk_to(std::uint16_t port, std::string bytes, bool end_of_input,
                                     std::string from = "127.0.0.1") {
        tcp::socket socket(co_await asio::this_coro::executor,
                           tcp::endpoint(asio::ip::make_address(from), 0));
        co_await socket.async_connect({asio::ip::address_v4::loopback(), port},
                                      asio::use_awaitable);
        co_await asio::async_write(socket, asio::buffer(bytes), quietly);
        if (end_of_input) socket.shutdown(tcp::socket::shutdown_send);
        std::string answer;
        co_await asio::async_read(socket, asio::dynamic_buffer(answer), quietly);
        co_return answer;
    }
};

/// A raw TCP peer that treats each connection by the next script (the last one again and again).
class Peer {
public:
    using Script = std::function<Task<void>(tcp::socket&)>;

    Peer(asio::io_context& io, std::vector<Script> scripts)
        : state_(std::make_shared<State>(io, std::move(scripts))) {
        asio::co_spawn(io, accept(state_), asio::detached);
    }
    [[nodiscard]] std::string origin() const {
        return "http://127.0.0.1:" + std::to_string(state_->acceptor.local_endpoint().port());
    }
    [[nodiscard]] std::uint16_t port() const { return state_->acceptor.local_endpoint().port(); }
    [[nodiscard]] std::size_t accepted() const { return state_->accepted; }

private:
    struct State {
        State(asio::io_context& io, std::vector<Script> s)
            : acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
              scripts(std::move(s)) {}
        tcp::acceptor acceptor;
        std::vector<Script> scripts;
        std::size_t accepted = 0;
    };
    static Task<void> accept(std::shared_ptr<State> state) {
        while (true) {
            auto socket = co_await state->acceptor.async_accept(asio::use_awaitable);
            auto const index = std::min(state->accepted++, state->scripts.size() - 1);
            asio::co_spawn(state->acceptor.get_executor(), play(state, index, std::move(socket)),
                           asio::detached);
        }
    }
    static Task<void> play(std::shared_ptr<State> state, std::size_t index, tcp::socket socket) {
        co_await state->scripts[index](socket);
    }
    std::shared_ptr<State> state_;
};

/// Reads one request header (and whatever came with it).
inline Task<std::string> read_request(tcp::socket& socket) {
    std::string text;
    co_await asio::async_read_until(socket, asio::dynamic_buffer(text), "\r\n\r\n", quietly);
    co_return text;
}
inline Task<void> write_text(tcp::socket& socket, std::string text) {
    co_await asio::async_write(socket, asio::buffer(text), quietly);
}
/// Closes with a reset.
inline void reset(tcp::socket& socket) {
    socket.set_option(asio::socket_base::linger(true, 0));
    socket.close();
}
/// Waits until the other side closes.
inline Task<void> wait_for_close(tcp::socket& socket) {
    std::string waste;
    co_await asio::async_read(socket, asio::dynamic_buffer(waste), quietly);
}

}  // namespace obscura::net::test
