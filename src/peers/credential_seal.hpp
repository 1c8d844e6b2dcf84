#pragma once

#include "base/random.hpp"
#include "base/secret.hpp"
#include "ports/credential_seal.hpp"

#include <map>
#include <string>

/// The client's side of sealing a credential, in C++: for our own programs, and for whoever links
/// it. clients/typescript is the same in TypeScript, docs/sealing.md the format.
namespace obscura::peers {

/// Whether a key will do that nothing but the connection to the gateway speaks for.
enum class Unattested { refuse, accept };

/// What is to be connected. Tenant and user are the owner's own, as he knows them: a gateway that
/// could name them could have his credential sealed for somebody else.
struct CredentialToSeal {
    model::TenantId tenant{};
    model::UserId user{};
    std::string venue;
    model::Environment environment = model::Environment::paper;
    ports::ConnectionPurpose purpose = ports::ConnectionPurpose::follow;
    std::map<std::string, base::Secret> credentials;  ///< api_key, secret, ...
    ports::CredentialLimits limits;
};

/// The `sealed` of `POST /exchanges/connections`, to `key` as `GET /exchanges/sealing-key` gave it.
/// invalid_argument "sealing_key_invalid" when its id or its evidence is not of that key,
/// "sealing_key_expired", or "sealing_key_unattested". Evidence of hardware is not appraised here
/// yet: it is refused, whatever it says, unless unattested keys are accepted.
[[nodiscard]] base::Result<ports::SealedCredential> seal_credential(
    ports::SealingKey const& key, CredentialToSeal const& credential, base::Timestamp now,
    Unattested unattested, base::Random& random);

}  // namespace obscura::peers
