#include "net/server.hpp"

#include "base/log.hpp"
#include "net/detail/server_connection.hpp"
#include "net/runtime.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <list>
#include <system_error>

namespace asio = boost::asio;
using tcp = boost::asio::ip::tcp;

namespace obscura::net {

using detail::ErrorCode;
using detail::quietly;
using detail::ServerConnection;

namespace {

/// Connections beyond the limit that may wait for their 503 at the same time.
constexpr std::size_t max_refusals = 64;

void check(ErrorCode const& error, std::string const& what) {
    if (error) throw std::system_error(static_cast<std::error_code>(error), what);
}

}  // namespace

struct HttpServer::State {
    State(asio::any_io_executor e, std::shared_ptr<detail::ServerCore> c)
        : executor(e), core(std::move(c)), acceptor(e), scope(e), emptied(e) {}

    asio::any_io_executor executor;
    std::shared_ptr<detail::ServerCore> core;
    tcp::acceptor acceptor;
    Scope scope;
    Event emptied;
    std::list<std::shared_ptr<ServerConnection>> connections;
    std::uint16_t port = 0;

    static Task<void> accept(std::shared_ptr<State> self) {
        while (!self->core->stopping) {
            auto [error, socket] = co_await self->acceptor.async_accept(quietly);
            if (self->core->stopping || !self->acceptor.is_open()) break;
            if (error) {
                // Out of descriptors, most likely: connections that end will free some.
                base::log::warn("http.accept_failed", {{"error", error.message()}});
                co_await sleep_for(std::chrono::milliseconds(50));
                continue;
            }
            auto const limit = self->core->config.max_connections;
            auto const overloaded = self->connections.size() >= limit;
            if (self->connections.size() >= limit + max_refusals) continue;
            auto connection =
                std::make_shared<ServerConnection>(self->core, std::move(socket), overloaded);
            self->scope.spawn("http.connection", serve(self, std::move(connection)));
        }
    }

    static Task<void> serve(std::shared_ptr<State> self,
                            std::shared_ptr<ServerConnection> connection) {
        struct Registration {
            State& state;
            std::list<std::shared_ptr<ServerConnection>>::iterator place;
            ~Registration() {
                (*place)->close_now();
                state.connections.erase(place);
                if (state.connections.empty()) state.emptied.notify();
            }
        };
        auto const place = self->connections.insert(self->connections.end(), connection);
        Registration const registered{*self, place};
        co_await ServerConnection::run(std::move(connection));
    }

    static Task<void> stop(std::shared_ptr<State> self, std::chrono::milliseconds grace) {
        self->close_acceptor();
        for (auto const& connection : self->connections) connection->wind_down();
        auto const until = std::chrono::steady_clock::now() + grace;
        while (!self->connections.empty()) {
            auto const left = std::chrono::ceil<std::chrono::milliseconds>(
                until - std::chrono::steady_clock::now());
            if (left.count() <= 0) break;
            co_await self->emptied.wait(left);
        }
        auto const cut = self->connections.size();
        if (cut > 0) base::log::warn("http.connections_cut", {{"count", cut}});
        for (auto const& connection : self->connections) connection->close_now();
        co_await self->scope.stop();
    }

    void close_acceptor() {
        core->stopping = true;
        ErrorCode ignored;
        acceptor.close(ignored);
    }
};

HttpServer::HttpServer(asio::any_io_executor executor, ServerConfig config, Router router,
                       base::Clock const& clock, base::Random& random) {
    auto core =
        std::make_shared<detail::ServerCore>(std::move(config), std::move(router), clock, random);
    if (core->config.tls) core->tls.emplace(detail::make_server_context(*core->config.tls));
    state_ = std::make_shared<State>(std::move(executor), std::move(core));
}

HttpServer::~HttpServer() {
    state_->close_acceptor();
    for (auto const& connection : state_->connections) connection->close_now();
}

void HttpServer::start() {
    auto const& config = state_->core->config;
    auto const where = config.address + ":" + std::to_string(config.port);
    ErrorCode error;
    auto const address = asio::ip::make_address(config.address, error);
    check(error, "not an address to listen on: " + config.address);
    tcp::endpoint const endpoint(address, config.port);
    auto& acceptor = state_->acceptor;
    acceptor.open(endpoint.protocol(), error);
    check(error, "cannot open a socket for " + where);
    acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    acceptor.bind(endpoint, error);
    check(error, "cannot listen on " + where);
    acceptor.listen(asio::socket_base::max_listen_connections, error);
    check(error, "cannot listen on " + where);
    state_->port = acceptor.local_endpoint().port();
    state_->scope.spawn("http.accept", State::accept(state_));
}

void HttpServer::serve_by(Router router) {
    state_->core->router = std::make_shared<Router const>(std::move(router));
}
std::uint16_t HttpServer::port() const { return state_->port; }
Task<void> HttpServer::stop(std::chrono::milliseconds grace) { return State::stop(state_, grace); }
std::size_t HttpServer::open_connections() const { return state_->connections.size(); }

}  // namespace obscura::net
