#include "ports/key_vault.hpp"

#include <algorithm>
#include <array>

namespace obscura::ports {

std::string credential_context(model::TenantId tenant, model::UserId user, std::string_view venue,
                               model::Environment environment, ConnectionPurpose purpose,
                               model::ConnectionId connection) {
    std::string context = tenant.to_string() + "|" + user.to_string();
    for (auto const part :
         {venue, model::to_string(environment), model::name_of(purpose, connection_purpose_names)})
        context.append("|").append(part);
    return context + "|" + connection.to_string();
}

std::optional<CredentialScope> scope_of_context(std::string_view context) {
    if (std::ranges::count(context, '|') != 5) return std::nullopt;
    std::array<std::string_view, 6> parts;
    for (auto& part : parts) {
        part = context.substr(0, context.find('|'));
        context.remove_prefix(std::min(context.size(), part.size() + 1));
    }
    return CredentialScope{.venue = parts[2], .environment = parts[3], .purpose = parts[4]};
}

}  // namespace obscura::ports
