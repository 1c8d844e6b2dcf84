#pragma once

#include "base/clock.hpp"
#include "crypto/dhkem.hpp"
#include "custody/release.hpp"

#include <deque>
#include <list>
#include <string>
#include <string_view>

namespace obscura::citadel {

/// The challenges of key holders that are open: a nonce of theirs, a key pair of ours made for it,
/// and the evidence that names both. Each takes keys once, whether they open or not, and none after
/// `custody::release_lifetime` by the steady clock. Anybody may open one, so they are bounded and
/// nobody is refused for what another has open: the oldest goes, of the address that has most. Who
/// asks much displaces himself. Event-loop thread.
class ReleaseDesk {
public:
    static constexpr std::size_t max_open = 1024;
    /// Of an address, without their evidence yet: half of what may wait for a device.
    static constexpr std::size_t max_unvouched = 16;
    static constexpr std::size_t max_remembered = 256;  ///< nonces that are over

    /// Both must outlive this.
    ReleaseDesk(base::Clock const& clock, base::Random& random) : clock_(clock), random_(random) {}

    /// A key pair for `nonce`, asked for from `address`. invalid_argument "nonce_used"; unavailable
    /// "release_busy" while too many of that address wait for evidence.
    [[nodiscard]] base::Result<crypto::X25519PublicKey> open(custody::ReleaseNonce const& nonce,
                                                             std::string_view address);
    /// The evidence that was made for it. invalid_argument "challenge_unknown", or
    /// "challenge_expired" where making it took too long.
    [[nodiscard]] base::Result<void> vouch(custody::ReleaseNonce const& nonce,
                                           crypto::Digest const& evidence);
    /// There is no evidence to be had.
    void give_up(custody::ReleaseNonce const& nonce);

    /// Ends the challenge. invalid_argument "challenge_unknown", "challenge_expired", "nonce_used",
    /// or "keys_unreadable".
    [[nodiscard]] base::Result<custody::MasterKeys> take(custody::ReleaseNonce const& nonce,
                                                         std::span<int const> versions,
                                                         crypto::Bytes enc, crypto::Bytes sealed);
    /// Wipes every key pair.
    void close();

private:
    struct Challenge {
        custody::ReleaseContext context;
        crypto::X25519PrivateKey key;
        std::string address;
        base::Instant until;
        bool is_vouched = false;
    };
    struct Over {
        custody::ReleaseNonce nonce{};
        bool is_expired = false;
    };
    using Place = std::list<Challenge>::iterator;
    void forget_expired();
    void drop_one();
    [[nodiscard]] Place find(custody::ReleaseNonce const& nonce);
    [[nodiscard]] base::Error why_not(custody::ReleaseNonce const& nonce) const;
    void end(Place place, bool is_expired);

    base::Clock const& clock_;
    base::Random& random_;
    std::list<Challenge> open_;
    std::deque<Over> over_;
};

}  // namespace obscura::citadel
