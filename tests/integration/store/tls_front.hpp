#pragma once

#include "net/runtime.hpp"
#include "net/task.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <memory>
#include <string>

namespace obscura::test {

/// Ends TLS before a plain PostgreSQL, as proxies do, and answers in the largest records that there
/// are (16 KiB; PostgreSQL's own are half of that).
class TlsFront {
public:
    using tcp = boost::asio::ip::tcp;

    TlsFront(boost::asio::any_io_executor executor, std::uint16_t to,
             std::string const& certificate, std::string const& key)
        : acceptor_(executor, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)),
          to_(boost::asio::ip::address_v4::loopback(), to),
          scope_(executor) {
        context_.use_certificate_chain_file(certificate);
        context_.use_private_key_file(key, boost::asio::ssl::context::pem);
        scope_.spawn("front", accept());
    }

    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    [[nodiscard]] net::Task<void> stop() { return scope_.stop(); }

private:
    struct Pair {
        boost::asio::ssl::stream<tcp::socket> client;
        tcp::socket server;
    };
    using PairPtr = std::shared_ptr<Pair>;
    static constexpr auto quietly = boost::asio::as_tuple(boost::asio::use_awaitable);

    net::Task<void> accept() {
        while (true) {
            auto socket = co_await acceptor_.async_accept(boost::asio::use_awaitable);
            auto const pair = std::make_shared<Pair>(
                Pair{{std::move(socket), context_}, tcp::socket(acceptor_.get_executor())});
            scope_.spawn("front.connection", serve(pair));
        }
    }
    net::Task<void> serve(PairPtr pair) {
        namespace asio = boost::asio;
        std::array<char, 8> request;  // SSLRequest
        co_await asio::async_read(pair->client.next_layer(), asio::buffer(request),
                                  asio::use_awaitable);
        auto const yes = asio::buffer("S", 1);
        co_await asio::async_write(pair->client.next_layer(), yes, asio::use_awaitable);
        auto const [refused] =
            co_await pair->client.async_handshake(asio::ssl::stream_base::server, quietly);
        if (refused) co_return;
        co_await pair->server.async_connect(to_, asio::use_awaitable);
        scope_.spawn("front.down", down(pair));
        std::array<char, 4096> piece;
        while (true) {
            auto const [error, n] =
                co_await pair->client.async_read_some(asio::buffer(piece), quietly);
            if (error) break;
            auto const out = asio::buffer(piece, n);
            auto const [failed, written] = co_await asio::async_write(pair->server, out, quietly);
            if (failed) break;
        }
        boost::system::error_code ignored;
        pair->server.close(ignored);
    }
    /// Whatever comes within some milliseconds goes out together.
    net::Task<void> down(PairPtr pair) {
        namespace asio = boost::asio;
        std::string all(1 << 20, '\0');
        while (true) {
            auto const [error, first] =
                co_await pair->server.async_read_some(asio::buffer(all), quietly);
            if (error) break;
            co_await net::sleep_for(std::chrono::milliseconds(10));
            auto n = first;
            if (auto const more = pair->server.available(); more > 0)
                n += pair->server.read_some(asio::buffer(all.data() + n, more));
            auto const out = asio::buffer(all.data(), n);
            auto const [failed, written] = co_await asio::async_write(pair->client, out, quietly);
            if (failed) break;
        }
        boost::system::error_code ignored;
        pair->client.next_layer().close(ignored);
    }

    tcp::acceptor acceptor_;
    tcp::endpoint to_;
    boost::asio::ssl::context context_{boost::asio::ssl::context::tls_server};
    net::Scope scope_;
};

}  // namespace obscura::test
