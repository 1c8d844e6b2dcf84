#pragma once

#include "ports/audit_log.hpp"
#include "store/pg.hpp"

#include <string_view>

namespace obscura::store {

/// Adds the row that goes with a change of `tenant`'s to the change's transaction; its error comes
/// out of the commit. `detail` is an object.
void send_audit(PgTransaction& tx, model::TenantId tenant, ports::AuditStamp const& by,
                std::string_view action, std::string const& subject,
                base::Json detail = base::Json::object());

/// The audit log, as obscura_app.
class PgAuditLog final : public ports::AuditLog {
public:
    explicit PgAuditLog(PgPool& pool) : pool_(pool) {}
    [[nodiscard]] ports::Task<void> failed_login(model::TenantId tenant, std::string subject,
                                                 std::string network, base::Timestamp at) override;
    [[nodiscard]] ports::Task<std::vector<ports::AuditEntry>> list(ports::AuditFilter filter,
                                                                   ports::Page page) override;

private:
    PgPool& pool_;
};

}  // namespace obscura::store
