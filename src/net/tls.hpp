#pragma once

#include <memory>
#include <string>

namespace obscura::net {

/// TLS 1.3 only. Certificates and keys are PEM files.
struct TlsServerConfig {
    std::string certificate_file;
    std::string key_file;
    std::string client_ca_file;  ///< when set, clients must present a certificate of this CA
};
struct TlsClientConfig {
    std::string ca_file;  ///< empty: the system's roots
    std::string certificate_file;
    std::string key_file;
};

}  // namespace obscura::net
