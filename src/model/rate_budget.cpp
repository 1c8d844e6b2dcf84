#include "model/rate_budget.hpp"

#include <algorithm>

namespace obscura::model {
namespace {

using std::chrono::milliseconds;

milliseconds until_next(std::int64_t now_ms, std::int64_t window_ms) {
    return milliseconds(window_ms - now_ms % window_ms);
}

}  // namespace

void RateBudget::pause_until(base::Instant until) {
    paused_until_ = std::max(paused_until_, until);
}

void RateBudget::pause_account(std::string const& account, base::Instant until) {
    auto& paused_until = accounts_[account].paused_until;
    paused_until = std::max(paused_until, until);
}

void RateBudget::observe_weight(std::int64_t weight, base::Timestamp at) {
    auto const minute = base::to_unix_ms(at) / 60'000;
    if (minute < minute_) return;
    if (minute > minute_) weight_used_ = 0;
    minute_ = minute;
    // Ours may be more: it counts what is still under way.
    weight_used_ = std::max(weight_used_, weight);
}

void RateBudget::begin_minute(std::int64_t minute, BudgetTime now) {
    minute_ = minute;
    weight_used_ = 0;
    // Accounts that were quiet for a whole window cost no memory.
    auto const window = base::to_unix_ms(now.venue) / 10'000;
    std::erase_if(accounts_, [&](auto const& entry) {
        return entry.second.window != window && entry.second.paused_until <= now.steady;
    });
}

milliseconds RateBudget::reserve(std::string const& account, std::int64_t weight,
                                 std::int64_t orders, BudgetUse use, BudgetTime now) {
    if (now.steady < paused_until_)
        return std::chrono::ceil<milliseconds>(paused_until_ - now.steady);
    auto const now_ms = base::to_unix_ms(now.venue);
    if (auto const minute = now_ms / 60'000; minute != minute_) begin_minute(minute, now);
    auto const share = use == BudgetUse::open ? 100 - limits_.reserved_for_exits_percent : 100;
    if (weight_used_ + weight > limits_.weight_per_minute * share / 100)
        return until_next(now_ms, 60'000);

    auto& spent = accounts_[account];
    if (orders > 0 && now.steady < spent.paused_until)
        return std::chrono::ceil<milliseconds>(spent.paused_until - now.steady);
    if (auto const window = now_ms / 10'000; window != spent.window)
        spent = {.window = window, .orders = 0, .paused_until = spent.paused_until};
    if (spent.orders + orders > limits_.orders_per_10s) return until_next(now_ms, 10'000);
    weight_used_ += weight;
    spent.orders += orders;
    return milliseconds(0);
}

}  // namespace obscura::model
