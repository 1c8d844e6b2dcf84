#pragma once

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "net/router.hpp"
#include "net/tls.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace obscura::net {

struct ServerConfig {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;                ///< 0: any free one; `HttpServer::port()` tells which
    std::size_t max_connections = 16'384;  ///< beyond it new ones get 503 and are closed
    std::size_t max_header_bytes = 16 * 1024;
    /// Bytes of bodies held for senders that are not known yet, all connections together; beyond
    /// it 503. See Request::body_hold.
    std::size_t max_unknown_body_bytes = 64 << 20;
    std::chrono::milliseconds header_timeout{10'000};  ///< first byte to end of header
    std::chrono::milliseconds body_timeout{30'000};    ///< whole body
    std::chrono::milliseconds idle_timeout{75'000};    ///< between requests on one connection
    std::chrono::milliseconds write_timeout{30'000};
    std::size_t max_websocket_message = 1 << 20;
    std::optional<TlsServerConfig> tls;
    /// Called after each answered request, e.g. for metrics; the route is null when none matched
    /// or the request was refused before it got there (then the time is zero).
    /// Must be quick and must not throw.
    std::function<void(Route const*, Request const&, Response const&, std::chrono::nanoseconds)>
        observe;
};

/// HTTP/1.1 and WebSocket over Beast coroutines. Every connection is bounded in bytes and time and
/// owned: `stop` refuses new ones, lets requests under way finish within `grace`, then closes.
class HttpServer {
public:
    HttpServer(boost::asio::any_io_executor executor, ServerConfig config, Router router,
               base::Clock const& clock, base::Random& random);
    ~HttpServer();
    HttpServer(HttpServer const&) = delete;
    HttpServer& operator=(HttpServer const&) = delete;

    /// Binds and starts accepting. Throws std::system_error when the port is taken.
    void start();
    [[nodiscard]] std::uint16_t port() const;
    /// From the next request on these routes answer; requests under way end with the old ones.
    void serve_by(Router router);
    [[nodiscard]] Task<void> stop(std::chrono::milliseconds grace);
    [[nodiscard]] std::size_t open_connections() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace obscura::net
