#pragma once

#include "ports/held_key.hpp"

#include <optional>

namespace obscura::ports {

/// The keys that access tokens are signed with: citadel holds them, and the gateway keeps them as
/// ciphertext.
class TokenKeyStore {
public:
    virtual ~TokenKeyStore() = default;
    /// The key that signs now.
    [[nodiscard]] virtual base::Task<std::optional<HeldKey>> current() = 0;
    /// Keeps `key`, unless there is one by now: the one that signs comes back.
    [[nodiscard]] virtual base::Task<HeldKey> keep(HeldKey key) = 0;
    /// The one that signs, and those that were retired after `since`, the newest first.
    [[nodiscard]] virtual base::Task<std::vector<PublicKeyRecord>> verifying(
        base::Timestamp since) = 0;
};

}  // namespace obscura::ports
