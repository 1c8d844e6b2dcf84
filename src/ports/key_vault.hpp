#pragma once

#include "base/error.hpp"
#include "base/secret.hpp"
#include "base/task.hpp"
#include "ports/connection_store.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace obscura::ports {

/// The encrypting half of citadel, for the connection flow. `context` is the AAD: the ciphertexts
/// open under no other.
class KeyVault {
public:
    virtual ~KeyVault() = default;
    [[nodiscard]] virtual base::Task<base::Result<std::map<std::string, std::string>>>
    encrypt_fields(std::string context, std::map<std::string, base::Secret> fields) = 0;
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
