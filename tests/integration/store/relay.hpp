#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace obscura::test {

/// Stands between a client and a server of the loopback interface: counts round trips, and cuts.
class Relay {
public:
    using Socket = boost::asio::ip::tcp::socket;

    Relay(boost::asio::io_context& io, int server_port)
        : acceptor_(io, {boost::asio::ip::address_v4::loopback(), 0}), shared_(new Shared) {
        shared_->server_port = static_cast<std::uint16_t>(server_port);
        boost::asio::co_spawn(io, accept(acceptor_, shared_), boost::asio::detached);
    }
    ~Relay() { shared_->closed = true; }

    [[nodiscard]] int port() const { return acceptor_.local_endpoint().port(); }
    /// How often the client spoke after the server did.
    [[nodiscard]] int round_trips() const { return shared_->round_trips; }
    /// Bytes of the client for which this holds are passed on; their answer is lost, for good.
    void cut_after(std::function<bool(std::string_view)> condition) {
        shared_->cut_after = std::move(condition);
    }

private:
    struct Shared {
        std::uint16_t server_port = 0;
        int round_trips = 0;
        bool server_spoke = true;
        bool closed = false;
        std::function<bool(std::string_view)> cut_after;
    };
    struct Pair {
        Socket client;
        Socket server;
        bool cut = false;
    };

    static boost::asio::awaitable<void> accept(boost::asio::ip::tcp::acceptor& acceptor,
                                               std::shared_ptr<Shared> shared) {
        auto const executor = co_await boost::asio::this_coro::executor;
        for (;;) {
            auto [error, client] =
                co_await acceptor.async_accept(boost::asio::as_tuple(boost::asio::use_awaitable));
            if (error || shared->closed) co_return;
            auto const pair = std::make_shared<Pair>(Pair{std::move(client), Socket(executor)});
            boost::system::error_code refused;
            pair->server.connect({boost::asio::ip::address_v4::loopback(), shared->server_port},
                                 refused);
            if (refused) continue;
            boost::asio::co_spawn(executor, pump(pair, shared, true), boost::asio::detached);
            boost::asio::co_spawn(executor, pump(pair, shared, false), boost::asio::detached);
        }
    }

    static boost::asio::awaitable<void> pump(std::shared_ptr<Pair> pair,
                                             std::shared_ptr<Shared> shared, bool from_client) {
        auto& in = from_client ? pair->client : pair->server;
        auto& out = from_client ? pair->server : pair->client;
        auto const token = boost::asio::as_tuple(boost::asio::use_awaitable);
        std::array<char, 65536> bytes;
        for (;;) {
            auto const [error, size] =
                co_await in.async_read_some(boost::asio::buffer(bytes), token);
            if (error) break;
            if (from_client && shared->server_spoke) ++shared->round_trips;
            shared->server_spoke = !from_client;
            if (!from_client && pair->cut) break;
            if (from_client && shared->cut_after && shared->cut_after({bytes.data(), size})) {
                pair->cut = true;
            }
            auto const part = boost::asio::buffer(bytes.data(), size);
            auto const [failed, written] = co_await boost::asio::async_write(out, part, token);
            if (failed) break;
        }
        boost::system::error_code ignored;
        pair->client.close(ignored);
        pair->server.close(ignored);
    }

    boost::asio::ip::tcp::acceptor acceptor_;
    std::shared_ptr<Shared> shared_;
};

}  // namespace obscura::test
