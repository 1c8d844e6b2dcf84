#pragma once

#include "net/detail/deadline.hpp"
#include "net/detail/http_io.hpp"
#include "net/detail/socket_state.hpp"
#include "net/detail/stream.hpp"
#include "net/detail/tls_context.hpp"
#include "net/server.hpp"

#include <memory>
#include <optional>

namespace obscura::net::detail {

/// What the connections of one server share.
struct ServerCore {
    ServerCore(ServerConfig c, Router r, base::Clock const& time, base::Random& source)
        : config(std::move(c)),
          router(std::make_shared<Router const>(std::move(r))),
          clock(time),
          random(source),
          bodies(std::make_shared<BodyBudget>(config.max_unknown_body_bytes)) {}

    ServerConfig config;
    std::shared_ptr<Router const> router;
    base::Clock const& clock;
    base::Random& random;
    std::shared_ptr<BodyBudget> bodies;
    std::optional<boost::asio::ssl::context> tls;
    bool stopping = false;

    /// An IMF-fixdate, made once a second.
    [[nodiscard]] std::string const& date();

private:
    std::chrono::sys_seconds date_second_{};
    std::string date_;
};

/// One TCP connection: requests one after another, or one WebSocket. It lives as long as its `run`.
class ServerConnection : public std::enable_shared_from_this<ServerConnection> {
public:
    /// `overloaded`: answer 503 to the first request and close.
    ServerConnection(std::shared_ptr<ServerCore> core, Socket socket, bool overloaded);

    [[nodiscard]] static Task<void> run(std::shared_ptr<ServerConnection> self);
    /// Ends an idle connection now, a busy one after its answer, a WebSocket by the handshake.
    void wind_down();
    void close_now();

private:
    enum class Next { request, close, linger };
    using Parser = MessageParser<true>;

    struct Incoming {
        Parser parser;
        Request request;
        std::shared_ptr<Router const> router;  ///< the one that matches: another may take its place
        bool keep_alive = false;
        bool expects_continue = false;
        bool unread_body = false;
    };

    /// Whether there is somebody to serve: with TLS by a handshake, without where that is allowed.
    [[nodiscard]] Task<bool> begin();
    [[nodiscard]] Task<bool> speaks_tls();
    [[nodiscard]] Task<bool> shake_hands();
    /// What TLS keeps from a request: see TlsServerConfig.
    [[nodiscard]] base::Result<void> admit(Request const& request);
    [[nodiscard]] Task<bool> wait_for_bytes();
    [[nodiscard]] Task<Next> serve_one();
    [[nodiscard]] Task<Next> serve_routed(Incoming& in);
    [[nodiscard]] Task<Next> upgrade(Incoming& in, SocketRoute const& route);
    [[nodiscard]] Task<base::Result<void>> take_body(Incoming& in, std::size_t limit);
    [[nodiscard]] Task<Next> refuse(Incoming& in, base::Error error);
    [[nodiscard]] Task<Next> answer(Incoming& in, Response const& response);
    [[nodiscard]] Task<Next> break_off(std::string head, Response const& response);
    [[nodiscard]] Task<void> linger();

    [[nodiscard]] base::Result<void> interpret(Incoming& in);
    [[nodiscard]] base::Error describe(Incoming const& in, ErrorCode const& error) const;
    [[nodiscard]] std::string new_id();

    std::shared_ptr<ServerCore> core_;
    Stream stream_;
    Buffer buffer_;
    Deadline deadline_;
    std::string remote_address_;
    std::string peer_;                        ///< Request::peer
    std::shared_ptr<SocketState> websocket_;  ///< after an upgrade
    bool overloaded_;
    bool idle_ = true;  ///< between requests
    bool winding_down_ = false;
};

}  // namespace obscura::net::detail
