#include "net/detail/socket_state.hpp"

#include "net/detail/text.hpp"

#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;

namespace obscura::net::detail {

namespace {

constexpr auto handshake_limit = std::chrono::seconds(10);
constexpr auto close_limit = std::chrono::seconds(3);

http::request<http::string_body> to_beast(Request const& request) {
    http::request<http::string_body> out;
    out.method_string(request.method);
    out.target(request.target);
    out.version(11);
    for (auto const& [name, value] : request.headers) out.insert(name, value);
    return out;
}

void add_fields(http::fields& fields, Headers const& headers) {
    for (auto const& [name, value] : headers) {
        if (is_token(name) && is_field_value(value)) fields.set(name, value);
    }
}

}  // namespace

SocketState::SocketState(Stream stream, std::size_t max_message)
    : ws_(std::move(stream)),
      max_message_(max_message),
      idle_check_(ws_.get_executor(), [this] { watch(); }),
      close_limit_(ws_.get_executor(), [this] { abort(); }),
      ended_(ws_.get_executor()),
      written_(ws_.get_executor()) {
    websocket::stream_base::timeout limits{};
    limits.handshake_timeout = handshake_limit;
    limits.idle_timeout = websocket::stream_base::none();
    limits.keep_alive_pings = false;  // `watch` knows what `receive` was asked for
    ws_.set_option(limits);
    ws_.read_message_max(max_message_);
    ws_.auto_fragment(false);
    // A frame of any kind is a sign of life; data frames are seen in `receive`.
    ws_.control_callback(
        [this](websocket::frame_type, beast::string_view) { heard_ = Deadline::Clock::now(); });
}

void SocketState::opened() {
    open_ = true;
    heard_ = Deadline::Clock::now();
}

Task<ErrorCode> SocketState::accept(Self self, Request const& request) {
    auto const id = request.id;
    self->ws_.set_option(websocket::stream_base::decorator([id](websocket::response_type& answer) {
        answer.erase(http::field::server);
        if (!id.empty()) answer.set("X-Request-Id", id);
    }));
    auto const upgrade = to_beast(request);
    auto const [error] = co_await self->ws_.async_accept(upgrade, quietly);
    if (!error) self->opened();
    co_return error;
}

Task<ErrorCode> SocketState::handshake(Self self, std::string host, std::string target,
                                       Headers headers, unsigned& refused_with) {
    self->ws_.set_option(
        websocket::stream_base::decorator([headers](websocket::request_type& request) {
            request.erase(http::field::user_agent);
            add_fields(request, headers);
        }));
    websocket::response_type answer;
    auto const [error] = co_await self->ws_.async_handshake(answer, host, target, quietly);
    if (!error) self->opened();
    refused_with = answer.result_int();
    co_return error;
}

Task<base::Result<std::string>> SocketState::receive(Self self, std::chrono::milliseconds idle) {
    auto message = co_await receive_message(std::move(self), idle);
    if (!message) co_return std::unexpected(std::move(message.error()));
    co_return std::move(message->data);
}

Task<base::Result<WebSocket::Message>> SocketState::receive_message(
    Self self, std::chrono::milliseconds idle) {
    if (!self->open_) {
        co_return std::unexpected(self->ended(asio::error::operation_aborted));
    }
    struct Receiving {
        SocketState& state;
        ~Receiving() { state.receiving_ = false; }
    } const mark{*self};
    self->receiving_ = true;
    self->idle_ = idle;
    // What the peer sent while nobody received waits in the kernel: silence is counted from here.
    self->heard_ = Deadline::Clock::now();
    self->idle_check_.arm(self->heard_ + idle / 2);
    while (true) {
        auto const [error, n] = co_await self->ws_.async_read_some(self->incoming_, 0, quietly);
        if (error) co_return std::unexpected(self->ended(error));
        self->heard_ = Deadline::Clock::now();
        if (!self->ws_.is_message_done()) continue;
        auto text = beast::buffers_to_string(self->incoming_.data());
        self->incoming_.consume(self->incoming_.size());
        // Beast checks UTF-8 as it comes: a letter cut off by a last frame without a byte passes
        // it.
        if (n == 0 && self->ws_.got_text() && !is_utf8(text))
            co_return std::unexpected(self->ended(websocket::error::bad_frame_payload));
        co_return WebSocket::Message{std::move(text), self->ws_.got_binary()};
    }
}

/// Runs at half of the idle time and, when that was silent, at its end.
void SocketState::watch() {
    if (!receiving_ || over_) return;
    auto const silent = Deadline::Clock::now() - heard_;
    if (silent >= idle_) {
        idle_expired_ = true;
        return abort();
    }
    if (silent >= idle_ / 2) {
        ping();
        return idle_check_.arm(heard_ + idle_);
    }
    idle_check_.arm(heard_ + idle_ / 2);
}

base::Error SocketState::ended(ErrorCode const& error) {
    std::string detail = "The connection broke: " + error.message();
    std::string reason = "socket_broken";
    if (idle_expired_) {
        reason = "socket_idle";
        detail = "Nothing arrived within " + std::to_string(idle_.count()) + " ms.";
    } else if (overflowed_) {
        reason = "socket_slow_reader";
        detail = "The peer reads too slowly.";
    } else if (error == websocket::error::closed) {
        reason = "socket_closed";
        auto const& why = ws_.reason();
        detail = "The peer closed the socket with code " + std::to_string(why.code) + ".";
        std::string_view const said(why.reason.data(), why.reason.size());
        if (!said.empty() && is_utf8(said)) detail.append(" It said: ").append(said);
    } else if (error == websocket::error::message_too_big ||
               error == websocket::error::buffer_overflow) {
        reason = "socket_message_too_large";
        detail = "A message is larger than " + std::to_string(max_message_) + " bytes.";
    } else if (over_ || closing_ || error == asio::error::operation_aborted) {
        reason = "socket_closed";
        detail = "The socket was closed on this side.";
    }
    abort();
    auto const code = idle_expired_ ? base::Errc::upstream_timeout : base::Errc::unavailable;
    return {.code = code, .reason = std::move(reason), .detail = std::move(detail)};
}

bool SocketState::send(WebSocket::Message message) {
    if (!open_ || closing_) return false;
    auto const size = message.data.size();
    if (queue_.size() >= max_queued_messages || size > max_queued_bytes - queued_bytes_) {
        overflowed_ = true;
        abort();
        return false;
    }
    queued_bytes_ += size;
    queue_.push_back(std::move(message));
    if (!writing_) write_next();
    return true;
}

void SocketState::write_next() {
    if (!open_) return;
    if (queue_.empty()) {
        if (closing_) send_close();
        return;
    }
    writing_ = true;
    ws_.binary(queue_.front().is_binary);
    ws_.async_write(asio::buffer(queue_.front().data),
                    [self = shared_from_this()](ErrorCode error, std::size_t) {
                        self->writing_ = false;
                        self->queued_bytes_ -= self->queue_.front().data.size();
                        self->queue_.pop_front();
                        self->written_.notify();
                        if (error)
                            self->abort();
                        else
                            self->write_next();
                    });
}

void SocketState::ping() {
    if (!open_ || close_sent_ || pinging_) return;
    pinging_ = true;
    ws_.async_ping({}, [self = shared_from_this()](ErrorCode) { self->pinging_ = false; });
}

void SocketState::begin_close(websocket::close_code code) {
    if (!open_ || closing_) return;
    closing_ = true;
    close_code_ = code;
    close_limit_.arm_after(close_limit);
    if (!writing_) write_next();
}

void SocketState::send_close() {
    close_sent_ = true;
    ws_.async_close(close_code_, [self = shared_from_this()](ErrorCode) { self->abort(); });
}

void SocketState::closed() {
    open_ = false;
    closing_ = false;
    over_ = true;
    idle_check_.disarm();
    close_limit_.disarm();
    ended_.notify();
    written_.notify();
}

void SocketState::abort() {
    stream().close();
    closed();
}

Task<bool> SocketState::drain(Self self, std::size_t bytes, std::chrono::milliseconds patience) {
    auto const until = Deadline::Clock::now() + patience;
    while (self->open_ && self->queued_bytes_ > bytes) {
        auto const left =
            std::chrono::ceil<std::chrono::milliseconds>(until - Deadline::Clock::now());
        if (left.count() <= 0) co_return false;
        co_await self->written_.wait(left);
    }
    co_return self->open_;
}

Task<void> SocketState::close(Self self) {
    self->begin_close(websocket::close_code::normal);
    while (self->open_) co_await self->ended_.wait(close_limit);
}

}  // namespace obscura::net::detail
