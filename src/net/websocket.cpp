#include "net/websocket.hpp"

#include "net/detail/connect.hpp"
#include "net/detail/socket_state.hpp"
#include "net/detail/tls_context.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/beast/core/error.hpp>

namespace obscura::net {

using detail::SocketState;

WebSocket::WebSocket(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WebSocket::~WebSocket() {
    if (impl_) impl_->state->abort();
}
WebSocket::WebSocket(WebSocket&&) noexcept = default;
WebSocket& WebSocket::operator=(WebSocket&& other) noexcept {
    if (this == &other) return *this;
    if (impl_) impl_->state->abort();
    impl_ = std::move(other.impl_);
    return *this;
}

Task<base::Result<std::string>> WebSocket::receive(std::chrono::milliseconds idle) {
    return SocketState::receive(impl_->state, idle);
}
Task<base::Result<WebSocket::Message>> WebSocket::receive_message(std::chrono::milliseconds idle) {
    return SocketState::receive_message(impl_->state, idle);
}
bool WebSocket::send(std::string text) { return impl_->state->send({std::move(text)}); }
bool WebSocket::send_binary(std::string bytes) {
    return impl_->state->send({.data = std::move(bytes), .is_binary = true});
}
Task<bool> WebSocket::drain(std::size_t bytes, std::chrono::milliseconds patience) {
    return SocketState::drain(impl_->state, bytes, patience);
}
void WebSocket::ping() { impl_->state->ping(); }
Task<void> WebSocket::close() { return SocketState::close(impl_->state); }
void WebSocket::begin_close() {
    impl_->state->begin_close(boost::beast::websocket::close_code::normal);
}
void WebSocket::abort() { impl_->state->abort(); }
bool WebSocket::is_open() const { return impl_->state->is_open(); }

namespace {

base::Error failure(detail::ConnectError const& error) {
    if (error.refused) {
        return {.code = base::Errc::forbidden, .reason = "egress_refused", .detail = error.detail};
    }
    auto const code = error.timed_out ? base::Errc::upstream_timeout : base::Errc::unavailable;
    return {.code = code,
            .reason = error.timed_out ? "socket_timeout" : "socket_not_connected",
            .detail = error.detail};
}

base::Error handshake_failure(detail::ErrorCode const& error, bool timed_out, unsigned status) {
    if (timed_out || error == boost::beast::error::timeout) {
        return {.code = base::Errc::upstream_timeout,
                .reason = "socket_timeout",
                .detail = "The WebSocket handshake took too long."};
    }
    auto detail = "The WebSocket handshake failed: " + error.message();
    if (error == boost::beast::websocket::error::upgrade_declined) {
        detail += " (status " + std::to_string(status) + ")";
    }
    return {.code = base::Errc::bad_gateway,
            .reason = "socket_handshake_failed",
            .detail = std::move(detail)};
}

/// A plain connection shows none.
bool shows(detail::Stream& stream, std::vector<std::uint8_t> const& key) {
    auto const shown = stream.tls() ? detail::peer_key_of(*stream.tls()) : nullptr;
    return shown && *shown == key;
}

}  // namespace

Task<base::Result<std::unique_ptr<WebSocket>>> connect_websocket(std::string url,
                                                                 ClientConfig const& config,
                                                                 std::chrono::milliseconds timeout,
                                                                 Headers headers,
                                                                 PeerKey expected) {
    auto const executor = co_await boost::asio::this_coro::executor;
    auto const until = detail::Deadline::Clock::now() + timeout;
    auto const max_message = config.max_response_bytes;
    auto const where = parse_url(url);
    if (!where || !where->scheme.starts_with("ws")) {
        co_return base::fail(base::Errc::invalid_argument, "bad_url", "Not a ws:// or wss:// URL.");
    }
    detail::EgressList const egress(config.allowed_origins);
    if (!egress.allows(*where)) {
        co_return base::fail(base::Errc::forbidden, "egress_refused",
                             where->origin() + " is not on the list of allowed origins.");
    }
    std::optional<boost::asio::ssl::context> tls;
    if (where->is_tls()) tls = detail::make_client_context(config.tls);
    detail::TlsUse use;
    if (tls) use = {&*tls, detail::identity_at(config.tls, *where)};
    auto stream = co_await detail::connect(executor, *where, std::move(use), until);
    if (!stream) co_return std::unexpected(failure(stream.error()));
    if (expected && !shows(*stream, *expected))
        co_return base::fail(base::Errc::forbidden, "other_key", "The peer has another TLS key.");

    auto const state = std::make_shared<SocketState>(std::move(*stream), max_message);
    auto socket = std::make_unique<WebSocket>(
        std::make_unique<WebSocket::Impl>(WebSocket::Impl{.state = state}));
    detail::Deadline limit(executor, [state] { state->abort(); });
    limit.arm(until);
    unsigned status = 0;
    auto handshake = SocketState::handshake(state, detail::host_field(*where), where->target,
                                            std::move(headers), status);
    auto const error = co_await std::move(handshake);
    if (error) co_return std::unexpected(handshake_failure(error, limit.expired(), status));
    co_return socket;
}

}  // namespace obscura::net
