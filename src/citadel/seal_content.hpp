#pragma once

#include "base/secret.hpp"
#include "ports/credential_seal.hpp"

#include <map>
#include <string>

namespace obscura::citadel {

/// What is inside a seal: the credential, and once more what it was sealed for.
struct SealContent {
    std::map<std::string, base::Secret> credentials;
    ports::SealBinding binding;  ///< without `key_id`, which does not stand inside
    ports::CredentialLimits limits;

    /// Strict. invalid_argument; the errors show nothing of the content, names included.
    [[nodiscard]] static base::Result<SealContent> from_plaintext(base::Secret const& plaintext);
};

}  // namespace obscura::citadel
