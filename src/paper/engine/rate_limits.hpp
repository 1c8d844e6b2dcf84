#pragma once

#include "paper/engine/types.hpp"

#include <chrono>
#include <string>
#include <unordered_map>

namespace obscura::paper {

struct RateLimitSettings {
    std::uint64_t weight_per_minute = 6000;  ///< per IP address
    std::uint64_t orders_per_10s = 100;      ///< per account
    std::uint64_t orders_per_day = 200'000;  ///< per account
    std::uint64_t orders_per_minute = 0;     ///< per account; 0 = no such limit
    std::uint64_t refusals_before_ban = 20;  ///< 429s within one window before 418
    std::chrono::seconds first_ban{120};     ///< doubles with each further one, up to three days
};

/// Binance's counters: fixed windows (whole minutes, ten seconds, days of UTC). Time is a
/// parameter. Addresses in memory are bounded: those without a ban are forgotten with their window.
class RateLimits {
public:
    explicit RateLimits(RateLimitSettings settings) : settings_(settings) {}

    struct WeightVerdict {
        enum class Kind { ok, limited, banned };
        Kind kind = Kind::ok;
        std::uint64_t used = 0;  ///< this minute, this request included
        std::chrono::seconds retry_after{0};
        base::Timestamp banned_until{};
    };
    /// Counts a request of `weight` from `address`.
    [[nodiscard]] WeightVerdict charge(std::string const& address, std::uint64_t weight,
                                       base::Timestamp now);

    struct OrderCounts {
        std::uint64_t in_10s = 0;
        std::uint64_t in_day = 0;
        std::uint64_t in_minute = 0;
    };
    /// -1015 with HTTP 429 when one more order is over a limit. Counts nothing.
    [[nodiscard]] Outcome<void> check_order(AccountId account, base::Timestamp now);
    /// Counts an accepted order.
    OrderCounts count_order(AccountId account, base::Timestamp now);
    [[nodiscard]] OrderCounts orders_of(AccountId account, base::Timestamp now);

    [[nodiscard]] RateLimitSettings const& settings() const { return settings_; }

private:
    struct Address {
        std::int64_t minute = 0;
        std::uint64_t used = 0;
        std::uint64_t refusals = 0;
        unsigned bans = 0;
        base::Timestamp banned_until{};
    };
    struct Orders {
        std::int64_t ten_seconds = 0;
        std::int64_t day = 0;
        std::int64_t minute = 0;
        OrderCounts counts;
    };
    void forget_idle(base::Timestamp now);
    [[nodiscard]] Orders& current(AccountId account, base::Timestamp now);

    RateLimitSettings settings_;
    std::unordered_map<std::string, Address> addresses_;
    std::unordered_map<AccountId, Orders> orders_;
};

}  // namespace obscura::paper
