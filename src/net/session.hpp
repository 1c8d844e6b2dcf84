#pragma once

#include "net/client.hpp"

namespace obscura::net {

/// Requests over one connection that is never replaced: for a peer that was appraised on it. What
/// fails ends it. Event-loop thread; one request at a time.
class HttpSession {
public:
    /// Connects, TLS included. `config` as an HttpClient's, its pool apart.
    [[nodiscard]] static Task<std::expected<std::unique_ptr<HttpSession>, TransportError>> open(
        boost::asio::any_io_executor executor, ClientConfig config, std::string origin,
        std::chrono::milliseconds deadline);
    ~HttpSession();
    HttpSession(HttpSession const&) = delete;
    HttpSession& operator=(HttpSession const&) = delete;

    /// As HttpClient::fetch; not_sent once the connection has ended.
    [[nodiscard]] Task<std::expected<Response, TransportError>> fetch(
        Request request, std::chrono::milliseconds deadline);
    /// The public key that the peer proved to have in the handshake; null without TLS.
    [[nodiscard]] PeerKey const& peer_key() const;

private:
    struct State;
    explicit HttpSession(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace obscura::net
