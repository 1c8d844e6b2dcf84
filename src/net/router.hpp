#pragma once

#include "net/http.hpp"
#include "net/task.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace obscura::net {

class WebSocket;

using Handler = std::function<Task<base::Result<Response>>(Request&)>;
/// Owns the socket until it returns; the connection then closes.
using SocketHandler = std::function<Task<void>(Request&, WebSocket&)>;

/// One route. `access` is the service's own authorisation class, an index that its guard
/// understands: it is part of the route so that no handler can forget it.
struct Route {
    std::string method;
    /// "/v2/pools/{id}"; literals win over captures. "{rest*}" at the end takes what is left.
    std::string pattern;
    int access = 0;
    std::size_t body_limit = 1 << 20;  ///< bytes; beyond it 413 before the handler runs
    Handler handler;
};
struct SocketRoute {
    std::string pattern;
    int access = 0;
    SocketHandler handler;
};

/// Runs before the handler of a route, e.g. to authenticate; an error ends the request.
using Guard = std::function<Task<base::Result<void>>(Route const&, Request&)>;

/// Immutable once serving. Unknown path: 404; known path, other method: 405 with Allow; HEAD is
/// answered as GET without a body.
class Router {
public:
    void add(Route route);
    void add_socket(SocketRoute route);
    void set_guard(Guard guard) { guard_ = std::move(guard); }

    struct Match {
        Route const* route = nullptr;
        std::vector<std::pair<std::string, std::string>> params;
        std::vector<std::string> allowed_methods;  ///< when the path is known but not the method
    };
    [[nodiscard]] Match match(std::string_view method, std::string_view path) const;
    [[nodiscard]] SocketRoute const* match_socket(std::string_view path) const;
    [[nodiscard]] std::vector<Route> const& routes() const { return routes_; }

    /// Match, guard, handle. Errors and exceptions become problems here: the only catch on the way
    /// of a request.
    [[nodiscard]] Task<Response> dispatch(Request& request) const;
    /// The same with a match that was made before, as the server does for the body limit.
    [[nodiscard]] Task<Response> dispatch(Request& request, Match found) const;
    /// Sets the path parameters and runs the guard for a WebSocket.
    [[nodiscard]] Task<base::Result<void>> admit(SocketRoute const& socket, Request& request) const;

private:
    [[nodiscard]] Task<Response> handle(Route const& route, Request& request) const;

    std::vector<Route> routes_;
    std::vector<SocketRoute> sockets_;
    std::vector<std::vector<std::string>> patterns_;         ///< segments, parallel to routes_
    std::vector<std::vector<std::string>> socket_patterns_;  ///< parallel to sockets_
    Guard guard_;
};

}  // namespace obscura::net
