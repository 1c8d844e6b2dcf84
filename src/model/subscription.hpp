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
    PositionMode position_mode = PositionMode::one_way;  ///< of the connection's futures account
};

/// What a subscription holds and has done, from the primary database at planning time.
struct Portfolio {
    /// Of the signal's market, symbol and position side; short ones are negative. Net of fees in
    /// the base asset.
    base::Quantity quantity{};
    base::Quantity target_quantity{};  ///< what it would be without rounding
    /// The target is what the signal leads to already: an order of it was made, and came short.
    bool is_aimed = false;
    /// The worst loss of everything held, all symbols: quote paid on spot, isolated margin and the
    /// fee of closing on futures.
    base::Money open_cost{};
    base::Money realised_total{};  ///< negative = loss
    base::Money realised_today{};
    /// Futures: the account holds the symbol, or has an order in it, for something else than this
    /// subscription's position. Contracts of one symbol share leverage, margin and (in one-way
    /// mode) one position: two owners of it would close each other's.
    bool is_symbol_in_use = false;
};

}  // namespace obscura::model
