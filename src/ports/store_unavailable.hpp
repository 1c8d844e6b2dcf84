#pragma once

#include <stdexcept>

namespace obscura::ports {

/// The record cannot be reached right now. Whether a write under way took effect is unknown.
struct StoreUnavailable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace obscura::ports
