#pragma once

#include "net/detail/stream.hpp"
#include "net/tls.hpp"

#include <string>

namespace obscura::net::detail {

/// Both throw boost::system::system_error naming the file that cannot be used.
[[nodiscard]] boost::asio::ssl::context make_server_context(TlsServerConfig const& config);
[[nodiscard]] boost::asio::ssl::context make_client_context(TlsClientConfig const& config);

/// SNI, and the name that the certificate must carry (RFC 6125; for an address, RFC 5280).
void expect_host(Stream::TlsStream& stream, std::string const& host);

}  // namespace obscura::net::detail
