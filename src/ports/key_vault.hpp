#pragma once

#include "base/error.hpp"
#include "base/secret.hpp"
#include "base/task.hpp"
#include "ports/connection_store.hpp"
#include "ports/credential_seal.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace obscura::ports {

/// The encrypting half of citadel, for the connection flow. `context` is the AAD: the ciphertexts
/// open under no other. Out of reach it is unavailable "citadel_unavailable".
class KeyVault {
public:
    virtual ~KeyVault() = default;
    [[nodiscard]] virtual base::Task<base::Result<std::map<std::string, std::string>>>
    encrypt_fields(std::string context, std::map<std::string, base::Secret> fields) = 0;
    /// The key that clients seal to now, with its evidence.
    [[nodiscard]] virtual base::Task<base::Result<SealingKey>> sealing_key() = 0;
    /// What a client sealed, as the credentials of `connection`; nobody but the vault reads them.
    /// What is asked for must be what the owner sealed for, and a seal makes one connection: for
    /// the same one it opens again, for another never. invalid_argument says what to change:
    /// "seal_for_another_owner", "..._venue", "..._environment", "..._purpose", "seal_broken",
    /// "seal_contradicts_itself", "seal_used", "sealing_key_expired", "sealing_key_unknown",
    /// "invalid_credentials", or fields; unavailable "sealing_busy".
    [[nodiscard]] virtual base::Task<base::Result<SealedCredentials>> open_sealed(
        ConnectionRecord connection, SealedCredential sealed) = 0;
};

/// The AAD of a connection's credentials: a ciphertext that is moved to another owner, venue,
/// environment, purpose or connection does not open there. Everybody who seals or has something
/// signed makes it here.
[[nodiscard]] std::string credential_context(model::TenantId tenant, model::UserId user,
                                             std::string_view venue, model::Environment environment,
                                             ConnectionPurpose purpose,
                                             model::ConnectionId connection);

[[nodiscard]] inline std::string context_of(ConnectionRecord const& connection) {
    return credential_context(connection.tenant, connection.user, connection.venue,
                              connection.environment, connection.purpose, connection.id);
}

/// What a context of that form allows. Views into the text.
struct CredentialScope {
    std::string_view venue;
    std::string_view environment;
    std::string_view purpose;
};
/// nullopt for a context of another form, which says nothing about its use.
[[nodiscard]] std::optional<CredentialScope> scope_of_context(std::string_view context);

}  // namespace obscura::ports
