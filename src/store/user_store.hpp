#pragma once

#include "ports/user_store.hpp"
#include "store/pg.hpp"

namespace obscura::store {

/// People, as obscura_app.
class PgUserStore final : public ports::UserStore {
public:
    explicit PgUserStore(PgPool& pool) : pool_(pool) {}
    [[nodiscard]] ports::Task<base::Result<ports::UserRecord>> create(
        ports::UserRecord user, ports::AuditStamp by) override;
    [[nodiscard]] ports::Task<std::optional<ports::UserRecord>> find(model::TenantId tenant,
                                                                     model::UserId id) override;
    [[nodiscard]] ports::Task<std::optional<ports::UserRecord>> find_by_email(
        model::TenantId tenant, std::string email) override;
    [[nodiscard]] ports::Task<void> remember_origin(model::TenantId tenant, model::UserId id,
                                                    std::string origin_mac,
                                                    base::Timestamp at) override;
    [[nodiscard]] ports::Task<bool> knows_origin(model::TenantId tenant, model::UserId id,
                                                 std::string origin_mac,
                                                 base::Timestamp since) override;
    [[nodiscard]] ports::Task<base::Result<void>> erase(model::TenantId tenant, model::UserId id,
                                                        ports::HeldPositions held,
                                                        base::Timestamp at,
                                                        ports::AuditStamp by) override;

private:
    PgPool& pool_;
};

}  // namespace obscura::store
