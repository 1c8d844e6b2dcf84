#include "gateway/rate_limits.hpp"

#include "base/log.hpp"

#include <algorithm>

namespace obscura::gateway {
namespace {

constexpr std::int64_t highest_limit = 1'000'000;

std::int64_t whole_seconds(std::chrono::milliseconds duration) {
    return std::chrono::ceil<std::chrono::seconds>(duration).count();
}

std::int64_t limit_of(base::Json const& value, std::int64_t otherwise) {
    auto const limit = value.to_int64();
    return limit && *limit >= 1 && *limit <= highest_limit ? *limit : otherwise;
}

}  // namespace

RateLimits limits_of(base::Json const& tenant_settings, RateLimits defaults) {
    auto const& limits = tenant_settings["rate_limits"];
    return {.general_per_min = limit_of(limits["general_per_min"], defaults.general_per_min),
            .execution_per_min = limit_of(limits["execution_per_min"], defaults.execution_per_min)};
}

ports::Task<ports::RateDecision> SharedRateLimits::take(std::string key, ports::RateQuota quota) {
    if (breaker_.allow(clock_.steady())) {
        auto const shared = co_await shared_.take(key, quota);
        if (shared) {
            breaker_.succeeded();
            co_return *shared;
        }
        breaker_.failed(clock_.steady());
        base::log::warn("rate_limits.local", {{"error", shared.error().detail}});
    }
    co_return local_.take(key, local_part(quota), clock_.steady());
}

ports::RateQuota SharedRateLimits::local_part(ports::RateQuota quota) const {
    quota.limit = std::max<std::int64_t>(1, quota.limit / replicas_);
    return quota;
}

ports::Task<void> SharedRateLimits::give_back(std::string key, ports::RateQuota quota) {
    // Where it was counted is where it comes back: the other place knows nothing of it.
    if (is_local())
        local_.give_back(key, local_part(quota));
    else
        co_await shared_.give_back(std::move(key), quota);
}

ports::Task<void> SharedRateLimits::forget(std::string key) {
    local_.forget(key);
    if (!is_local()) co_await shared_.forget(std::move(key));
}

void add_rate_headers(net::Response& response, std::string_view policy, ports::RateQuota quota,
                      ports::RateDecision const& decision) {
    auto const name = "\"" + std::string(policy) + "\"";
    response.headers.set("RateLimit-Policy", name + ";q=" + std::to_string(quota.limit) +
                                                 ";w=" + std::to_string(quota.window.count()));
    response.headers.set("RateLimit", name + ";r=" + std::to_string(decision.remaining) + ";t=" +
                                          std::to_string(whole_seconds(decision.reset_after)));
}

base::Error rate_limited(ports::RateDecision const& decision) {
    auto const wait = std::max<std::int64_t>(1, whole_seconds(decision.retry_after));
    return {.code = base::Errc::rate_limited,
            .reason = "rate_limited",
            .detail = "Too many requests; try again in " + std::to_string(wait) + " s.",
            .retry_after = std::chrono::seconds(wait)};
}

}  // namespace obscura::gateway
