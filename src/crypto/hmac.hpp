#pragma once

#include "crypto/hash.hpp"

#include <string>
#include <string_view>

namespace obscura::crypto {

/// HMAC-SHA256 (RFC 2104). Any thread; nothing of the key stays behind.
[[nodiscard]] Digest hmac_sha256(Bytes key, Bytes message);
[[nodiscard]] Digest hmac_sha256(std::string_view key, std::string_view message);
[[nodiscard]] std::string hmac_sha256_hex(std::string_view key, std::string_view message);
/// HMAC-SHA512, likewise.
[[nodiscard]] std::string hmac_sha512_hex(std::string_view key, std::string_view message);

}  // namespace obscura::crypto
