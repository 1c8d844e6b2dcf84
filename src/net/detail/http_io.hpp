#pragma once

#include "net/detail/body_budget.hpp"
#include "net/detail/stream.hpp"
#include "net/http.hpp"
#include "net/task.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

/// HTTP/1.1 framing on top of Beast's incremental parser, straight into our own types.
namespace obscura::net::detail {

using Buffer = boost::beast::flat_buffer;

/// Overwrites what an empty buffer has held: it may have been a secret, and on a connection that is
/// kept nothing else may come for long.
void wipe(Buffer& buffer);

/// What a parser collects. Stricter than Beast: one Content-Length, no Transfer-Encoding but
/// "chunked", both never together (request smuggling), and trailers are dropped.
template <bool is_request>
class MessageParser final : public boost::beast::http::basic_parser<is_request> {
public:
    MessageParser() { this->body_limit(boost::none); }

    std::string method;   ///< requests
    std::string target;   ///< requests
    unsigned status = 0;  ///< responses
    int version = 11;     ///< 10 or 11
    Headers headers;
    std::string body;

private:
    using View = boost::beast::string_view;

    void on_request_impl(boost::beast::http::verb, View name, View uri, int v, ErrorCode&) override;
    void on_response_impl(int code, View reason, int v, ErrorCode&) override;
    void on_field_impl(boost::beast::http::field field, View name, View value,
                       ErrorCode& error) override;
    void on_header_impl(ErrorCode&) override { header_done_ = true; }
    void on_body_init_impl(boost::optional<std::uint64_t> const& length, ErrorCode&) override;
    std::size_t on_body_impl(View text, ErrorCode&) override;
    void on_chunk_header_impl(std::uint64_t, View, ErrorCode&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, View text, ErrorCode&) override;
    void on_finish_impl(ErrorCode&) override {}

    bool header_done_ = false;
    bool has_length_ = false;
};
extern template class MessageParser<true>;
extern template class MessageParser<false>;

/// Whether the parser may be shown `size` more bytes. Beast asserts that a last chunk which it
/// could not finish comes back with five bytes at least; as many end every chunked message.
template <bool is_request>
[[nodiscard]] bool may_parse(MessageParser<is_request> const& parser, std::size_t size) {
    bool const in_chunks = parser.is_header_done() && parser.chunked() && !parser.is_done();
    return size > 0 && (!in_chunks || size >= 5);
}

/// Reads up to the end of the header, at most `limit` bytes of it; what follows stays in `buffer`.
/// Errors: http::error (header_limit, bad_...), end_of_stream when the peer closed before the first
/// byte, partial_message in the midst, or the socket's.
template <bool is_request>
[[nodiscard]] Task<ErrorCode> read_header(Stream& stream, Buffer& buffer,
                                          MessageParser<is_request>& parser, std::size_t limit);

/// Reads the rest of the message, at most `limit` bytes of body (http::error::body_limit). With a
/// `hold`, what is held and what the next read may bring is counted; no_buffer_space when there is
/// no room for it.
template <bool is_request>
[[nodiscard]] Task<ErrorCode> read_body(Stream& stream, Buffer& buffer,
                                        MessageParser<is_request>& parser, std::size_t limit,
                                        BodyHold* hold = nullptr);

/// True for fields that only this library sets: framing and the connection's own.
[[nodiscard]] bool is_framing_field(std::string_view name);

/// Appends "name: value\r\n" for each field that is well-formed and not framing.
void append_fields(std::string& out, Headers const& headers);

/// The header of an answer to a request with this method. `date` is an IMF-fixdate.
[[nodiscard]] std::string response_head(Response const& response, std::string_view date,
                                        bool keep_alive, bool http_1_0);
[[nodiscard]] bool has_body(unsigned status);

}  // namespace obscura::net::detail
