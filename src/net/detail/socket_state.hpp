#pragma once

#include "net/detail/deadline.hpp"
#include "net/detail/stream.hpp"
#include "net/http.hpp"
#include "net/runtime.hpp"
#include "net/websocket.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <deque>
#include <memory>
#include <string>

namespace obscura::net::detail {

/// What a WebSocket object stands for. Every pending operation holds a share of it, so that the
/// object may go away at any moment.
class SocketState : public std::enable_shared_from_this<SocketState> {
public:
    static constexpr std::size_t max_queued_messages = 4096;
    static constexpr std::size_t max_queued_bytes = 16 << 20;

    SocketState(Stream stream, std::size_t max_message);

    using Self = std::shared_ptr<SocketState>;
    /// Answers an upgrade request that the server has read.
    [[nodiscard]] static Task<ErrorCode> accept(Self self, Request const& request);
    /// Client side. On http::error the status of the refusal is in `refused_with`.
    [[nodiscard]] static Task<ErrorCode> handshake(Self self, std::string host, std::string target,
                                                   Headers headers, unsigned& refused_with);
    [[nodiscard]] static Task<base::Result<std::string>> receive(Self self,
                                                                 std::chrono::milliseconds idle);
    [[nodiscard]] static Task<base::Result<WebSocket::Message>> receive_message(
        Self self, std::chrono::milliseconds idle);
    [[nodiscard]] static Task<bool> drain(Self self, std::size_t bytes,
                                          std::chrono::milliseconds patience);
    [[nodiscard]] static Task<void> close(Self self);

    bool send(WebSocket::Message message);
    void ping();
    /// Starts the closing handshake after what is queued; nobody needs to wait for its end.
    void begin_close(boost::beast::websocket::close_code code);
    void abort();
    [[nodiscard]] bool is_open() const { return open_; }
    [[nodiscard]] Stream& stream() { return ws_.next_layer(); }

private:
    void opened();
    void write_next();
    void send_close();
    void closed();
    void watch();
    [[nodiscard]] base::Error ended(ErrorCode const& error);

    boost::beast::websocket::stream<Stream, false> ws_;  // without permessage-deflate
    std::size_t max_message_;
    boost::beast::flat_buffer incoming_;
    std::deque<WebSocket::Message> queue_;
    std::size_t queued_bytes_ = 0;
    bool writing_ = false;
    bool pinging_ = false;
    bool open_ = false;
    bool closing_ = false;  ///< no more sends
    bool close_sent_ = false;
    bool receiving_ = false;
    bool idle_expired_ = false;
    bool overflowed_ = false;
    boost::beast::websocket::close_code close_code_ = boost::beast::websocket::close_code::normal;
    Deadline::Clock::time_point heard_{};  ///< when anything last came in
    std::chrono::milliseconds idle_{};
    Deadline idle_check_;
    Deadline close_limit_;
    Event ended_;
    Event written_;      ///< something of the queue, or the socket is over
    bool over_ = false;  ///< the closing handshake is done or given up
};

}  // namespace obscura::net::detail

namespace obscura::net {

struct WebSocket::Impl {
    detail::SocketState::Self state;
};

}  // namespace obscura::net
