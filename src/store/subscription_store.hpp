#pragma once

#include "ports/subscription_store.hpp"
#include "store/pg.hpp"

namespace obscura::store {

/// Followers' subscriptions as their owners see them, as obscura_app.
class PgSubscriptionStore final : public ports::SubscriptionStore {
public:
    explicit PgSubscriptionStore(PgPool& pool) : pool_(pool) {}
    [[nodiscard]] ports::Task<base::Result<ports::SubscriptionRecord>> create(
        ports::SubscriptionRecord subscription) override;
    [[nodiscard]] ports::Task<std::optional<ports::SubscriptionRecord>> find(
        model::TenantId tenant, model::UserId user, model::SubscriptionId id) override;
    [[nodiscard]] ports::Task<std::vector<ports::SubscriptionRecord>> list(
        model::TenantId tenant, model::UserId user, std::optional<ports::SubscriptionStatus> status,
        ports::Page page) override;
    [[nodiscard]] ports::Task<base::Result<ports::SubscriptionRecord>> change(
        model::TenantId tenant, model::UserId user, model::SubscriptionId id,
        ports::SubscriptionChange change) override;
    [[nodiscard]] ports::Task<base::Result<ports::SubscriptionRecord>> set_paused(
        model::TenantId tenant, model::UserId user, model::SubscriptionId id, bool paused) override;
    [[nodiscard]] ports::Task<base::Result<ports::SubscriptionRecord>> close(
        model::TenantId tenant, model::UserId user, model::SubscriptionId id,
        base::Timestamp at) override;

private:
    PgPool& pool_;
};

}  // namespace obscura::store
