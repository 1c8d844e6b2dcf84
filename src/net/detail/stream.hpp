#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/role.hpp>

#include <memory>
#include <optional>

namespace obscura::net::detail {

using Socket = boost::asio::ip::tcp::socket;
using ErrorCode = boost::system::error_code;

/// Errors come back as values: `auto const [error, n] = co_await x(quietly)`.
constexpr auto quietly = boost::asio::as_tuple(boost::asio::use_awaitable);

/// A TCP connection with or without TLS, chosen at run time so that Beast and Asio are instantiated
/// once for both.
class Stream {
public:
    using executor_type = boost::asio::any_io_executor;
    using TlsStream = boost::asio::ssl::stream<Socket>;

    explicit Stream(Socket socket) : plain_(std::move(socket)) {}
    Stream(Socket socket, boost::asio::ssl::context& context)
        : tls_(std::make_unique<TlsStream>(std::move(socket), context)) {}

    [[nodiscard]] executor_type get_executor() { return socket().get_executor(); }
    [[nodiscard]] Socket& socket() { return tls_ ? tls_->next_layer() : *plain_; }
    [[nodiscard]] TlsStream* tls() { return tls_.get(); }
    /// Pending operations end with operation_aborted.
    void close() noexcept {
        ErrorCode ignored;
        socket().close(ignored);
    }

    template <class Buffers, class Token>
    typename boost::asio::async_result<std::decay_t<Token>,
                                       void(ErrorCode, std::size_t)>::return_type
    async_read_some(Buffers const& buffers, Token&& token) {
        if (tls_) return tls_->async_read_some(buffers, std::forward<Token>(token));
        return plain_->async_read_some(buffers, std::forward<Token>(token));
    }
    template <class Buffers, class Token>
    typename boost::asio::async_result<std::decay_t<Token>,
                                       void(ErrorCode, std::size_t)>::return_type
    async_write_some(Buffers const& buffers, Token&& token) {
        if (tls_) return tls_->async_write_some(buffers, std::forward<Token>(token));
        return plain_->async_write_some(buffers, std::forward<Token>(token));
    }

private:
    std::optional<Socket> plain_;
    std::unique_ptr<TlsStream> tls_;
};

/// Found by Beast's WebSocket stream when it gives up on a connection.
inline void beast_close_socket(Stream& stream) { stream.close(); }

/// Found by Beast after the closing handshake. Nobody waits for the peer's FIN: the close frames
/// have said it all.
inline void teardown(boost::beast::role_type, Stream& stream, ErrorCode& error) {
    stream.socket().shutdown(Socket::shutdown_both, error);
    stream.close();
    error = {};
}
template <class Handler>
void async_teardown(boost::beast::role_type role, Stream& stream, Handler&& handler) {
    ErrorCode error;
    teardown(role, stream, error);
    boost::asio::post(stream.get_executor(),
                      [done = std::forward<Handler>(handler)]() mutable { done(ErrorCode{}); });
}

}  // namespace obscura::net::detail
