#pragma once

#include "base/clock.hpp"
#include "base/decode.hpp"
#include "base/task.hpp"
#include "model/ids.hpp"
#include "model/types.hpp"
#include "ports/audit_log.hpp"
#include "ports/page.hpp"
#include "ports/signer.hpp"

#include <optional>
#include <string>
#include <vector>

namespace obscura::ports {

enum class ConnectionPurpose { follow, lead };
inline constexpr std::array<base::EnumName<ConnectionPurpose>, 2> connection_purpose_names{
    {{"follow", ConnectionPurpose::follow}, {"lead", ConnectionPurpose::lead}}};

enum class ConnectionStatus { active, failed, removed };
inline constexpr std::array<base::EnumName<ConnectionStatus>, 3> connection_status_names{
    {{"active", ConnectionStatus::active},
     {"failed", ConnectionStatus::failed},
     {"removed", ConnectionStatus::removed}}};

/// A user's exchange account.
struct ConnectionRecord {
    model::ConnectionId id{};
    model::TenantId tenant{};
    model::UserId user{};
    std::string venue;
    model::Environment environment = model::Environment::paper;
    ConnectionPurpose purpose = ConnectionPurpose::follow;
    std::string label;
    SealedCredentials credentials;  ///< ciphertext only; not read back by `find` and `list`
    ConnectionStatus status = ConnectionStatus::active;
    base::Timestamp created_at{};
};

class ConnectionStore {
public:
    virtual ~ConnectionStore() = default;
    /// The same id again is the same connection.
    [[nodiscard]] virtual Task<base::Result<ConnectionRecord>> create(ConnectionRecord connection,
                                                                      AuditStamp by) = 0;
    /// Removed ones are not found.
    [[nodiscard]] virtual Task<std::optional<ConnectionRecord>> find(model::TenantId tenant,
                                                                     model::UserId user,
                                                                     model::ConnectionId id) = 0;
    /// The same with its credentials, for having something signed.
    [[nodiscard]] virtual Task<std::optional<ConnectionRecord>> find_sealed(
        model::TenantId tenant, model::UserId user, model::ConnectionId id) = 0;
    [[nodiscard]] virtual Task<std::vector<ConnectionRecord>> list(model::TenantId tenant,
                                                                   model::UserId user,
                                                                   Page page) = 0;
    /// Wipes the credentials. not_found; conflict "connection_in_use" while a subscription that is
    /// not closed or an active trader needs it.
    [[nodiscard]] virtual Task<base::Result<void>> remove(model::TenantId tenant,
                                                          model::UserId user,
                                                          model::ConnectionId id,
                                                          base::Timestamp at, AuditStamp by) = 0;
};

}  // namespace obscura::ports
