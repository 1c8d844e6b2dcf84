#pragma once

#include "ports/pool_store.hpp"
#include "store/pg.hpp"

namespace obscura::store {

/// Pools and their traders, as obscura_app.
class PgPoolStore final : public ports::PoolStore {
public:
    explicit PgPoolStore(PgPool& pool) : pool_(pool) {}
    [[nodiscard]] ports::Task<base::Result<ports::PoolRecord>> create(
        ports::PoolRecord pool, ports::AuditStamp by) override;
    [[nodiscard]] ports::Task<std::optional<ports::PoolRecord>> find(ports::PoolViewer viewer,
                                                                     model::PoolId id) override;
    [[nodiscard]] ports::Task<std::vector<ports::PoolRecord>> list(ports::PoolViewer viewer,
                                                                   ports::PoolFilter filter,
                                                                   ports::Page page) override;
    [[nodiscard]] ports::Task<base::Result<ports::PoolRecord>> change(
        model::TenantId tenant, model::PoolId id, ports::PoolChange change,
        ports::AuditStamp by) override;
    [[nodiscard]] ports::Task<base::Result<ports::PoolRecord>> set_status(
        model::TenantId tenant, model::PoolId id, ports::PoolStatus to,
        ports::AuditStamp by) override;

private:
    PgPool& pool_;
};

}  // namespace obscura::store
