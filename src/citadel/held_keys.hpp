#pragma once

#include "citadel/keyring.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/secp256k1.hpp"
#include "ports/held_key.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace obscura::citadel {

/// A key while something is signed with it.
struct OpenedKey {
    std::string id;
    std::variant<crypto::Ed25519PrivateKey, crypto::Secp256k1PrivateKey> key;
};

/// Keys that are made here and never leave in plaintext. citadel has no place to keep them: callers
/// do, as ciphertext. Event-loop thread.
class HeldKeys {
public:
    /// Both must outlive this.
    HeldKeys(Keyring& keyring, base::Random& random) : keyring_(keyring), random_(random) {}

    [[nodiscard]] ports::HeldKey make(ports::KeyPurpose purpose);
    /// The keyring's errors: a key of another purpose is "decryption_failed".
    [[nodiscard]] base::Result<OpenedKey> open(std::string_view sealed, ports::KeyPurpose purpose);

private:
    Keyring& keyring_;
    base::Random& random_;
};

}  // namespace obscura::citadel
