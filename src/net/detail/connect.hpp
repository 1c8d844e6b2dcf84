#pragma once

#include "net/detail/deadline.hpp"
#include "net/detail/stream.hpp"
#include "net/detail/tls_context.hpp"
#include "net/http.hpp"
#include "net/task.hpp"

#include <expected>
#include <set>
#include <string>
#include <vector>

namespace obscura::net::detail {

/// The origins that a process may talk to.
class EgressList {
public:
    /// Throws std::invalid_argument for an entry that is neither an origin nor "*".
    explicit EgressList(std::vector<std::string> const& origins);
    [[nodiscard]] bool allows(Url const& url) const;

private:
    std::set<std::string> origins_;
    bool all_ = false;
};

/// No byte of a request has left when one of these comes back.
struct ConnectError {
    bool refused = false;  ///< by our own rules
    bool timed_out = false;
    std::string detail;
};

/// "host" or "host:port" when the port is not the scheme's own; brackets around IPv6.
[[nodiscard]] std::string host_field(Url const& url);

using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

[[nodiscard]] Task<std::expected<Endpoints, ConnectError>> resolve(
    boost::asio::any_io_executor executor, Url const& url, Deadline::Clock::time_point until);

/// How to shake hands; without a context: not at all.
struct TlsUse {
    boost::asio::ssl::context* context = nullptr;  ///< outlives the call
    std::string identity;                          ///< see `expect_host`
};

/// Tries the endpoints in order, each but the last with half of the time that is left, then shakes
/// hands.
[[nodiscard]] Task<std::expected<Stream, ConnectError>> connect_to(
    boost::asio::any_io_executor executor, Url const& url, Endpoints endpoints, TlsUse tls,
    Deadline::Clock::time_point until);

/// Both steps.
[[nodiscard]] Task<std::expected<Stream, ConnectError>> connect(
    boost::asio::any_io_executor executor, Url const& url, TlsUse tls,
    Deadline::Clock::time_point until);

}  // namespace obscura::net::detail
