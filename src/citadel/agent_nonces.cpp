#include "citadel/agent_nonces.hpp"

#include <algorithm>
#include <utility>

namespace obscura::citadel {
namespace {

constexpr std::size_t keys_before_a_sweep = 1'000;

std::unexpected<base::Error> refuse(char const* reason, char const* detail) {
    return base::fail(base::Errc::unavailable, reason, detail);
}

}  // namespace

void AgentNonces::forget_old(std::uint64_t now_ms) {
    if (std::exchange(swept_ms_, now_ms) == now_ms) return;
    std::erase_if(last_, [&](auto const& entry) { return entry.second < now_ms; });
}

base::Result<std::uint64_t> AgentNonces::next(base::Secret const& agent_key, base::Timestamp now) {
    auto const clock_ms =
        static_cast<std::uint64_t>(std::max<std::int64_t>(0, base::to_unix_ms(now)));
    latest_ms_ = std::max(latest_ms_, clock_ms);
    auto const name = crypto::sha256(agent_key.bytes());
    auto const known = last_.find(name);
    auto const nonce = known == last_.end() ? latest_ms_ : std::max(latest_ms_, known->second + 1);
    auto const bound =
        clock_ms + static_cast<std::uint64_t>(std::chrono::milliseconds(farthest).count());
    if (nonce > bound)
        return refuse("nonces_ahead",
                      "The clock is far behind nonces that were signed: set it, or start anew.");
    if (known != last_.end()) {
        known->second = nonce;
        return nonce;
    }
    if (last_.size() >= keys_before_a_sweep) forget_old(latest_ms_);
    if (last_.size() >= max_keys) return refuse("nonces_full", "Too many agents sign at once.");
    last_.emplace(name, nonce);
    return nonce;
}

}  // namespace obscura::citadel
