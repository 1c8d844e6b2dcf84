#pragma once

#include "crypto/hash.hpp"

namespace obscura::crypto {

/// Keccak-256 as Ethereum uses it: with the padding of before FIPS 202, so it is not SHA3-256.
[[nodiscard]] Digest keccak256(Bytes message);
[[nodiscard]] Digest keccak256(std::string_view message);

}  // namespace obscura::crypto
