#include "net/detail/client_exchange.hpp"

#include "net/detail/request_text.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>

#include <array>

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace obscura::net::detail {

namespace {

constexpr std::size_t max_response_header = 64 * 1024;
constexpr int max_interim_responses = 8;

}  // namespace

Task<Written> write_request(PooledConnection& connection, Request const& request, Url const& url) {
    auto head = request_head(request, url);
    auto const joined = request.body.size() <= 16 * 1024;
    if (joined) head += request.body;
    std::array<asio::const_buffer, 2> const pieces{
        asio::buffer(head), joined ? asio::const_buffer() : asio::buffer(request.body)};
    auto const [error, n] = co_await asio::async_write(connection.stream, pieces, quietly);
    base::cleanse(head);  // a caller's key is in it, and the body may be a secret
    // Under TLS the count is of plaintext whose record may be half out: that is no certainty.
    co_return Written{.error = error, .nothing_left = error && n == 0 && !connection.stream.tls()};
}

Task<std::expected<Response, std::string>> read_response(PooledConnection& connection, bool is_head,
                                                         std::size_t limit, bool& reusable) {
    auto& [stream, buffer, deadline, exchanges, peer_key] = connection;
    for (int i = 0; i < max_interim_responses; ++i) {
        MessageParser<false> parser;
        parser.skip(is_head);
        auto error = co_await read_header(stream, buffer, parser, max_response_header);
        if (error) co_return std::unexpected("response header: " + error.message());
        if (parser.status / 100 == 1 && parser.status != 101) continue;
        error = co_await read_body(stream, buffer, parser, limit);
        if (error == http::error::body_limit) {
            co_return std::unexpected("the response is larger than " + std::to_string(limit));
        }
        if (error) co_return std::unexpected("response body: " + error.message());
        reusable =
            parser.keep_alive() && !parser.need_eof() && buffer.size() == 0 && parser.status != 101;
        ++exchanges;
        co_return Response{.status = parser.status,
                           .headers = std::move(parser.headers),
                           .body = std::move(parser.body),
                           .close = !reusable,
                           .peer_key = peer_key};
    }
    co_return std::unexpected("too many interim responses");
}

}  // namespace obscura::net::detail
