#include "net/tcp.hpp"

#include "net/detail/connect.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>

namespace asio = boost::asio;

namespace obscura::net {

struct TcpConnection::Impl {
    detail::Stream stream;
};

namespace {

std::unexpected<base::Error> broken(detail::ErrorCode const& error) {
    return base::fail(base::Errc::unavailable, "connection_closed",
                      "The connection ended: " + error.message() + ".");
}

}  // namespace

TcpConnection::TcpConnection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TcpConnection::~TcpConnection() { close(); }
void TcpConnection::close() { impl_->stream.close(); }

Task<base::Result<std::string>> TcpConnection::read(std::size_t most) {
    auto const impl = impl_;  // the connection may go away meanwhile
    std::string out(most, '\0');
    auto const [error, n] = co_await impl->stream.async_read_some(
        asio::buffer(out.data(), out.size()), detail::quietly);
    if (error) co_return broken(error);
    out.resize(n);
    co_return out;
}

Task<base::Result<void>> TcpConnection::write(std::string bytes) {
    auto const impl = impl_;
    auto const [error, n] =
        co_await asio::async_write(impl->stream, asio::buffer(bytes), detail::quietly);
    if (error) co_return broken(error);
    co_return base::Result<void>();
}

Task<base::Result<std::unique_ptr<TcpConnection>>> connect_tcp(std::string origin,
                                                               ClientConfig const& config,
                                                               std::chrono::milliseconds timeout) {
    auto const executor = co_await asio::this_coro::executor;
    auto const until = detail::Deadline::Clock::now() + timeout;
    auto const where = parse_url(origin);
    if (!where || where->scheme != "https")
        co_return base::fail(base::Errc::invalid_argument, "bad_url", "Not an https:// origin.");
    detail::EgressList const egress(config.allowed_origins);
    if (!egress.allows(*where))
        co_return base::fail(base::Errc::forbidden, "egress_refused",
                             where->origin() + " is not on the list of allowed origins.");
    auto stream = co_await detail::connect(executor, *where, {}, until);
    if (!stream)
        co_return base::fail(
            stream.error().timed_out ? base::Errc::upstream_timeout : base::Errc::unavailable,
            "not_connected", stream.error().detail);
    auto impl = std::make_unique<TcpConnection::Impl>(TcpConnection::Impl{std::move(*stream)});
    co_return std::make_unique<TcpConnection>(std::move(impl));
}

}  // namespace obscura::net
