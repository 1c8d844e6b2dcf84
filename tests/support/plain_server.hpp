#pragma once

#include "net/runtime.hpp"
#include "net/task.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace obscura::test {

/// A TCP server that knows no TLS, or somebody who pretends to: it answers whatever comes first on
/// a connection with `answer`, and keeps what it got.
class PlainServer {
public:
    using tcp = boost::asio::ip::tcp;

    PlainServer(boost::asio::any_io_executor executor, std::string answer)
        : acceptor_(executor, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)),
          answer_(std::move(answer)),
          scope_(executor) {
        scope_.spawn("plain", accept());
    }

    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    [[nodiscard]] net::Task<void> stop() { return scope_.stop(); }

    std::vector<std::string> got;  ///< by connection

private:
    static constexpr auto quietly = boost::asio::as_tuple(boost::asio::use_awaitable);

    net::Task<void> accept() {
        while (true) {
            auto const socket = std::make_shared<tcp::socket>(acceptor_.get_executor());
            co_await acceptor_.async_accept(*socket, boost::asio::use_awaitable);
            got.emplace_back();
            scope_.spawn("plain.connection", serve(socket, got.size() - 1));
        }
    }
    net::Task<void> serve(std::shared_ptr<tcp::socket> socket, std::size_t number) {
        std::array<char, 4096> buffer;
        for (bool is_first = true;; is_first = false) {
            auto const [error, n] =
                co_await socket->async_read_some(boost::asio::buffer(buffer), quietly);
            if (error) co_return;
            got[number].append(buffer.data(), n);
            if (!is_first) continue;
            auto const out = boost::asio::buffer(answer_);
            auto const [failed, written] = co_await boost::asio::async_write(*socket, out, quietly);
            if (failed) co_return;
        }
    }

    tcp::acceptor acceptor_;
    std::string answer_;
    net::Scope scope_;
};

}  // namespace obscura::test
