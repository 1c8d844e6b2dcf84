#include "model/rate_budget.hpp"

#include <algorithm>

namespace obscura::model {
namespace {

std::chrono::milliseconds until_next(std::int64_t now_ms, std::int64_t window_ms) {
    return std::chrono::milliseconds(window_ms - now_ms % window_ms);
}

}  // namespace

void RateBudget::pause_until(base::Timestamp until) {
    paused_until_ = std::max(paused_until_, until);
}

std::chrono::milliseconds RateBudget::reserve(std::string const& account, std::int64_t weight,
                                              std::int64_t orders, BudgetUse use,
                                              base::Timestamp now) {
    if (now < paused_until_)
        return std::chrono::ceil<std::chrono::milliseconds>(paused_until_ - now);
    auto const now_ms = base::to_unix_ms(now);
    if (auto const minute = now_ms / 60'000; minute != minute_) {
        minute_ = minute;
        weight_used_ = 0;
        // Accounts that were quiet for a whole window cost no memory.
        std::erase_if(accounts_,
                      [&](auto const& entry) { return entry.second.window < now_ms / 10'000; });
    }
    auto const share = use == BudgetUse::open ? 100 - limits_.reserved_for_exits_percent : 100;
    if (weight_used_ + weight > limits_.weight_per_minute * share / 100)
        return until_next(now_ms, 60'000);

    auto& spent = accounts_[account];
    if (auto const window = now_ms / 10'000; window != spent.window)
        spent = {.window = window, .orders = 0};
    if (spent.orders + orders > limits_.orders_per_10s) return until_next(now_ms, 10'000);
    weight_used_ += weight;
    spent.orders += orders;
    return std::chrono::milliseconds(0);
}

}  // namespace obscura::model
