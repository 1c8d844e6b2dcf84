#pragma once

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/task.hpp"
#include "model/ids.hpp"
#include "ports/page.hpp"

#include <optional>
#include <string>
#include <vector>

namespace obscura::ports {

using base::Task;

/// Who makes a change, and how: it goes into the audit log in the change's own transaction. A store
/// that changes nothing (the same id again, a revoked key revoked) writes no row.
struct AuditStamp {
    base::Uuid id{};         ///< of the row; fresh for each change
    std::string actor;       ///< "user:<id>", "key:<id>", "anonymous", "system"
    std::string request_id;  ///< "": none
    std::string network;     ///< the caller's, "": none
    base::Timestamp at{};
};

struct AuditEntry {
    base::Uuid id{};
    model::TenantId tenant{};  ///< whose thing was changed; nil for a login at no tenant
    std::string actor;
    std::string action;   ///< "api_key.revoke"
    std::string subject;  ///< "api_key:<id>"
    base::Json detail = base::Json::object();
    base::Timestamp at{};
};

struct AuditFilter {
    std::optional<model::TenantId> tenant;
    std::optional<std::string> actor;
    std::optional<std::string> action;
};

/// The audit log beside the changes that the stores write to it themselves.
class AuditLog {
public:
    virtual ~AuditLog() = default;
    /// Counts in one row for each subject and quarter of an hour: "login.failed", with count,
    /// last_at and last_network.
    [[nodiscard]] virtual Task<void> failed_login(model::TenantId tenant, std::string subject,
                                                  std::string network, base::Timestamp at) = 0;
    /// Of all tenants; for platform administrators.
    [[nodiscard]] virtual Task<std::vector<AuditEntry>> list(AuditFilter filter, Page page) = 0;
};

}  // namespace obscura::ports
