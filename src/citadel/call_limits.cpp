#include "citadel/call_limits.hpp"

#include "crypto/hash.hpp"

#include <algorithm>
#include <cstring>
#include <span>

namespace obscura::citadel {
namespace {

using std::chrono::nanoseconds;

nanoseconds interval_of(std::int64_t per_second) {
    return nanoseconds(std::chrono::seconds(1)) / per_second;
}

/// How long until one more passes; 0: it does.
nanoseconds wait_of(base::Instant full_at, std::int64_t per_second, base::Instant now) {
    auto const next = std::max(full_at, now) + interval_of(per_second);
    return std::max(next - now - CallLimits::burst, nanoseconds(0));
}

base::Instant counted(base::Instant full_at, std::int64_t per_second, std::int64_t count,
                      base::Instant now) {
    return std::max(full_at, now) + interval_of(per_second) * count;
}

}  // namespace

CallLimits::CallLimits(CallRates const& rates, base::Random& random)
    : rates_(rates), hash_key_(16, '\0') {
    random.fill(std::as_writable_bytes(std::span(hash_key_)));
    if (!rates_.enabled) rates_.of_caller = rates_.of_account = {};
    for (std::size_t kind = 0; kind < accounts_.size(); ++kind)
        if (rates_.of_account[kind] > 0)
            for (auto& row : accounts_[kind]) row.buckets.resize(places);
}

std::array<CallLimits::Bucket*, 2> CallLimits::places_of(std::size_t kind,
                                                         std::string_view account) {
    auto const digest = crypto::Sha256().update(hash_key_).update(account).finish();
    std::array<std::uint32_t, 2> place{};
    std::memcpy(place.data(), digest.data(), sizeof place);
    auto& rows = accounts_[kind];
    return {&rows[0].buckets[place[0] % places], &rows[1].buckets[place[1] % places]};
}

std::optional<CallLimits::Refusal> CallLimits::take(CallerName caller, CallKind kind,
                                                    std::string_view account, std::int64_t count,
                                                    base::Instant now) {
    auto const k = static_cast<std::size_t>(kind);
    auto const of_caller = rates_.of_caller[k];
    auto const of_account = account.empty() ? 0 : rates_.of_account[k];
    auto& caller_bucket = callers_[k][static_cast<std::size_t>(caller)];
    if (of_caller > 0)
        if (auto const wait = wait_of(caller_bucket, of_caller, now); wait > nanoseconds(0))
            return Refusal{.is_accounts = false, .retry_after = wait};
    if (of_account > 0) {
        auto const both = places_of(k, account);
        // The emptier of the two has fewer of others in it.
        auto const full_at = std::min(*both[0], *both[1]);
        if (auto const wait = wait_of(full_at, of_account, now); wait > nanoseconds(0))
            return Refusal{.is_accounts = true, .retry_after = wait};
        auto const after = counted(full_at, of_account, count, now);
        for (auto* const bucket : both) *bucket = std::max(*bucket, after);
    }
    if (of_caller > 0) caller_bucket = counted(caller_bucket, of_caller, count, now);
    return std::nullopt;
}

}  // namespace obscura::citadel
