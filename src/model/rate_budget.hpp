#pragma once

#include "base/clock.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace obscura::model {

/// A venue's limits as it publishes them: request weight per minute for one address, orders per
/// 10 s for one account (Binance spot: 6,000 and 100).
struct VenueLimits {
    std::int64_t weight_per_minute = 6'000;
    std::int64_t orders_per_10s = 100;
    /// Opens leave this share of the weight to exits and queries, in percent.
    std::int64_t reserved_for_exits_percent = 10;
};

enum class BudgetUse { open, exit_or_query };

/// Windows are the venue's, so they follow its clock; pauses are spans, so they follow ours that
/// never jumps.
struct BudgetTime {
    base::Timestamp venue{};
    base::Instant steady{};
};

/// Weight and order counts spent in the venue's current fixed windows. Pure: time is an argument.
/// What is reserved and then not used is not given back: it only makes us slower, never banned.
class RateBudget {
public:
    explicit RateBudget(VenueLimits limits) : limits_(limits) {}

    /// Zero when the request may go now (and is counted), else how long until it may be asked again
    /// (and nothing is counted).
    [[nodiscard]] std::chrono::milliseconds reserve(std::string const& account, std::int64_t weight,
                                                    std::int64_t orders, BudgetUse use,
                                                    BudgetTime now);
    /// The venue said 429 or 418: nothing goes out before `until`.
    void pause_until(base::Instant until);
    /// The venue has too many orders of this account: it sends none before `until`; others go on.
    void pause_account(std::string const& account, base::Instant until);
    /// The venue counted `weight` in its minute around `at`. Calls that nobody reserved are in it,
    /// and those of a process before this one.
    void observe_weight(std::int64_t weight, base::Timestamp at);
    [[nodiscard]] std::int64_t weight_used() const { return weight_used_; }

private:
    struct Account {
        std::int64_t window = -1;
        std::int64_t orders = 0;
        base::Instant paused_until{};
    };
    void begin_minute(std::int64_t minute, BudgetTime now);

    VenueLimits limits_;
    std::int64_t minute_ = -1;
    std::int64_t weight_used_ = 0;
    base::Instant paused_until_{};
    std::unordered_map<std::string, Account> accounts_;
};

}  // namespace obscura::model
