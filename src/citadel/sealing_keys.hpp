#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "crypto/dhkem.hpp"
#include "ports/credential_seal.hpp"

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::citadel {

/// The key pairs that credentials are sealed to. They are made here, live in this process only and
/// are wiped at their end: a restart makes new ones, and what was sealed before opens nowhere any
/// more, so that which seals were used need not outlive the process either. A key serves for half
/// its life as the one to seal to, and opens for the whole. Ends are kept by the steady clock: a
/// wall clock that steps back lengthens nothing. Event-loop thread.
class SealingKeys {
public:
    struct Limits {
        std::chrono::milliseconds lifetime = std::chrono::hours(1);
        std::size_t max_uses = 50'000;  ///< of one key; then the next one is made
        std::size_t max_keys = 8;       ///< at a time
    };
    /// The others must outlive this.
    SealingKeys(base::Clock const& clock, base::Random& random, Limits limits);

    /// The key to seal to now.
    [[nodiscard]] ports::SealingKey current();
    /// The private key. invalid_argument "sealing_key_expired", or "sealing_key_unknown" for one
    /// that never was or that went with a restart. Good until the next call of anything.
    [[nodiscard]] base::Result<crypto::X25519PrivateKey const*> find(std::string_view id);
    /// What everybody may know of it; nullptr for one that is not there (any more).
    [[nodiscard]] ports::SealingKey const* shown(std::string_view id);
    /// Notes that the seal `one_time_id` became `connection`. The same again is the same, for a
    /// request whose answer got lost; for another connection: invalid_argument "seal_used".
    /// unavailable "sealing_busy" when the key has no room left. `id` must have been found.
    [[nodiscard]] base::Result<void> use(std::string_view id, base::Uuid one_time_id,
                                         model::ConnectionId connection);
    /// Wipes what is over. The other calls do so too.
    void forget_expired();

private:
    struct Key {
        crypto::X25519PrivateKey secret;
        ports::SealingKey shown;
        base::Instant serves_until;
        base::Instant opens_until;
        std::map<base::Uuid, model::ConnectionId> uses;
    };
    [[nodiscard]] Key* key(std::string_view id);
    [[nodiscard]] bool serves(Key const& key) const;
    void make();

    base::Clock const& clock_;
    base::Random& random_;
    Limits limits_;
    std::vector<Key> keys_;  ///< the newest last
    std::deque<std::string> expired_;
};

}  // namespace obscura::citadel
