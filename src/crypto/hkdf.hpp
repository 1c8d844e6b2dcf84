#pragma once

#include "base/secret.hpp"
#include "crypto/bytes.hpp"

namespace obscura::crypto {

/// HKDF-SHA256, extract and expand (RFC 5869). `length` is 1 to 8160 bytes, else
/// std::invalid_argument.
[[nodiscard]] base::Secret hkdf_sha256(Bytes key_material, Bytes salt, Bytes info,
                                       std::size_t length);

}  // namespace obscura::crypto
