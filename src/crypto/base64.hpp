#pragma once

#include "crypto/bytes.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::crypto {

// RFC 4648. The decoders take exactly what the encoders write: no blanks, no line breaks, padding
// as the variant has it, unused bits zero. One text for one value, so that comparing texts is
// comparing values.

/// §4, with padding.
[[nodiscard]] std::string base64_encode(Bytes bytes);
[[nodiscard]] std::optional<std::vector<std::uint8_t>> base64_decode(std::string_view text);

/// §5, URL-safe alphabet, without padding.
[[nodiscard]] std::string base64url_encode(Bytes bytes);
[[nodiscard]] std::optional<std::vector<std::uint8_t>> base64url_decode(std::string_view text);

}  // namespace obscura::crypto
