#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace obscura::net {

/// TLS 1.3 only. Certificates and keys are PEM files.
struct TlsServerConfig {
    std::string certificate_file;
    std::string key_file;
    std::string client_ca_file;  ///< when set, clients must present a certificate of this CA
    /// The URI names of certificates that are served, the others get 403; empty: all of the CA.
    std::vector<std::string> peers;
    /// Paths that whoever is on this host may GET without TLS, such as /health; empty: none.
    std::vector<std::string> plain_paths;
};
struct TlsClientConfig {
    std::string ca_file;  ///< empty: the system's roots
    std::string certificate_file;
    std::string key_file;
    /// The URI name that the server's certificate must carry, by "host:port"; of others it is not
    /// asked. Where one CA is that of all services, the name is what tells them apart.
    std::map<std::string, std::string> identities;
};

/// SubjectPublicKeyInfo (DER) of the certificate that a peer showed; null without TLS.
using PeerKey = std::shared_ptr<std::vector<std::uint8_t> const>;

}  // namespace obscura::net
