#pragma once

#include "base/secret.hpp"
#include "crypto/bytes.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace obscura::crypto {

/// Argon2id's price. The default is RFC 9106's second recommendation (§4) in memory and passes:
/// some 100 ms of one core, so hash on a `net::CpuPool`.
struct PasswordCost {
    unsigned long long passes = 3;
    std::size_t memory_bytes = 64 << 20;
};

/// "$argon2id$v=19$m=...": salt and cost are part of it. Throws std::bad_alloc when the memory is
/// not to be had.
[[nodiscard]] std::string hash_password(std::string_view password, PasswordCost cost = {});
/// A key of 32 bytes from a password and its salt of 16 bytes, by Argon2id (RFC 9106) with one
/// lane. Throws std::invalid_argument for another salt, std::bad_alloc as above.
[[nodiscard]] base::Secret derive_password_key(std::string_view password, Bytes salt,
                                               PasswordCost cost);
/// False also for a text that is no hash. Takes the memory that the hash names.
[[nodiscard]] bool verify_password(std::string const& hash, std::string_view password);
/// The hash was made at another cost: hash again at the next login.
[[nodiscard]] bool needs_rehash(std::string const& hash, PasswordCost cost = {});

}  // namespace obscura::crypto
