#pragma once

#include "base/config.hpp"
#include "net/tls.hpp"

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::net {
struct ServerConfig;
}

namespace obscura::app {

/// TLS among the services, both ends with a certificate of one authority: [tls]. All of it is given
/// or none.
struct InternalTls {
    std::string certificate, key, authority;  ///< PEM files

    void bind_to(base::ConfigTable& table);
    [[nodiscard]] bool is_given() const { return !certificate.empty(); }
    /// Throws std::runtime_error where only some of the files are named.
    void require_all_or_none() const;
    /// For a client that calls these services, by name and URL.
    [[nodiscard]] net::TlsClientConfig client(std::map<std::string, std::string> const& urls) const;
    /// Makes an internal service's server speak it, and serve nobody but `callers`. Throws
    /// std::runtime_error where only some of the files are named, and where a server that is
    /// reached from other hosts has none; `is_behind_front`: TLS ends before it, on its own
    /// machine.
    void apply_to(net::ServerConfig& http, std::initializer_list<std::string_view> callers,
                  bool is_behind_front = false) const;
};

/// A URL of an internal service: on this host, or https.
[[nodiscard]] std::optional<std::string> is_internal_url(std::string const& text);

}  // namespace obscura::app
