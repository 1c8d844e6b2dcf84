#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "citadel/call_rates.hpp"
#include "citadel/callers.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::citadel {

/// Who may have how much, now: a state that calls change, and nothing else. Each caller and each
/// account has a bucket a kind (generic cell rate algorithm). Accounts have none of their own but a
/// place in each of two rows, by a keyed hash; both must be used up to be refused. So nobody who
/// makes up accounts makes the state grow or another's count be forgotten: he can only fill
/// places. Event-loop thread.
class CallLimits {
public:
    static constexpr std::chrono::seconds burst{10};
    static constexpr std::size_t places = 1 << 16;  ///< of a row

    /// `random` gives the hash's key: nobody can look for accounts that share another's places.
    CallLimits(CallRates const& rates, base::Random& random);

    struct Refusal {
        bool is_accounts = false;  ///< or the caller's
        std::chrono::nanoseconds retry_after{};
    };
    /// Counts `count` calls at once, or none. They pass together where one would: a large one is
    /// paid for by a longer pause. Without an account (a context that is empty) the caller's count
    /// alone holds.
    [[nodiscard]] std::optional<Refusal> take(CallerName caller, CallKind kind,
                                              std::string_view account, std::int64_t count,
                                              base::Instant now);

private:
    /// When a bucket is full again; in the past: it is.
    using Bucket = base::Instant;
    struct Row {
        std::vector<Bucket> buckets;  ///< empty: the kind has no limit for accounts
    };
    [[nodiscard]] std::array<Bucket*, 2> places_of(std::size_t kind, std::string_view account);

    CallRates rates_;
    std::string hash_key_;
    std::array<std::array<Bucket, caller_names.size()>, call_kind_names.size()> callers_{};
    std::array<std::array<Row, 2>, call_kind_names.size()> accounts_;
};

}  // namespace obscura::citadel
