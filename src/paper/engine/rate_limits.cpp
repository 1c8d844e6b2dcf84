#include "paper/engine/rate_limits.hpp"

#include <algorithm>

namespace obscura::paper {
namespace {

constexpr std::size_t max_addresses = 10'000;
constexpr std::chrono::seconds longest_ban = std::chrono::days(3);

template <class Window>
std::int64_t window_of(base::Timestamp now) {
    return std::chrono::floor<Window>(now).time_since_epoch().count();
}
using TenSeconds = std::chrono::duration<std::int64_t, std::ratio<10>>;

std::chrono::seconds until(base::Timestamp then, base::Timestamp now) {
    return std::max(std::chrono::seconds(1), std::chrono::ceil<std::chrono::seconds>(then - now));
}

std::unexpected<VenueError> too_many(std::uint64_t limit, char const* window) {
    return refuse(-1015,
                  "Too many new orders; current limit is " + std::to_string(limit) +
                      " orders per " + window + ".",
                  429);
}

}  // namespace

RateLimits::WeightVerdict RateLimits::charge(std::string const& address, std::uint64_t weight,
                                             base::Timestamp now) {
    using Kind = WeightVerdict::Kind;
    if (addresses_.size() >= max_addresses && !addresses_.contains(address)) forget_idle(now);
    auto& entry = addresses_[address];
    auto const minute = window_of<std::chrono::minutes>(now);
    if (entry.minute != minute) {
        entry.minute = minute;
        entry.used = 0;
        entry.refusals = 0;
    }
    entry.used += weight;
    WeightVerdict verdict{.used = entry.used};
    if (entry.used > settings_.weight_per_minute && entry.banned_until <= now) {
        verdict.kind = Kind::limited;
        auto const next = base::Timestamp(std::chrono::minutes(minute + 1));
        verdict.retry_after = until(next, now);
        if (++entry.refusals > settings_.refusals_before_ban) {
            auto const ban = settings_.first_ban * (std::int64_t{1} << std::min(entry.bans, 16U));
            entry.banned_until = now + std::min(ban, longest_ban);
            entry.refusals = 0;
            ++entry.bans;
        }
    }
    if (entry.banned_until > now) {
        verdict.kind = Kind::banned;
        verdict.banned_until = entry.banned_until;
        verdict.retry_after = until(entry.banned_until, now);
    }
    return verdict;
}

void RateLimits::forget_idle(base::Timestamp now) {
    auto const minute = window_of<std::chrono::minutes>(now);
    std::erase_if(addresses_, [&](auto const& item) {
        return item.second.minute != minute && item.second.banned_until <= now;
    });
    // An attack from very many addresses within a minute: forgetting counts beats running out.
    if (addresses_.size() >= max_addresses) addresses_.clear();
}

RateLimits::Orders& RateLimits::current(AccountId account, base::Timestamp now) {
    auto& entry = orders_[account];
    if (auto const window = window_of<TenSeconds>(now); entry.ten_seconds != window) {
        entry.ten_seconds = window;
        entry.counts.in_10s = 0;
    }
    if (auto const day = window_of<std::chrono::days>(now); entry.day != day) {
        entry.day = day;
        entry.counts.in_day = 0;
    }
    if (auto const minute = window_of<std::chrono::minutes>(now); entry.minute != minute) {
        entry.minute = minute;
        entry.counts.in_minute = 0;
    }
    return entry;
}

Outcome<void> RateLimits::check_order(AccountId account, base::Timestamp now) {
    auto const& counts = current(account, now).counts;
    if (counts.in_10s >= settings_.orders_per_10s) {
        return too_many(settings_.orders_per_10s, "10 SECOND");
    }
    if (settings_.orders_per_minute != 0 && counts.in_minute >= settings_.orders_per_minute) {
        return too_many(settings_.orders_per_minute, "1 MINUTE");
    }
    if (counts.in_day >= settings_.orders_per_day) {
        return too_many(settings_.orders_per_day, "1 DAY");
    }
    return {};
}

RateLimits::OrderCounts RateLimits::count_order(AccountId account, base::Timestamp now) {
    auto& counts = current(account, now).counts;
    ++counts.in_10s;
    ++counts.in_day;
    ++counts.in_minute;
    return counts;
}

RateLimits::OrderCounts RateLimits::orders_of(AccountId account, base::Timestamp now) {
    return current(account, now).counts;
}

}  // namespace obscura::paper
