#pragma once

#include "gateway/call.hpp"
#include "gateway/rate_limits.hpp"
#include "ports/account_venue.hpp"
#include "ports/connection_store.hpp"
#include "ports/signer.hpp"

namespace obscura::gateway {

/// Asks the venue about an account: has citadel sign a look at it, and shows that to the venue.
/// What everybody asks is bounded by user and by venue, whatever it is asked for.
class AccountCheck {
public:
    AccountCheck(ports::Signer& signer, ports::AccountVenue& venue, SharedRateLimits& limits,
                 base::Clock const& clock)
        : signer_(signer), venue_(venue), limits_(limits), clock_(clock) {}

    /// rate_limited beyond the bounds.
    [[nodiscard]] Task<base::Result<void>> count(ports::ConnectionRecord const& connection);
    /// The look; an error with reason "credentials_unusable" when the credentials are at fault.
    [[nodiscard]] Task<base::Result<ports::SignedRequest>> sign(
        ports::ConnectionRecord const& connection);
    /// Errors of AccountVenue.
    [[nodiscard]] Task<base::Result<ports::AccountRights>> show(ports::SignedRequest request);

    /// All three. conflict "key_rejected" for a key that does not work, "key_may_withdraw",
    /// "key_may_transfer" or "key_may_not_trade" for one that is not to be connected; any other
    /// error says why the venue could not be asked.
    [[nodiscard]] Task<base::Result<void>> admit(ports::ConnectionRecord const& connection);

private:
    ports::Signer& signer_;
    ports::AccountVenue& venue_;
    SharedRateLimits& limits_;
    base::Clock const& clock_;
};

}  // namespace obscura::gateway
