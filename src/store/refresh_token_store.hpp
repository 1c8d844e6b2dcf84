#pragma once

#include "ports/refresh_token_store.hpp"
#include "store/pg.hpp"

namespace obscura::store {

/// Sessions, as obscura_app.
class PgRefreshTokenStore final : public ports::RefreshTokenStore {
public:
    explicit PgRefreshTokenStore(PgPool& pool) : pool_(pool) {}
    [[nodiscard]] ports::Task<void> issue(ports::RefreshToken token, int max_families) override;
    [[nodiscard]] ports::Task<base::Result<ports::RefreshToken>> rotate(
        std::string hash, ports::RefreshToken next, base::Timestamp now) override;
    [[nodiscard]] ports::Task<void> revoke_family(std::string hash, base::Timestamp now) override;

private:
    [[nodiscard]] ports::Task<std::optional<model::TenantId>> tenant_of(std::string hash);

    PgPool& pool_;
};

}  // namespace obscura::store
