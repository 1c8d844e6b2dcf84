#pragma once

#include "base/clock.hpp"
#include "base/decode.hpp"
#include "base/task.hpp"
#include "model/ids.hpp"
#include "ports/audit_log.hpp"
#include "ports/page.hpp"

#include <optional>
#include <string>
#include <vector>

namespace obscura::ports {

using base::Task;

enum class ApiKeyMode { live, test };
inline constexpr std::array<base::EnumName<ApiKeyMode>, 2> api_key_mode_names{
    {{"live", ApiKeyMode::live}, {"test", ApiKeyMode::test}}};

/// A tenant's key as it is kept: never the secret.
struct ApiKeyRecord {
    model::ApiKeyId id{};
    model::TenantId tenant{};
    std::string public_id;
    ApiKeyMode mode = ApiKeyMode::test;
    std::string name;
    std::string secret_mac;  ///< HMAC-SHA256(pepper, secret), 32 bytes
    std::vector<std::string> scopes;
    std::vector<std::string> ip_allow;  ///< addresses or CIDR blocks; empty: any
    base::Timestamp created_at{};
    std::optional<base::Timestamp> expires_at;
    std::optional<base::Timestamp> last_used_at;
    std::optional<base::Timestamp> revoked_at;

    [[nodiscard]] bool is_usable(base::Timestamp now) const {
        return !revoked_at && (!expires_at || now < *expires_at);
    }
};

class ApiKeyStore {
public:
    virtual ~ApiKeyStore() = default;
    /// not_found for an unknown tenant. The same id again is `already_made`: nothing is written,
    /// since the secret that belongs to it is gone.
    enum class Created { made, already_made };
    [[nodiscard]] virtual Task<base::Result<Created>> create(ApiKeyRecord key, AuditStamp by) = 0;
    /// Of active tenants; revoked and expired keys too. Before the tenant is known.
    [[nodiscard]] virtual Task<std::optional<ApiKeyRecord>> find_by_public_id(
        std::string public_id) = 0;
    [[nodiscard]] virtual Task<std::optional<ApiKeyRecord>> find(model::TenantId tenant,
                                                                 model::ApiKeyId id) = 0;
    [[nodiscard]] virtual Task<std::vector<ApiKeyRecord>> list(model::TenantId tenant,
                                                               Page page) = 0;
    /// Stores `next` and ends `old` at `old_ends` (or before, where that was set), together.
    /// not_found when `old` is unknown, conflict "key_not_active" when it was revoked or is over.
    [[nodiscard]] virtual Task<base::Result<Created>> rotate(model::ApiKeyId old,
                                                             base::Timestamp old_ends,
                                                             ApiKeyRecord next, AuditStamp by) = 0;
    /// The key with its revocation, also when it had been revoked; not_found.
    [[nodiscard]] virtual Task<base::Result<ApiKeyRecord>> revoke(model::TenantId tenant,
                                                                  model::ApiKeyId id,
                                                                  base::Timestamp at,
                                                                  AuditStamp by) = 0;
    [[nodiscard]] virtual Task<void> touch(model::TenantId tenant, model::ApiKeyId id,
                                           base::Timestamp at) = 0;
};

}  // namespace obscura::ports
