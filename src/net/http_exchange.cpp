#include "net/http_exchange.hpp"

#include "net/detail/connect.hpp"
#include "net/detail/http_io.hpp"
#include "net/detail/request_text.hpp"
#include "net/detail/text.hpp"

#include <boost/beast/http/error.hpp>

namespace http = boost::beast::http;

namespace obscura::net {

namespace detail {

bool is_well_formed(Request const& request) {
    if (!is_token(request.method) || !is_request_target(request.target)) return false;
    for (auto const& [name, value] : request.headers) {
        if (!is_token(name) || !is_field_value(value)) return false;
    }
    return true;
}

std::string request_head(Request const& request, Url const& url) {
    std::string out;
    out.reserve(512);
    out.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\nHost: ");
    out.append(host_field(url)).append("\r\n");
    append_fields(out, request.headers);
    auto const& method = request.method;
    if (!request.body.empty() || method == "POST" || method == "PUT" || method == "PATCH") {
        out.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
    }
    out.append("Connection: keep-alive\r\n\r\n");
    return out;
}

}  // namespace detail

namespace {

constexpr int max_interim_responses = 8;
/// Longest chunk header or trailer: beyond it the sender plays games.
constexpr std::size_t max_unparsed = 16 * 1024;

base::Error bad_response(std::string why) {
    return {.code = base::Errc::bad_gateway,
            .reason = "bad_response",
            .detail = "The server's answer cannot be read: " + std::move(why) + "."};
}

}  // namespace

std::optional<std::string> request_text(Request const& request, Url const& origin) {
    if (!detail::is_well_formed(request)) return std::nullopt;
    auto out = detail::request_head(request, origin);
    out += request.body;
    return out;
}

struct ResponseReader::State {
    explicit State(Limits l) : limits(l) { begin(); }

    Limits limits;
    std::optional<detail::MessageParser<false>> parser;
    std::string unparsed;
    std::size_t header_bytes = 0;
    int interim = 0;

    void begin() {
        parser.emplace();
        parser->eager(false);
        parser->header_limit(
            static_cast<std::uint32_t>(limits.header_bytes + 64 * 1024));  // ours is the exact one
        parser->body_limit(limits.body_bytes);
        header_bytes = 0;
    }
    /// Whether anything more can be made of what is there.
    [[nodiscard]] base::Result<bool> advance() {
        detail::ErrorCode error;
        bool const in_header = !parser->is_header_done();
        auto const used = parser->put(boost::asio::buffer(unparsed.data(), unparsed.size()), error);
        unparsed.erase(0, used);
        if (error && error != http::error::need_more)
            return std::unexpected(bad_response(error.message()));
        if (in_header) {
            header_bytes += used;
            auto const seen = header_bytes + (parser->is_header_done() ? 0 : unparsed.size());
            if (seen > limits.header_bytes)
                return std::unexpected(bad_response("its header is too long"));
            if (parser->is_header_done()) return header_is_done();
        }
        if (!parser->is_done() && unparsed.size() > max_unparsed)
            return std::unexpected(bad_response("a line is too long"));
        return used > 0 && !parser->is_done() && !unparsed.empty();
    }
    [[nodiscard]] base::Result<bool> header_is_done() {
        if (parser->status / 100 == 1) {
            if (parser->status == 101 || ++interim > max_interim_responses)
                return std::unexpected(bad_response("it never begins"));
            begin();
            return !unparsed.empty();
        }
        auto const announced = parser->content_length();
        if (announced && *announced > limits.body_bytes)
            return std::unexpected(bad_response("its body is too long"));
        parser->eager(true);
        return !parser->is_done() && !unparsed.empty();
    }
};

ResponseReader::ResponseReader(Limits limits) : state_(std::make_unique<State>(limits)) {}
ResponseReader::~ResponseReader() = default;
ResponseReader::ResponseReader(ResponseReader&&) noexcept = default;
ResponseReader& ResponseReader::operator=(ResponseReader&&) noexcept = default;

base::Result<bool> ResponseReader::receive(std::string_view bytes) {
    state_->unparsed += bytes;
    while (detail::may_parse(*state_->parser, state_->unparsed.size())) {
        auto const goes_on = state_->advance();
        if (!goes_on) return goes_on;
        if (!*goes_on) break;
    }
    return state_->parser->is_done();
}

base::Result<bool> ResponseReader::end() {
    auto& parser = *state_->parser;
    detail::ErrorCode error;
    if (parser.is_header_done() && parser.need_eof()) parser.put_eof(error);
    if (error || !parser.is_done()) return std::unexpected(bad_response("it was cut off"));
    return true;
}

Response ResponseReader::take() {
    auto& parser = *state_->parser;
    bool const can_stay = parser.keep_alive() && !parser.need_eof() && state_->unparsed.empty();
    return Response{.status = parser.status,
                    .headers = std::move(parser.headers),
                    .body = std::move(parser.body),
                    .close = !can_stay};
}

}  // namespace obscura::net
