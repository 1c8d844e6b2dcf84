#pragma once

#include "base/secret.hpp"
#include "crypto/bytes.hpp"

namespace obscura::crypto {

/// HKDF-SHA256, extract and expand (RFC 5869). `length` is 1 to 8160 bytes, else
/// std::invalid_argument.
[[nodiscard]] base::Secret hkdf_sha256(Bytes key_material, Bytes salt, Bytes info,
                                       std::size_t length);

/// The two steps of it alone: a pseudo-random key of 32 bytes (§2.2), and what is made of one
/// (§2.3).
[[nodiscard]] base::Secret hkdf_extract_sha256(Bytes salt, Bytes key_material);
[[nodiscard]] base::Secret hkdf_expand_sha256(base::Secret const& pseudo_random_key, Bytes info,
                                              std::size_t length);

}  // namespace obscura::crypto
