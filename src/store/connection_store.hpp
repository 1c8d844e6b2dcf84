#pragma once

#include "ports/connection_store.hpp"
#include "store/pg.hpp"

namespace obscura::store {

/// Users' exchange accounts, as obscura_app.
class PgConnectionStore final : public ports::ConnectionStore {
public:
    explicit PgConnectionStore(PgPool& pool) : pool_(pool) {}
    [[nodiscard]] ports::Task<base::Result<ports::ConnectionRecord>> create(
        ports::ConnectionRecord connection, ports::AuditStamp by) override;
    [[nodiscard]] ports::Task<std::optional<ports::ConnectionRecord>> find(
        model::TenantId tenant, model::UserId user, model::ConnectionId id) override;
    [[nodiscard]] ports::Task<std::optional<ports::ConnectionRecord>> find_sealed(
        model::TenantId tenant, model::UserId user, model::ConnectionId id) override;
    [[nodiscard]] ports::Task<std::vector<ports::ConnectionRecord>> list(model::TenantId tenant,
                                                                         model::UserId user,
                                                                         ports::Page page) override;
    [[nodiscard]] ports::Task<base::Result<void>> remove(model::TenantId tenant, model::UserId user,
                                                         model::ConnectionId id, base::Timestamp at,
                                                         ports::AuditStamp by) override;

private:
    PgPool& pool_;
};

}  // namespace obscura::store
