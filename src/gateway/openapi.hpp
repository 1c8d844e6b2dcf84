#pragma once

#include <string_view>

namespace obscura::gateway {

/// docs/openapi.json, as it was when this was built.
[[nodiscard]] std::string_view openapi_document();

}  // namespace obscura::gateway
