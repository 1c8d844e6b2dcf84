#include "net/detail/server_connection.hpp"

#include "base/ids.hpp"
#include "base/log.hpp"
#include "base/secret.hpp"
#include "net/detail/request_rules.hpp"
#include "net/detail/text.hpp"
#include "net/problem.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <array>
#include <ctime>

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;

namespace obscura::net::detail {

namespace {

/// A body that nobody wants is read up to here to keep the connection; beyond, it is closed.
constexpr std::size_t max_unwanted_body = 64 * 1024;
constexpr std::size_t max_lingering_bytes = 1 << 20;
constexpr auto linger_limit = std::chrono::seconds(2);

std::string address_of(Socket const& socket) {
    ErrorCode error;
    auto const endpoint = socket.remote_endpoint(error);
    if (error) return "";
    auto address = endpoint.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    }
    return address.to_string();
}

bool contains(std::vector<std::string> const& texts, std::string const& text) {
    return std::ranges::find(texts, text) != texts.end();
}

base::Error error_of(base::Errc code, std::string reason, std::string detail) {
    return {.code = code, .reason = std::move(reason), .detail = std::move(detail)};
}

}  // namespace

std::string const& ServerCore::date() {
    auto const now = std::chrono::floor<std::chrono::seconds>(clock.now());
    if (now == date_second_ && !date_.empty()) return date_;
    date_second_ = now;
    auto const seconds = static_cast<std::time_t>(now.time_since_epoch().count());
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 40> text{};
    auto const n = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    date_.assign(text.data(), n);
    return date_;
}

ServerConnection::ServerConnection(std::shared_ptr<ServerCore> core, Socket socket, bool overloaded)
    : core_(std::move(core)),
      stream_(core_->tls ? Stream(std::move(socket), *core_->tls) : Stream(std::move(socket))),
      // Only a wait ends, so that a slow sender can still be told.
      deadline_(stream_.get_executor(),
                [this] {
                    ErrorCode ignored;
                    stream_.socket().cancel(ignored);
                }),
      overloaded_(overloaded) {}

Task<void> ServerConnection::run(std::shared_ptr<ServerConnection> self) {
    ErrorCode ignored;
    self->stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    self->remote_address_ = address_of(self->stream_.socket());
    auto next = co_await self->begin() ? Next::request : Next::close;
    while (next == Next::request) next = co_await self->serve_one();
    if (next == Next::linger) co_await self->linger();
    self->deadline_.disarm();
    self->close_now();
}

void ServerConnection::wind_down() {
    winding_down_ = true;
    if (websocket_)
        websocket_->begin_close(websocket::close_code::going_away);
    else if (idle_)
        stream_.close();
}

void ServerConnection::close_now() {
    if (websocket_)
        websocket_->abort();
    else
        stream_.close();
}

Task<bool> ServerConnection::begin() {
    if (!stream_.tls()) co_return true;
    if (core_->config.tls->plain_paths.empty() || co_await speaks_tls())
        co_return co_await shake_hands();
    if (deadline_.expired() || !stream_.socket().is_open()) co_return false;
    stream_ = Stream(std::move(stream_.socket()));
    co_return true;
}

Task<bool> ServerConnection::speaks_tls() {
    constexpr unsigned char handshake_record = 22;  // RFC 8446 5.1; no method begins with it
    unsigned char first = 0;
    deadline_.arm_after(core_->config.header_timeout);
    auto const peek = asio::socket_base::message_peek;
    auto& socket = stream_.socket();
    auto const [error, n] = co_await socket.async_receive(asio::buffer(&first, 1), peek, quietly);
    co_return error || n == 0 || first == handshake_record;
}

Task<bool> ServerConnection::shake_hands() {
    deadline_.arm_after(core_->config.header_timeout);
    auto const [error] =
        co_await stream_.tls()->async_handshake(asio::ssl::stream_base::server, quietly);
    if (error || deadline_.expired()) co_return false;
    peer_ = peer_identity(*stream_.tls());
    co_return true;
}

base::Result<void> ServerConnection::admit(Request const& request) {
    if (!core_->config.tls) return {};
    auto const& tls = *core_->config.tls;
    if (!stream_.tls()) {
        bool const is_here =
            request.remote_address == "127.0.0.1" || request.remote_address == "::1";
        bool const is_read = request.method == "GET" || request.method == "HEAD";
        if (is_here && is_read && contains(tls.plain_paths, request.path)) return {};
        return base::fail(base::Errc::forbidden, "tls_required",
                          "Use TLS 1.3 here, with a certificate of the services' own authority.");
    }
    if (tls.peers.empty() || contains(tls.peers, peer_)) return {};
    return base::fail(base::Errc::forbidden, "peer_not_admitted",
                      "The certificate shown is of somebody whom this service does not serve.");
}

