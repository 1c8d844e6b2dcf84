#pragma once

#include "citadel/keyring.hpp"
#include "citadel/sealing_keys.hpp"
#include "ports/connection_store.hpp"

namespace obscura::citadel {

/// Turns what a client sealed into what the record keeps: opens it, holds what is inside to what
/// was asked, and encrypts each field under the connection's own context. Plaintext lives for this
/// one call. Event-loop thread.
class SealOpener {
public:
    /// Both must outlive this.
    SealOpener(Keyring& keyring, SealingKeys& keys) : keyring_(keyring), keys_(keys) {}

    /// The fields of `connection`'s credential, and `limits` where its owner set some. `connection`
    /// says who asks and for what, as the gateway has established it; its `credentials` are not
    /// looked at. Errors are invalid_argument: "seal_for_another_owner", "..._venue",
    /// "..._environment", "..._purpose"; those of SealingKeys; "seal_broken";
    /// "seal_contradicts_itself"; "invalid_credentials"; or fields. A refused seal is not used up.
    [[nodiscard]] base::Result<ports::SealedCredentials> open(
        ports::ConnectionRecord const& connection, ports::SealedCredential const& sealed);

private:
    [[nodiscard]] base::Result<base::Secret> decrypt(ports::SealedCredential const& sealed);

    Keyring& keyring_;
    SealingKeys& keys_;
};

}  // namespace obscura::citadel
