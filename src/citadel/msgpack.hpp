#pragma once

#include "base/json.hpp"

#include <cstdint>
#include <vector>

namespace obscura::citadel {

/// `value` in MessagePack: members in their order, every text, number and size in its shortest
/// form, as the usual encoders write it. Numbers must be integers of 64 bits, else
/// std::invalid_argument.
[[nodiscard]] std::vector<std::uint8_t> msgpack(base::Json const& value);

}  // namespace obscura::citadel
