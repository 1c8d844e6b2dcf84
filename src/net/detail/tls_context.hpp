#pragma once

#include "net/detail/stream.hpp"
#include "net/http.hpp"
#include "net/tls.hpp"

#include <string>

namespace obscura::net::detail {

/// Both throw boost::system::system_error naming the file that cannot be used.
[[nodiscard]] boost::asio::ssl::context make_server_context(TlsServerConfig const& config);
[[nodiscard]] boost::asio::ssl::context make_client_context(TlsClientConfig const& config);

/// SNI, and the name that the certificate must carry (RFC 6125; for an address, RFC 5280). Where
/// `identity` is given it must be the certificate's first URI name besides.
void expect_host(Stream::TlsStream& stream, std::string const& host, std::string const& identity);
/// What TlsClientConfig::identities wants at `url`, or "".
[[nodiscard]] std::string identity_at(TlsClientConfig const& config, Url const& url);
/// The first URI name of the certificate that the peer showed, or "".
[[nodiscard]] std::string peer_identity(Stream::TlsStream& stream);

/// After the handshake of a client.
[[nodiscard]] PeerKey peer_key_of(Stream::TlsStream& stream);

}  // namespace obscura::net::detail
