#pragma once

#include "net/client.hpp"
#include "net/task.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace obscura::net {

/// A bare TCP connection, for bytes that are somebody else's. Event-loop thread; one read and one
/// write may wait at a time.
class TcpConnection {
public:
    struct Impl;
    explicit TcpConnection(std::unique_ptr<Impl> impl);
    ~TcpConnection();  ///< closes; what waits ends with an error
    TcpConnection(TcpConnection const&) = delete;
    TcpConnection& operator=(TcpConnection const&) = delete;

    /// What has come, at most `most` bytes. unavailable "connection_closed" at the peer's end or a
    /// break.
    [[nodiscard]] Task<base::Result<std::string>> read(std::size_t most);
    /// Ends when the kernel has taken all of it: a peer that does not read holds the writer.
    [[nodiscard]] Task<base::Result<void>> write(std::string bytes);
    void close();

private:
    std::shared_ptr<Impl> impl_;
};

/// Connects to the host and port of an https:// origin, which must be on `config.allowed_origins`.
/// No TLS: that is for the two ends.
[[nodiscard]] Task<base::Result<std::unique_ptr<TcpConnection>>> connect_tcp(
    std::string origin, ClientConfig const& config, std::chrono::milliseconds timeout);

}  // namespace obscura::net
