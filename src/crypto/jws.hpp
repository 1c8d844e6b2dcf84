#pragma once

#include "crypto/ed25519.hpp"

#include <string>
#include <string_view>

namespace obscura::crypto {

/// The key's RFC 7638 thumbprint: what a JWT's `kid` names it by.
[[nodiscard]] std::string jwk_thumbprint(Ed25519PublicKey const& key);

/// What is signed of a JWT (RFC 7515 §5.1): `{"alg":"EdDSA","typ":"JWT","kid":...}` and the
/// payload, each in base64url, with a dot between.
[[nodiscard]] std::string jwt_signing_input(std::string_view key_id, std::string_view payload);

/// The token: what was signed, and the signature.
[[nodiscard]] std::string jwt_of(std::string_view signing_input, Bytes signature);

}  // namespace obscura::crypto
