#pragma once

#include "base/error.hpp"
#include "base/task.hpp"
#include "ports/signer.hpp"

#include <optional>

namespace obscura::ports {

/// What the venue lets an account do with the key that asked.
struct AccountRights {
    bool may_trade = false;
    bool may_withdraw = false;
    bool may_transfer = false;        ///< between accounts of the same owner
    std::optional<bool> may_deposit;  ///< where the answer tells
};

/// A venue asked about an account with a `ReadKeyRights`, or where it has no such thing a
/// `ReadAccount`, that citadel signed. Never retries; ends
/// within the adapter's time limit. Event-loop thread.
class AccountVenue {
public:
    virtual ~AccountVenue() = default;
    /// Errors: bad_gateway "key_rejected" (key, signature, address or right), "clock_off", or
    /// "venue_refused"; rate_limited "venue_throttled"; upstream_timeout or unavailable
    /// "venue_unreachable"; unavailable "venue_not_called" when nothing was sent. Their `detail` is
    /// fit for the account's owner.
    [[nodiscard]] virtual Task<base::Result<AccountRights>> read_account(SignedRequest request) = 0;
};

}  // namespace obscura::ports
