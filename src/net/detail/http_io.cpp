#include "net/detail/http_io.hpp"

#include "base/secret.hpp"
#include "net/detail/text.hpp"

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/status.hpp>

#include <algorithm>

namespace http = boost::beast::http;

namespace obscura::net::detail {

void wipe(Buffer& buffer) {
    auto const held = buffer.prepare(buffer.capacity());
    base::cleanse(held.data(), held.size());
}

template <bool R>
void MessageParser<R>::on_request_impl(http::verb, View name, View uri, int v, ErrorCode&) {
    method.assign(name.data(), name.size());
    target.assign(uri.data(), uri.size());
    version = v;
}

template <bool R>
void MessageParser<R>::on_response_impl(int code, View, int v, ErrorCode&) {
    status = static_cast<unsigned>(code);
    version = v;
}

template <bool R>
void MessageParser<R>::on_field_impl(http::field field, View name, View value, ErrorCode& error) {
    if (header_done_) return;  // a trailer must not pass for a header
    if (field == http::field::content_length) {
        auto const again = std::exchange(has_length_, true);
        if (again || value.find(',') != View::npos) error = http::error::multiple_content_length;
    }
    if (field == http::field::transfer_encoding &&
        !equals_ignoring_case({value.data(), value.size()}, "chunked")) {
        error = http::error::bad_transfer_encoding;
    }
    headers.add(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
}

template <bool R>
void MessageParser<R>::on_body_init_impl(boost::optional<std::uint64_t> const& length, ErrorCode&) {
    // The sender's word is good for a little memory only; the rest comes with the bytes.
    if (length) body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*length, 64 * 1024)));
}

template <bool R>
std::size_t MessageParser<R>::on_body_impl(View text, ErrorCode&) {
    body.append(text.data(), text.size());
    return text.size();
}

template <bool R>
std::size_t MessageParser<R>::on_chunk_body_impl(std::uint64_t, View text, ErrorCode&) {
    body.append(text.data(), text.size());
    return text.size();
}

template class MessageParser<true>;
template class MessageParser<false>;

namespace {

/// Longest chunk header or trailer: beyond it the sender plays games.
constexpr std::size_t max_chunk_header = 16 * 1024;

Task<ErrorCode> read_more(Stream& stream, Buffer& buffer, std::size_t size) {
    auto const space = buffer.prepare(size);
    auto const [error, n] = co_await stream.async_read_some(space, quietly);
    buffer.commit(n);
    co_return error;
}

template <bool R>
ErrorCode feed(MessageParser<R>& parser, Buffer& buffer) {
    ErrorCode error;
    if (may_parse(parser, buffer.size())) buffer.consume(parser.put(buffer.data(), error));
    return error;
}

bool is_end(ErrorCode const& error) {
    return error == boost::asio::error::eof || error == boost::asio::ssl::error::stream_truncated;
}

}  // namespace

template <bool R>
Task<ErrorCode> read_header(Stream& stream, Buffer& buffer, MessageParser<R>& parser,
                            std::size_t limit) {
    parser.eager(false);
    parser.header_limit(static_cast<std::uint32_t>(limit + 64 * 1024));  // ours is the exact one
    std::size_t consumed = 0;
    while (true) {
        auto const before = buffer.size();
        auto const error = feed(parser, buffer);
        consumed += before - buffer.size();
        if (error && error != http::error::need_more) co_return error;
        auto const seen = consumed + (parser.is_header_done() ? 0 : buffer.size());
        if (seen > limit) co_return http::error::header_limit;
        if (parser.is_header_done()) co_return ErrorCode{};
        auto const failed = co_await read_more(stream, buffer, 4096);
        if (is_end(failed)) {
            auto const nothing = consumed == 0 && buffer.size() == 0;
            co_return nothing ? http::error::end_of_stream : http::error::partial_message;
        }
        if (failed) co_return failed;
    }
}

template <bool R>
Task<ErrorCode> read_body(Stream& stream, Buffer& buffer, MessageParser<R>& parser,
                          std::size_t limit, BodyHold* hold) {
    if (parser.is_done()) co_return ErrorCode{};
    auto const announced = parser.content_length();
    if (announced && *announced > limit) co_return http::error::body_limit;
    parser.body_limit(limit);
    parser.eager(true);
    while (true) {
        auto const error = feed(parser, buffer);
        if (error && error != http::error::need_more) co_return error;
        if (parser.is_done()) co_return ErrorCode{};
        if (buffer.size() > max_chunk_header) co_return http::error::bad_chunk;
        auto const missing = parser.content_length_remaining().value_or(0);
        auto const size = std::clamp<std::uint64_t>(missing, 4096, 64 * 1024);
        if (hold != nullptr && !hold->grow_to(parser.body.size() + size))
            co_return boost::asio::error::no_buffer_space;
        auto const failed = co_await read_more(stream, buffer, static_cast<std::size_t>(size));
        if (is_end(failed)) {
            ErrorCode end;
            // A body that ends with the connection can be cut unnoticed unless TLS says goodbye.
            if (failed == boost::asio::error::eof)
                parser.put_eof(end);
            else
                end = http::error::partial_message;
            co_return end;
        }
        if (failed) co_return failed;
    }
}

template Task<ErrorCode> read_header(Stream&, Buffer&, MessageParser<true>&, std::size_t);
template Task<ErrorCode> read_header(Stream&, Buffer&, MessageParser<false>&, std::size_t);
template Task<ErrorCode> read_body(Stream&, Buffer&, MessageParser<true>&, std::size_t, BodyHold*);
template Task<ErrorCode> read_body(Stream&, Buffer&, MessageParser<false>&, std::size_t, BodyHold*);

bool is_framing_field(std::string_view name) {
    for (auto const framing : {"Host", "Content-Length", "Transfer-Encoding", "Connection",
                               "Keep-Alive", "Proxy-Connection", "Upgrade", "Trailer", "TE"}) {
        if (equals_ignoring_case(name, framing)) return true;
    }
    return false;
}

void append_fields(std::string& out, Headers const& headers) {
    for (auto const& [name, value] : headers) {
        if (is_framing_field(name) || !is_token(name) || !is_field_value(value)) continue;
        out.append(name).append(": ").append(value).append("\r\n");
    }
}

bool has_body(unsigned status) { return status >= 200 && status != 204 && status != 304; }

std::string response_head(Response const& response, std::string_view date, bool keep_alive,
                          bool http_1_0) {
    auto const reason = http::obsolete_reason(static_cast<http::status>(response.status));
    std::string out;
    out.reserve(512);
    out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
    out.append(reason.data(), reason.size()).append("\r\nDate: ").append(date).append("\r\n");
    append_fields(out, response.headers);
    if (has_body(response.status)) {
        out.append("Content-Length: ").append(std::to_string(response.body.size())).append("\r\n");
    }
    if (!keep_alive)
        out.append("Connection: close\r\n");
    else if (http_1_0)
        out.append("Connection: keep-alive\r\n");
    out.append("\r\n");
    return out;
}

}  // namespace obscura::net::detail