Task<bool> ServerConnection::wait_for_bytes() {
    if (buffer_.size() > 0) co_return true;
    wipe(buffer_);
    if (buffer_.capacity() > 8 * 1024) buffer_ = Buffer();  // idle connections are many
    deadline_.arm_after(overloaded_ ? linger_limit : core_->config.idle_timeout);
    auto const space = buffer_.prepare(4096);
    auto const [error, n] = co_await stream_.async_read_some(space, quietly);
    buffer_.commit(n);
    co_return !error;
}

Task<ServerConnection::Next> ServerConnection::serve_one() {
    idle_ = true;
    if (winding_down_ || !co_await wait_for_bytes()) co_return Next::close;
    idle_ = false;
    Incoming in;
    in.request.received_at = core_->clock.now();
    in.request.remote_address = remote_address_;
    in.request.peer = peer_;
    deadline_.arm_after(core_->config.header_timeout);
    auto const broken =
        co_await read_header(stream_, buffer_, in.parser, core_->config.max_header_bytes);
    if (broken) {
        in.unread_body = true;
        auto const is_protocol =
            broken.category() == make_error_code(http::error::bad_method).category();
        if (!deadline_.expired() && !is_protocol) co_return Next::close;  // the peer is gone
        co_return co_await refuse(in, describe(in, broken));
    }
    auto const understood = interpret(in);
    if (!understood) {
        in.unread_body = true;
        co_return co_await refuse(in, understood.error());
    }
    if (auto const admitted = admit(in.request); !admitted) {
        in.unread_body = true;
        co_return co_await refuse(in, admitted.error());
    }
    if (overloaded_) {
        auto busy = error_of(base::Errc::unavailable, "too_many_connections",
                             "The server has as many connections as it can take.");
        busy.retry_after = std::chrono::seconds(1);
        in.unread_body = true;
        co_return co_await refuse(in, busy);
    }
    co_return co_await serve_routed(in);
}

base::Result<void> ServerConnection::interpret(Incoming& in) {
    auto& request = in.request;
    request.method = std::move(in.parser.method);
    request.target = std::move(in.parser.target);
    request.headers = std::move(in.parser.headers);
    auto const id = request.headers.find("X-Request-Id");
    request.id = id && is_request_id(*id) ? std::string(*id) : new_id();
    in.keep_alive = in.parser.keep_alive() && !winding_down_;
    if (auto const ok = check_host(request, in.parser.version); !ok) return ok;
    if (auto const ok = read_target(request); !ok) return ok;
    if (in.parser.version < 11 && in.parser.chunked()) {
        return base::fail(base::Errc::invalid_argument, "bad_transfer_encoding",
                          "HTTP/1.0 has no chunked encoding.");
    }
    auto const expect = request.headers.find("Expect");
    in.expects_continue = expect && in.parser.version >= 11 && !in.parser.is_done() &&
                          equals_ignoring_case(*expect, "100-continue");
    return {};
}

Task<ServerConnection::Next> ServerConnection::serve_routed(Incoming& in) {
    auto const started = core_->clock.steady();
    in.router = core_->router;
    if (wants_websocket(in.request)) {
        if (auto const* socket = in.router->match_socket(in.request.path)) {
            co_return co_await upgrade(in, *socket);
        }
    }
    auto found = in.router->match(in.request.method, in.request.path);
    auto const* const route = found.route;
    if (!route && in.expects_continue) {
        in.unread_body = true;  // no is the answer already
    } else {
        auto const body = co_await take_body(in, route ? route->body_limit : max_unwanted_body);
        // Where nothing would take the body, its fate is the smaller news.
        if (!body && route) co_return co_await refuse(in, body.error());
    }
    auto const response = co_await in.router->dispatch(in.request, std::move(found));
    auto const next = co_await answer(in, response);
    if (core_->config.observe) {
        core_->config.observe(route, in.request, response, core_->clock.steady() - started);
    }
    co_return next;
}

Task<base::Result<void>> ServerConnection::take_body(Incoming& in, std::size_t limit) {
    if (in.parser.is_done()) co_return base::Result<void>();
    auto const announced = in.parser.content_length();
    if (announced && *announced > limit) {
        in.unread_body = true;
        co_return std::unexpected(describe(in, http::error::body_limit));
    }
    deadline_.arm_after(core_->config.body_timeout);
    if (in.expects_continue && buffer_.size() == 0) {
        static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        auto const [error, n] = co_await asio::async_write(stream_, asio::buffer(go_on), quietly);
        if (error) co_return std::unexpected(describe(in, error));
    }
    auto const hold = std::make_shared<BodyHold>(core_->bodies);
    in.request.body_hold = hold;
    auto const error = co_await read_body(stream_, buffer_, in.parser, limit, hold.get());
    if (error) {
        in.unread_body = true;
        co_return std::unexpected(describe(in, error));
    }
    in.request.body = std::move(in.parser.body);
    co_return base::Result<void>();
}

