#pragma once

#include "base/error.hpp"
#include "net/http.hpp"

namespace obscura::net::detail {

constexpr std::size_t max_target_bytes = 8 * 1024;

/// Reads `request.target` into path and query: origin form or absolute form, valid escapes, UTF-8.
[[nodiscard]] base::Result<void> read_target(Request& request);
/// Exactly one Host in HTTP/1.1 (RFC 9112 §3.2).
[[nodiscard]] base::Result<void> check_host(Request const& request, int version);
/// Whether the request asks for a WebSocket.
[[nodiscard]] bool wants_websocket(Request const& request);
/// Version 13 and a key (RFC 6455 §4.2.1).
[[nodiscard]] base::Result<void> check_websocket(Request const& request);
/// [A-Za-z0-9._-]{1,64}
[[nodiscard]] bool is_request_id(std::string_view text);

}  // namespace obscura::net::detail
