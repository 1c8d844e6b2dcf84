#pragma once

#include "base/config.hpp"
#include "net/tls.hpp"

#include <map>
#include <string>

namespace obscura::store {

/// libpq's keywords and their values.
using PgOptions = std::map<std::string, std::string>;

/// What libpq is to be told for `url` (a URL, or keyword=value pairs): what that says, then what
/// `environment` does (PGHOST, PGSSLMODE ...), so that nothing is left for libpq to look up and
/// what was checked here is what is used.
///
/// A TCP connection to another host is TLS 1.3 whose certificate is verified, chain and name: the
/// authority is `tls.ca_file` or, with sslmode=verify-full, the URL's sslrootcert. One such host in
/// a list makes it so for all. Where an authority is given in `tls`, it is so on this host too.
///
/// std::invalid_argument, with what to set and without the URL's text, for a URL that is none, for
/// a server on another host that would not be verified, and for a service file, which only libpq
/// reads.
[[nodiscard]] PgOptions pg_options(std::string const& url, net::TlsClientConfig const& tls,
                                   base::Environment const& environment);

}  // namespace obscura::store
