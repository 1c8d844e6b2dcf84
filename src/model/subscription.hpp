#pragma once

#include "base/decimal.hpp"
#include "model/ids.hpp"
#include "model/types.hpp"

#include <optional>
#include <string>

namespace obscura::model {

enum class SubscriptionStatus { active, paused, closing, closed };

/// What a follower asked for: `fixed_amount` in plain words. Amounts are in the quote asset, which
/// is a dollar stablecoin.
struct Subscription {
    SubscriptionId id{};
    TenantId tenant{};
    PoolId pool{};
    UserId user{};
    ConnectionId connection{};
    SubscriptionStatus status = SubscriptionStatus::active;
    Environment environment = Environment::paper;  ///< of the connection
    base::Money total_investment{};
    std::optional<base::Money> max_loss;
    std::optional<base::Money> profit_target;
    std::optional<base::Money> daily_loss_limit;
};

/// What a subscription holds and has done, from the primary database at planning time.
struct Portfolio {
    base::Quantity quantity{};         ///< of the signal's symbol, net of fees in the base asset
    base::Quantity target_quantity{};  ///< what it would be without rounding
    base::Money open_cost{};           ///< quote paid for everything held, all symbols
    base::Money realised_total{};      ///< negative = loss
    base::Money realised_today{};
};

}  // namespace obscura::model
