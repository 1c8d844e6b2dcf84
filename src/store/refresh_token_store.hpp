#pragma once

#include "ports/refresh_token_store.hpp"
#include "store/pg.hpp"

namespace obscura::store {

/// Sessions, as obscura_app.
class PgRefreshTokenStore final : public ports::RefreshTokenStore {
public:
    explicit PgRefreshTokenStore(PgPool& pool) : pool_(pool) {}
    [[nodiscard]] ports::Task<void> issue(ports::RefreshToken token, int max_families,
                                          ports::AuditStamp by) override;
    [[nodiscard]] ports::Task<std::optional<Owner>> owner(std::string hash) override;
    [[nodiscard]] ports::Task<base::Result<ports::RefreshToken>> rotate(
        std::string hash, ports::RefreshToken next, ports::AuditStamp by) override;
    [[nodiscard]] ports::Task<void> revoke_family(std::string hash, ports::AuditStamp by) override;

private:
    [[nodiscard]] ports::Task<std::optional<model::TenantId>> tenant_of(std::string hash);

    PgPool& pool_;
};

}  // namespace obscura::store
