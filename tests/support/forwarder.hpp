#pragma once

#include "net/runtime.hpp"
#include "net/task.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <functional>
#include <memory>
#include <string>

namespace obscura::test {

/// A TCP port that passes everything on to another, records it and can alter or cut it.
class Forwarder {
public:
    using tcp = boost::asio::ip::tcp;

    Forwarder(boost::asio::any_io_executor executor, std::uint16_t to)
        : acceptor_(executor, tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), 0)),
          to_(boost::asio::ip::make_address("127.0.0.1"), to),
          scope_(executor) {
        scope_.spawn("forwarder", accept());
    }

    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    [[nodiscard]] net::Task<void> stop() { return scope_.stop(); }

    std::string up, down;  ///< what passed towards the other port, and back
    int connections = 0;
    /// Called with each piece; false cuts the connection before it.
    std::function<bool(std::string& piece, bool is_up)> on_piece;

private:
    using Socket = std::shared_ptr<tcp::socket>;
    static constexpr auto quietly = boost::asio::as_tuple(boost::asio::use_awaitable);

    net::Task<void> accept() {
        while (true) {
            auto const from = std::make_shared<tcp::socket>(acceptor_.get_executor());
            auto const to = std::make_shared<tcp::socket>(acceptor_.get_executor());
            co_await acceptor_.async_accept(*from, boost::asio::use_awaitable);
            ++connections;
            auto const [error] = co_await to->async_connect(to_, quietly);
            if (error) continue;
            scope_.spawn("forwarder.up", pass(from, to, true));
            scope_.spawn("forwarder.down", pass(to, from, false));
        }
    }
    net::Task<void> pass(Socket from, Socket to, bool is_up) {
        std::array<char, 16 * 1024> buffer;
        while (true) {
            auto const [error, n] =
                co_await from->async_read_some(boost::asio::buffer(buffer), quietly);
            std::string piece(buffer.data(), n);
            if (error || (on_piece && !on_piece(piece, is_up))) break;
            (is_up ? up : down) += piece;
            auto const [failed, written] =
                co_await boost::asio::async_write(*to, boost::asio::buffer(piece), quietly);
            if (failed) break;
        }
        boost::system::error_code ignored;
        from->close(ignored);
        to->close(ignored);
    }

    tcp::acceptor acceptor_;
    tcp::endpoint to_;
    net::Scope scope_;
};

}  // namespace obscura::test
