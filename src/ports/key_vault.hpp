#pragma once

#include "base/error.hpp"
#include "base/secret.hpp"
#include "base/task.hpp"

#include <map>
#include <string>

namespace obscura::ports {

/// The encrypting half of citadel, for the connection flow. `context` is the AAD: the ciphertexts
/// open under no other.
class KeyVault {
public:
    virtual ~KeyVault() = default;
    [[nodiscard]] virtual base::Task<base::Result<std::map<std::string, std::string>>>
    encrypt_fields(std::string context, std::map<std::string, base::Secret> fields) = 0;
};

/// The AAD of a connection's credentials; citadel, gateway and conductor must agree on it.
[[nodiscard]] inline std::string credential_context(std::string const& tenant,
                                                    std::string const& user,
                                                    std::string const& venue,
                                                    std::string const& connection) {
    return tenant + "|" + user + "|" + venue + "|" + connection;
}

}  // namespace obscura::ports
