#pragma once

#include "citadel/keyring.hpp"
#include "crypto/ed25519.hpp"

#include <string>

namespace obscura::citadel {

/// The key that signs the heads of citadel's audit log and nothing else. `path` holds it as a
/// `nil:` text under the master key, in a context of its own; it is made where there is no file,
/// and renewed under the highest master key. A file that does not open is put aside for a new key.
/// Throws std::system_error where it cannot be written.
[[nodiscard]] crypto::Ed25519PrivateKey load_audit_key(std::string const& path, Keyring& keyring,
                                                       base::Random& random);

/// Whether the file, where there is one, opens under these master keys. Changes nothing.
[[nodiscard]] bool audit_key_opens(std::string const& path, Keyring& keyring);

}  // namespace obscura::citadel
