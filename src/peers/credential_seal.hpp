#pragma once

#include "attest/sealing_key_appraisal.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "ports/credential_seal.hpp"

#include <map>
#include <string>

/// The client's side of sealing a credential, in C++: for our own programs, and for whoever links
/// it. clients/typescript is the same in TypeScript, docs/sealing.md the format.
namespace obscura::peers {

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

/// Whether a credential may be sealed to `key`, as `GET /exchanges/sealing-key` gave it, and in
/// plain words why. invalid_argument "sealing_key_invalid" when its id is not of that key or its
/// evidence cannot be read, "evidence_format" for a kind that is not known here; else the check
/// that failed, as attest::appraise_sealing_key has them.
[[nodiscard]] base::Result<attest::CitadelVerdict> appraise_sealing_key(
    ports::SealingKey const& key, attest::SealingPolicy const& policy, base::Timestamp now,
    attest::TrustRoots const& roots = attest::TrustRoots::production());

/// The `sealed` of `POST /exchanges/connections`, to a key that meets the policy and to no other:
/// errors as above. `attest::SealingPolicy{}` asks for attested; a machine of one's own has
/// `software_sealing`. `roots` are for tests.
[[nodiscard]] base::Result<ports::SealedCredential> seal_credential(
    ports::SealingKey const& key, CredentialToSeal const& credential, base::Timestamp now,
    attest::SealingPolicy const& policy, base::Random& random,
    attest::TrustRoots const& roots = attest::TrustRoots::production());

/// Takes a key that nothing but the connection to the gateway speaks for, where its evidence says
/// so: for paper, and for a machine of one's own.
[[nodiscard]] attest::SealingPolicy software_sealing();

}  // namespace obscura::peers
