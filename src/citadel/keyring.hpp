#pragma once

#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "crypto/aead.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::citadel {

/// The master keys by version, and the one text form of what they seal:
/// `nil:v{n}:{base64(nonce[12] || ciphertext || tag[16])}`, AES-256-GCM; the older `nil:{...}` is
/// version 1. `context` is the associated data: a ciphertext opens under no other. Event-loop
/// thread.
class Keyring {
public:
    static constexpr int max_version = 9;
    /// Index 0 is version 1; an empty secret is a version that is not there.
    using Keys = std::array<base::Secret, max_version>;

    /// std::invalid_argument when no key is given or one has not 32 bytes. `random` gives the
    /// nonces and must outlive this.
    Keyring(Keys const& keys, base::Random& random);

    /// Seals under the highest version.
    [[nodiscard]] std::string encrypt(std::string_view plaintext, std::string_view context);
    /// invalid_argument: "unsupported_ciphertext" (the `ev:` form), "invalid_ciphertext" (no such
    /// form), "unknown_key_version", "decryption_failed" (other key, other context, or altered).
    [[nodiscard]] base::Result<base::Secret> decrypt(std::string_view sealed,
                                                     std::string_view context);
    /// Ascending.
    [[nodiscard]] std::vector<int> versions() const;

private:
    std::array<std::optional<crypto::Aead>, max_version> keys_;
    int current_ = 0;
    base::Random& random_;
};

}  // namespace obscura::citadel
