#pragma once

#include "peers/citadel_client.hpp"
#include "store/credential_rotation.hpp"

#include <functional>

namespace obscura::app {

/// Rewraps every connection's credentials, and the keys that citadel signs with, under its newest
/// master key, without a plaintext leaving citadel. Its place is the record itself: what is renewed
/// is not found again, so that it may end at any moment and goes on when it is run the next time,
/// beside a running stack.
class KeyRotation {
public:
    struct Progress {
        std::int64_t total = 0;    ///< connections that were older when it began
        std::int64_t renewed = 0;  ///< under the newest key now
        std::int64_t changed = 0;  ///< by their owner meanwhile, or renewed by somebody else
        std::int64_t refused = 0;  ///< citadel does not open them
        std::int64_t left = 0;     ///< older ones at the end, whatever the reason
        std::int64_t keys = 0;     ///< held ones that were renewed
        std::int64_t keys_left = 0;
        int version = 0;  ///< the newest
    };
    struct Refused {
        std::string what;  ///< a connection or a key, with its id
        std::string detail;
    };

    /// All must outlive this. `tell` is called after each batch, `refuse` for each that cannot be
    /// renewed.
    KeyRotation(store::CredentialRotation& record, peers::CitadelClient& citadel,
                std::function<void(Progress const&)> tell,
                std::function<void(Refused const&)> refuse);

    /// `all`: those under the newest key too, whose form may be an older one. The error is
    /// citadel's, when it cannot be reached or does not let this caller rewrap.
    [[nodiscard]] net::Task<base::Result<Progress>> run(bool all);

private:
    [[nodiscard]] net::Task<base::Result<void>> renew(ports::ConnectionRecord const& connection);
    [[nodiscard]] net::Task<base::Result<void>> renew_held_keys(int but);

    store::CredentialRotation& record_;
    peers::CitadelClient& citadel_;
    std::function<void(Progress const&)> tell_;
    std::function<void(Refused const&)> refuse_;
    Progress progress_;
};

/// `obscura admin rotate-keys`: 0 when everything is under the newest key, 1 when something is not.
[[nodiscard]] int run_rotate_keys(std::vector<std::string> args);
/// `obscura admin rotate-token-key`: access tokens get a new key, and those of the old one their
/// time.
[[nodiscard]] int run_rotate_token_key(std::vector<std::string> args);

}  // namespace obscura::app