base::Error ServerConnection::describe(Incoming const& in, ErrorCode const& error) const {
    auto const in_header = !in.parser.is_header_done();
    if (deadline_.expired()) {
        return error_of(
            base::Errc::request_timeout, "request_timeout",
            in_header ? "The request header took too long." : "The request body took too long.");
    }
    std::string_view const unread(static_cast<char const*>(buffer_.data().data()), buffer_.size());
    if (error == http::error::header_limit && in_header && in.parser.method.empty() &&
        !unread.contains('\n')) {
        // Not even the first line has an end: it is the target that is too long.
        return error_of(base::Errc::uri_too_long, "uri_too_long",
                        "The request target is longer than 8192 bytes.");
    }
    if (error == http::error::header_limit) {
        return error_of(base::Errc::header_too_large, "header_too_large",
                        "The request header is larger than " +
                            std::to_string(core_->config.max_header_bytes) + " bytes.");
    }
    if (error == http::error::body_limit) {
        return error_of(base::Errc::payload_too_large, "payload_too_large",
                        "The request body is larger than this route takes.");
    }
    if (error == asio::error::no_buffer_space) {
        auto busy = error_of(base::Errc::unavailable, "too_many_bodies",
                             "The server holds as many unfinished requests as it can take.");
        busy.retry_after = std::chrono::seconds(1);
        return busy;
    }
    if (error == http::error::partial_message && !in_header) {
        return error_of(base::Errc::invalid_argument, "truncated_body",
                        "The request ended before its body did.");
    }
    return error_of(base::Errc::invalid_argument, "malformed_request",
                    "Not a valid HTTP/1.1 request: " + error.message() + ".");
}

Task<ServerConnection::Next> ServerConnection::refuse(Incoming& in, base::Error error) {
    if (in.request.id.empty()) in.request.id = new_id();
    auto response = problem(error, in.request.id);
    response.headers.set("X-Request-Id", in.request.id);
    response.close = in.unread_body;
    if (core_->config.observe) core_->config.observe(nullptr, in.request, response, {});
    co_return co_await answer(in, response);
}

Task<ServerConnection::Next> ServerConnection::answer(Incoming& in, Response const& response) {
    if (response.drop) co_return Next::close;
    auto const keep = in.keep_alive && !response.close && !in.unread_body && !winding_down_;
    auto head = response_head(response, core_->date(), keep, in.parser.version < 11);
    if (response.reset_mid_body) co_return co_await break_off(std::move(head), response);
    auto const with_body = in.request.method != "HEAD" && has_body(response.status);
    // One write of one buffer is one TLS record and one packet; large bodies are not copied.
    auto const joined = with_body && response.body.size() <= 16 * 1024;
    if (joined) head += response.body;
    std::array<asio::const_buffer, 2> const pieces{
        asio::buffer(head),
        with_body && !joined ? asio::buffer(response.body) : asio::const_buffer()};
    deadline_.arm_after(core_->config.write_timeout);
    auto const [error, n] = co_await asio::async_write(stream_, pieces, quietly);
    if (error || deadline_.expired()) co_return Next::close;
    if (keep) co_return Next::request;
    // Closing with unread bytes resets the connection, and the peer may lose the answer.
    auto const must_linger = in.unread_body || buffer_.size() > 0 || stream_.tls();
    co_return must_linger ? Next::linger : Next::close;
}

Task<ServerConnection::Next> ServerConnection::break_off(std::string head,
                                                         Response const& response) {
    head.append(response.body, 0, response.body.size() / 2);
    deadline_.arm_after(core_->config.write_timeout);
    (void)co_await asio::async_write(stream_, asio::buffer(head), quietly);
    // Closing a socket that may not linger resets the connection.
    ErrorCode ignored;
    stream_.socket().set_option(asio::socket_base::linger(true, 0), ignored);
    co_return Next::close;
}

Task<void> ServerConnection::linger() {
    deadline_.arm_after(linger_limit);
    if (auto* const tls = stream_.tls()) co_await tls->async_shutdown(quietly);
    auto& socket = stream_.socket();
    ErrorCode ignored;
    socket.shutdown(Socket::shutdown_send, ignored);
    std::array<char, 4096> waste;
    for (std::size_t total = 0; total < max_lingering_bytes && !deadline_.expired();) {
        auto const [error, n] = co_await socket.async_read_some(asio::buffer(waste), quietly);
        if (error) break;
        total += n;
    }
    base::cleanse(waste.data(), waste.size());
}

std::string ServerConnection::new_id() {
    return base::make_uuid_v7(core_->clock.now(), core_->random).to_string();
}

}  // namespace obscura::net::detail
