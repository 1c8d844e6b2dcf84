#pragma once

#include "ports/tenant_store.hpp"
#include "store/pg.hpp"

namespace obscura::store {

/// Tenants, as obscura_app.
class PgTenantStore final : public ports::TenantStore {
public:
    explicit PgTenantStore(PgPool& pool) : pool_(pool) {}
    [[nodiscard]] ports::Task<base::Result<ports::TenantRecord>> create(
        ports::TenantRecord tenant, ports::AuditStamp by) override;
    [[nodiscard]] ports::Task<std::optional<ports::TenantRecord>> find(model::TenantId id) override;
    [[nodiscard]] ports::Task<std::optional<model::TenantId>> by_slug(std::string slug) override;
    [[nodiscard]] ports::Task<std::vector<ports::TenantRecord>> list(ports::Page page) override;

private:
    PgPool& pool_;
};

}  // namespace obscura::store
