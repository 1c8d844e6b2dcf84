#pragma once

#include "base/ids.hpp"

#include <optional>

namespace obscura::ports {

/// A part of a list, newest first: at most `limit` rows older than `before`.
struct Page {
    std::optional<base::Uuid> before;
    int limit = 50;
};

}  // namespace obscura::ports
