#pragma once

#include "fuzz/target.hpp"
#include "net/detail/stream.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

namespace obscura::fuzz {

/// The other side of a connection that no network carries: what is sent waits in a pipe until the
/// code under test reads it.
class Peer {
public:
    Peer() {
        must(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_.data()) == 0,
             "there is a pair of sockets");
    }
    ~Peer() { ::close(ends_[0]); }
    Peer(Peer const&) = delete;
    Peer& operator=(Peer const&) = delete;

    /// The end for the code under test, once.
    [[nodiscard]] net::detail::Socket connect(boost::asio::any_io_executor const& executor) {
        return {executor, boost::asio::ip::tcp::v4(), ends_[1]};
    }
    /// Nobody may listen any more.
    void send(std::string_view bytes) const {
        (void)!::send(ends_[0], bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    void end() const { ::shutdown(ends_[0], SHUT_WR); }
    /// What has come since the last call.
    [[nodiscard]] std::string received() const {
        std::string out;
        std::array<char, 65536> part;
        while (true) {
            auto const n = ::recv(ends_[0], part.data(), part.size(), MSG_DONTWAIT);
            if (n <= 0) return out;
            out.append(part.data(), static_cast<std::size_t>(n));
        }
    }

private:
    std::array<int, 2> ends_{-1, -1};
};

}  // namespace obscura::fuzz
