#pragma once

#include "ports/held_key.hpp"

#include <optional>

namespace obscura::ports {

/// Keys that citadel made, as ciphertext: citadel keeps none.
class HeldKeyStore {
public:
    virtual ~HeldKeyStore() = default;
    /// The key of a purpose that signs now.
    [[nodiscard]] virtual base::Task<std::optional<HeldKey>> current(KeyPurpose purpose) = 0;
    /// Keeps `key`, unless its purpose has one by now: the one that signs comes back.
    [[nodiscard]] virtual base::Task<HeldKey> keep(HeldKey key) = 0;
};

}  // namespace obscura::ports
