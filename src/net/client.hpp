#pragma once

#include "base/clock.hpp"
#include "net/http.hpp"
#include "net/task.hpp"
#include "net/tls.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace obscura::net {

/// Why there is no answer, and what the peer may have seen. For an order the difference decides
/// whether it may be sent again.
struct TransportError {
    enum class Kind {
        refused_by_policy,  ///< address not on the allow-list, or over our own limits: nothing left
                            ///< us
        not_sent,           ///< no byte of the request reached a socket
        unknown_outcome,    ///< bytes left; the peer may have acted on them
    };
    Kind kind = Kind::not_sent;
    bool timed_out = false;
    bool other_key = false;  ///< refused_by_policy: the peer's TLS key is not the expected one
    std::string detail;
};

struct ClientConfig {
    /// Origins ("https://api.binance.com:443") this process may talk to; "*" allows every origin
    /// and is for tests only.
    std::vector<std::string> allowed_origins;
    std::size_t max_connections_per_origin = 64;
    std::size_t max_waiting_per_origin = 20'000;  ///< beyond it: refused_by_policy at once
    std::size_t max_response_bytes = 8 << 20;
    std::chrono::milliseconds idle_timeout{50'000};
    TlsClientConfig tls;
};

/// HTTP/1.1 client with keep-alive pools per origin. No redirects, no proxies, no retries of its
/// own, but for one: a request whose reused connection was closed by the peer before any byte of it
/// was written goes out on a fresh connection. Event-loop thread only.
class HttpClient {
public:
    HttpClient(boost::asio::any_io_executor executor, ClientConfig config,
               base::Clock const& clock);
    ~HttpClient();
    HttpClient(HttpClient const&) = delete;
    HttpClient& operator=(HttpClient const&) = delete;

    /// `request.target`, method, headers and body go to `origin` as they are (Host, Content-Length
    /// and Connection are added). `deadline` covers everything from the wait for a connection on.
    /// A cancelled call ends with an error or with operation_aborted; after the exception the
    /// outcome is unknown. With `expected` nothing is written to a peer with another TLS key, or
    /// with none.
    [[nodiscard]] Task<std::expected<Response, TransportError>> fetch(
        std::string origin, Request request, std::chrono::milliseconds deadline,
        PeerKey expected = nullptr);
    /// Opens up to `count` connections (TLS included) ahead of need; errors are left to `fetch`.
    [[nodiscard]] Task<void> warm(std::string origin, std::size_t count);
    /// Closes idle connections, lets those in use finish; later calls get refused_by_policy.
    void close();

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace obscura::net
