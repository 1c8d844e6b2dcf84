#pragma once

#include "net/http.hpp"

#include <string>

namespace obscura::net::detail {

/// Nothing that could end a line early: what a request says is what leaves us.
[[nodiscard]] bool is_well_formed(Request const& request);
/// Up to the body, on a connection to `url`.
[[nodiscard]] std::string request_head(Request const& request, Url const& url);

}  // namespace obscura::net::detail
