#pragma once

#include "base/clock.hpp"
#include "base/decimal.hpp"
#include "base/decode.hpp"
#include "base/task.hpp"
#include "model/ids.hpp"
#include "ports/page.hpp"

#include <optional>
#include <vector>

namespace obscura::ports {

using base::Task;

enum class SubscriptionStatus { active, paused, closing, closed };
inline constexpr std::array<base::EnumName<SubscriptionStatus>, 4> subscription_status_names{
    {{"active", SubscriptionStatus::active},
     {"paused", SubscriptionStatus::paused},
     {"closing", SubscriptionStatus::closing},
     {"closed", SubscriptionStatus::closed}}};

/// A follower's subscription as its owner set it up (mode fixed_amount).
struct SubscriptionRecord {
    model::SubscriptionId id{};
    model::TenantId tenant{};  ///< the follower's
    model::PoolId pool{};
    model::UserId user{};
    model::ConnectionId connection{};
    base::Money total_investment_usd{};
    std::optional<base::Money> max_loss_usd;
    std::optional<base::Money> profit_target_usd;
    std::optional<base::Money> daily_loss_limit_usd;
    SubscriptionStatus status = SubscriptionStatus::active;
    base::Timestamp created_at{};
    std::optional<base::Timestamp> closed_at;
};

/// New limits. A doubly optional limit that is set and empty is taken away.
struct SubscriptionChange {
    std::optional<base::Money> total_investment_usd;
    std::optional<std::optional<base::Money>> max_loss_usd;
    std::optional<std::optional<base::Money>> profit_target_usd;
    std::optional<std::optional<base::Money>> daily_loss_limit_usd;
};

class SubscriptionStore {
public:
    virtual ~SubscriptionStore() = default;
    /// conflict "already_subscribed" while the connection has one for the pool that is not closed;
    /// conflict "connection_removed" when the connection went meanwhile. The same id again is the
    /// same subscription.
    [[nodiscard]] virtual Task<base::Result<SubscriptionRecord>> create(
        SubscriptionRecord subscription) = 0;
    [[nodiscard]] virtual Task<std::optional<SubscriptionRecord>> find(
        model::TenantId tenant, model::UserId user, model::SubscriptionId id) = 0;
    [[nodiscard]] virtual Task<std::vector<SubscriptionRecord>> list(
        model::TenantId tenant, model::UserId user, std::optional<SubscriptionStatus> status,
        Page page) = 0;
    /// not_found; conflict "subscription_closed".
    [[nodiscard]] virtual Task<base::Result<SubscriptionRecord>> change(
        model::TenantId tenant, model::UserId user, model::SubscriptionId id,
        SubscriptionChange change) = 0;
    /// Between active and paused. not_found; conflict "subscription_closed".
    [[nodiscard]] virtual Task<base::Result<SubscriptionRecord>> set_paused(
        model::TenantId tenant, model::UserId user, model::SubscriptionId id, bool paused) = 0;
    /// Closed at once when nothing is held or under way, else closing: exits are still copied,
    /// nothing is opened. not_found; a closed one stays as it is.
    [[nodiscard]] virtual Task<base::Result<SubscriptionRecord>> close(model::TenantId tenant,
                                                                       model::UserId user,
                                                                       model::SubscriptionId id,
                                                                       base::Timestamp at) = 0;
};

}  // namespace obscura::ports
