#include "net/detail/connect.hpp"

#include <boost/asio/ip/address.hpp>

#include <stdexcept>

namespace asio = boost::asio;
using tcp = boost::asio::ip::tcp;

namespace obscura::net::detail {

namespace {

constexpr std::size_t max_endpoints = 8;

std::unexpected<ConnectError> failed(bool timed_out, std::string what) {
    return std::unexpected(ConnectError{.timed_out = timed_out, .detail = std::move(what)});
}

Task<std::expected<Socket, ConnectError>> connect_socket(asio::any_io_executor executor,
                                                         Endpoints const& endpoints,
                                                         Deadline::Clock::time_point until) {
    std::string last = "no address";
    bool timed_out = false;
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
        Socket socket(executor);
        Deadline limit(executor, [&socket] {
            ErrorCode ignored;
            socket.close(ignored);
        });
        auto const now = Deadline::Clock::now();
        auto const is_last = i + 1 == endpoints.size();
        limit.arm(is_last ? until : now + (until - now) / 2);
        auto const [error] = co_await socket.async_connect(endpoints[i], quietly);
        timed_out = limit.expired();
        if (!error && !timed_out) {
            ErrorCode ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            co_return socket;
        }
        last = timed_out ? "timed out" : error.message();
    }
    co_return failed(timed_out, "connect: " + last);
}

}  // namespace

EgressList::EgressList(std::vector<std::string> const& origins) {
    for (auto const& text : origins) {
        if (text == "*") {
            all_ = true;
            continue;
        }
        auto const url = parse_url(text);
        if (!url || url->target != "/") throw std::invalid_argument("not an origin: " + text);
        origins_.insert(url->origin());
    }
}

bool EgressList::allows(Url const& url) const { return all_ || origins_.contains(url.origin()); }

std::string host_field(Url const& url) {
    auto const bare = url.host.find(':') == std::string::npos;
    auto host = bare ? url.host : "[" + url.host + "]";
    if (url.port != (url.is_tls() ? 443 : 80)) host += ":" + std::to_string(url.port);
    return host;
}

Task<std::expected<Endpoints, ConnectError>> resolve(asio::any_io_executor executor, Url const& url,
                                                     Deadline::Clock::time_point until) {
    ErrorCode not_an_address;
    auto const address = asio::ip::make_address(url.host, not_an_address);
    if (!not_an_address) co_return Endpoints{tcp::endpoint(address, url.port)};
    tcp::resolver resolver(executor);
    Deadline limit(executor, [&resolver] { resolver.cancel(); });
    limit.arm(until);
    auto const port = std::to_string(url.port);
    auto const [error, found] = co_await resolver.async_resolve(url.host, port, quietly);
    if (limit.expired()) co_return failed(true, "resolve: timed out");
    if (error) co_return failed(false, "resolve: " + error.message());
    Endpoints endpoints;
    for (auto const& entry : found) {
        if (endpoints.size() < max_endpoints) endpoints.push_back(entry.endpoint());
    }
    co_return endpoints;
}

Task<std::expected<Stream, ConnectError>> connect_to(asio::any_io_executor executor, Url const& url,
                                                     Endpoints endpoints, TlsUse tls,
                                                     Deadline::Clock::time_point until) {
    auto socket = co_await connect_socket(executor, endpoints, until);
    if (!socket) co_return std::unexpected(std::move(socket.error()));
    if (!tls.context) co_return Stream(std::move(*socket));
    Stream stream(std::move(*socket), *tls.context);
    expect_host(*stream.tls(), url.host, tls.identity);
    Deadline limit(executor, [&stream] { stream.close(); });
    limit.arm(until);
    auto const [error] =
        co_await stream.tls()->async_handshake(asio::ssl::stream_base::client, quietly);
    if (limit.expired()) co_return failed(true, "TLS: timed out");
    if (error) co_return failed(false, "TLS: " + error.message());
    co_return stream;
}

Task<std::expected<Stream, ConnectError>> connect(asio::any_io_executor executor, Url const& url,
                                                  TlsUse tls, Deadline::Clock::time_point until) {
    auto endpoints = co_await resolve(executor, url, until);
    if (!endpoints) co_return std::unexpected(std::move(endpoints.error()));
    co_return co_await connect_to(executor, url, std::move(*endpoints), std::move(tls), until);
}

}  // namespace obscura::net::detail
