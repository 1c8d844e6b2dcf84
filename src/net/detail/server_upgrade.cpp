#include "base/log.hpp"
#include "net/detail/request_rules.hpp"
#include "net/detail/server_connection.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

namespace websocket = boost::beast::websocket;

namespace obscura::net::detail {

namespace {

/// Runs the handler; an exception of it closes the socket with "internal error".
Task<void> run_handler(SocketRoute const& route, Request& request, WebSocket& socket,
                       SocketState& state) {
    try {
        co_await route.handler(request, socket);
    } catch (boost::system::system_error const& e) {
        if (e.code() == boost::asio::error::operation_aborted) throw;  // the server is stopping
        base::log::error(
            "http.socket_handler_failed",
            {{"request_id", request.id}, {"route", route.pattern}, {"error", e.what()}});
        state.begin_close(websocket::close_code::internal_error);
    } catch (std::exception const& e) {
        base::log::error(
            "http.socket_handler_failed",
            {{"request_id", request.id}, {"route", route.pattern}, {"error", e.what()}});
        state.begin_close(websocket::close_code::internal_error);
    }
}

}  // namespace

Task<ServerConnection::Next> ServerConnection::upgrade(Incoming& in, SocketRoute const& route) {
    auto& request = in.request;
    if (auto const ok = check_websocket(request); !ok) {
        in.unread_body = true;
        co_return co_await refuse(in, ok.error());
    }
    if (!in.parser.is_done() || buffer_.size() > 0) {
        in.unread_body = true;
        co_return co_await refuse(in, {.code = base::Errc::invalid_argument,
                                       .reason = "bad_websocket",
                                       .detail = "Nothing may follow an upgrade request."});
    }
    auto const admitted = co_await in.router->admit(route, request);
    if (!admitted) co_return co_await refuse(in, admitted.error());

    deadline_.disarm();  // from here on the socket keeps its own time
    websocket_ =
        std::make_shared<SocketState>(std::move(stream_), core_->config.max_websocket_message);
    WebSocket socket(std::make_unique<WebSocket::Impl>(WebSocket::Impl{.state = websocket_}));
    auto const error = co_await SocketState::accept(websocket_, request);
    if (error) co_return Next::close;
    if (winding_down_) websocket_->begin_close(websocket::close_code::going_away);
    co_await run_handler(route, request, socket, *websocket_);
    co_await socket.close();
    co_return Next::close;
}

}  // namespace obscura::net::detail
