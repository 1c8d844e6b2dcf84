#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"
#include "crypto/hash.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>

namespace obscura::citadel {

/// What makes a signed action good once: unix ms, for each agent's key more than the one before,
/// however many are signed in a millisecond. Venues take a nonce from two days ago to one day ahead
/// (Hyperliquid), so that the bound below is ours. In memory: a citadel that starts anew begins at
/// its clock, and another that signs with the same key knows nothing of this one's; a nonce that
/// comes twice is refused by the venue. Event-loop thread.
class AgentNonces {
public:
    static constexpr std::chrono::hours farthest{12};
    static constexpr std::size_t max_keys = 100'000;

    /// unavailable: "nonces_ahead" where the next would be further ahead of `now` than `farthest`
    /// (the clock went back), "nonces_full" for too many keys at once.
    [[nodiscard]] base::Result<std::uint64_t> next(base::Secret const& agent_key,
                                                   base::Timestamp now);

private:
    /// Forgets keys whose next nonce is the clock's anyhow.
    void forget_old(std::uint64_t now_ms);

    std::uint64_t latest_ms_ = 0;  ///< of `now`: it does not go back here
    std::uint64_t swept_ms_ = 0;
    std::map<crypto::Digest, std::uint64_t> last_;  ///< by the key's hash
};

}  // namespace obscura::citadel
