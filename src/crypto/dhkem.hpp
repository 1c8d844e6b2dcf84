#pragma once

#include "base/random.hpp"
#include "crypto/x25519.hpp"

/// DHKEM(X25519, HKDF-SHA256), RFC 9180 §4.1: a secret for the owner of a public key, from a key
/// pair that lives for one call.
namespace obscura::crypto {

struct Encapsulated {
    base::Secret shared_secret;  ///< 32 bytes
    X25519PublicKey enc{};       ///< tells the owner what he needs to find it
};

/// A key pair from at least 32 bytes that nobody can guess (§7.1.3); invalid_argument for fewer.
[[nodiscard]] base::Result<X25519PrivateKey> dhkem_derive_key(Bytes key_material);
[[nodiscard]] X25519PrivateKey dhkem_generate_key(base::Random& random);

/// invalid_argument "invalid_key" when `receiver` is a point of small order.
[[nodiscard]] base::Result<Encapsulated> dhkem_encapsulate(X25519PublicKey const& receiver,
                                                           base::Random& random);
/// The shared secret; invalid_argument "invalid_key" when `enc` has not 32 bytes or is a point of
/// small order. Any other `enc` gives a secret, though nobody else may know it.
[[nodiscard]] base::Result<base::Secret> dhkem_decapsulate(Bytes enc,
                                                           X25519PrivateKey const& receiver);

}  // namespace obscura::crypto
