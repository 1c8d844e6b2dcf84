#pragma once

#include "net/client.hpp"
#include "net/task.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace obscura::net {

/// A WebSocket, either side. Pings of the peer are answered while `receive` waits. Writes queue
/// (one on the wire at a time); a queue over its bound closes the socket: a reader that slow is
/// gone.
class WebSocket {
public:
    struct Impl;
    explicit WebSocket(std::unique_ptr<Impl> impl);
    ~WebSocket();
    WebSocket(WebSocket&&) noexcept;
    WebSocket& operator=(WebSocket&&) noexcept;

    /// The next whole message, text or binary. An error ends the socket: closed by the peer,
    /// broken, too large, or nothing (not even a pong) within `idle`. `detail` says which.
    [[nodiscard]] Task<base::Result<std::string>> receive(std::chrono::milliseconds idle);
    /// The same, told apart.
    struct Message {
        std::string data;
        bool is_binary = false;
    };
    [[nodiscard]] Task<base::Result<Message>> receive_message(std::chrono::milliseconds idle);
    /// Queues a text message and returns at once; false when the socket is closed or its queue is
    /// over the bound. Any coroutine of the event loop.
    bool send(std::string text);
    bool send_binary(std::string bytes);
    /// Ends when at most `bytes` are still queued: for a sender that waits for a slow reader. False
    /// when the socket is closed, or after `patience`. One coroutine at a time.
    [[nodiscard]] Task<bool> drain(std::size_t bytes, std::chrono::milliseconds patience);
    /// Sends a ping frame; `receive` on the other side answers it.
    void ping();
    /// Starts the closing handshake, bounded; `receive` then ends.
    [[nodiscard]] Task<void> close();
    /// The same once what is queued has been sent, without waiting for it.
    void begin_close();
    /// Drops the TCP connection without a handshake.
    void abort();
    [[nodiscard]] bool is_open() const;

private:
    std::unique_ptr<Impl> impl_;
};

/// Opens ws:// or wss://; the origin must be on `config.allowed_origins` (with the ws scheme).
/// Where a key is expected, `headers` go to nobody who shows another: forbidden "other_key".
[[nodiscard]] Task<base::Result<std::unique_ptr<WebSocket>>> connect_websocket(
    std::string url, ClientConfig const& config, std::chrono::milliseconds timeout,
    Headers headers = {}, PeerKey expected = nullptr);

}  // namespace obscura::net
