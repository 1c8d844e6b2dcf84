#pragma once

#include "ports/trader_store.hpp"
#include "store/pg.hpp"

namespace obscura::store {

/// Leaders, as obscura_app.
class PgTraderStore final : public ports::TraderStore {
public:
    explicit PgTraderStore(PgPool& pool) : pool_(pool) {}
    [[nodiscard]] ports::Task<base::Result<ports::TraderRecord>> create(
        ports::TraderRecord trader) override;
    [[nodiscard]] ports::Task<std::optional<ports::TraderRecord>> find(model::TenantId tenant,
                                                                       model::TraderId id) override;
    [[nodiscard]] ports::Task<std::vector<ports::TraderRecord>> list(
        model::TenantId tenant, std::optional<model::UserId> user, ports::Page page) override;

private:
    PgPool& pool_;
};

}  // namespace obscura::store
