#pragma once

#include "crypto/bytes.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::crypto {

/// Lower case.
[[nodiscard]] std::string hex_encode(Bytes bytes);
/// Either case, two digits a byte and nothing else.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> hex_decode(std::string_view text);
/// The same into memory of the caller's, for keys; false when `text` is not exactly `out` in hex.
[[nodiscard]] bool hex_decode_into(std::string_view text, std::span<std::uint8_t> out);

}  // namespace obscura::crypto
