#pragma once

#include "base/error.hpp"

#include <stdexcept>
#include <utility>

namespace obscura::app {

/// For commands, whose `main` prints what was thrown: the value, or the sentence for people.
template <class T>
[[nodiscard]] T or_throw(base::Result<T> result) {
    if (!result) throw std::runtime_error(result.error().detail);
    return std::move(*result);
}

}  // namespace obscura::app
