#include "citadel/notional_ledger.hpp"

#include "citadel/operation_rules.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace obscura::citadel {
namespace {

using base::Money;

constexpr std::int64_t steps = 64;

std::unexpected<base::Error> over(char const* reason, Money limit, Money wanted) {
    return base::fail(base::Errc::invalid_argument, reason,
                      "The owner of the account allows " + limit.to_string() + ", this makes " +
                          wanted.to_string() + ".");
}

/// The step of the limit that a sum has begun.
Money reservation(Money sum, base::Decimal limit) {
    auto const step = base::divide(limit, base::Decimal(steps), base::Rounding::away_from_zero);
    return Money{std::min(limit, base::to_step(sum.value, step, base::Rounding::ceiling))};
}

}  // namespace

std::int64_t utc_day(base::Timestamp t) {
    return std::chrono::floor<std::chrono::days>(t).time_since_epoch().count();
}

model::PlaceOrder const* opening_order(model::Market market,
                                       model::VenueOperation const& operation) {
    auto const* order = std::get_if<model::PlaceOrder>(&operation);
    if (order == nullptr) return nullptr;
    // Spot knows no reduce_only: it is not sent there, and a purchase buys whatever it says.
    if (market == model::Market::spot) return order->side == model::Side::buy ? order : nullptr;
    return order->reduce_only || closes_position(*order) ? nullptr : order;
}

Money opened_notional(model::PlaceOrder const& order, base::Price last) {
    // A purchase costs its limit at most. A sale at a limit gets that at least: what it opens is
    // worth the market's price, where that is higher.
    auto price = order.limit_price.value_or(last);
    if (order.side == model::Side::sell) price = std::max(price, last);
    return notional(price, order.quantity, base::Rounding::ceiling);
}

bool is_quoted_in_dollars(std::string_view symbol) {
    static constexpr std::array<std::string_view, 4> dollars{"USDT", "USDC", "FDUSD", "TUSD"};
    return std::ranges::any_of(dollars, [&](auto dollar) { return symbol.ends_with(dollar); });
}

void NotionalLedger::begin(std::int64_t day) {
    if (day <= day_) return;
    day_ = day;
    accounts_.clear();
}

void NotionalLedger::restore(std::string const& account, Money reserved) {
    auto& today = accounts_[account];
    today.reserved = std::max(today.reserved, reserved);
    today.signed_for = today.reserved;
}

base::Result<std::optional<Money>> NotionalLedger::admit(std::string const& account,
                                                         ports::CredentialLimits const& limits,
                                                         Money notional, base::Timestamp now) {
    if (limits.max_order_notional && notional.value > *limits.max_order_notional)
        return over("limit_order_notional", Money{*limits.max_order_notional}, notional);
    if (!limits.max_daily_notional) return std::nullopt;
    begin(utc_day(now));
    if (!accounts_.contains(account) && accounts_.size() >= limits_.max_accounts)
        return base::fail(base::Errc::unavailable, "limit_ledger_full",
                          "Too many accounts today under daily limits.");
    auto& today = accounts_[account];
    auto const sum = today.signed_for + notional;
    if (sum.value > *limits.max_daily_notional)
        return over("limit_daily_notional", Money{*limits.max_daily_notional}, sum);
    today.signed_for = sum;
    if (sum <= today.reserved) return std::nullopt;
    today.reserved = reservation(sum, *limits.max_daily_notional);
    return today.reserved;
}

}  // namespace obscura::citadel
