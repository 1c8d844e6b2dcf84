#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace obscura::crypto {

using Bytes = std::span<std::uint8_t const>;

[[nodiscard]] inline Bytes as_bytes(std::string_view text) {
    return {reinterpret_cast<std::uint8_t const*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(Bytes bytes) {
    return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

}  // namespace obscura::crypto
