#pragma once

#include "net/http.hpp"

namespace obscura::net {

/// The one place where a domain error becomes HTTP: RFC 9457 application/problem+json with type,
/// title, status, detail, instance, code and errors. 5xx tell nothing of `internal`.
[[nodiscard]] Response problem(base::Error const& error, std::string_view request_id);

}  // namespace obscura::net
