#pragma once

#include "gateway/call.hpp"
#include "gateway/rate_limits.hpp"
#include "ports/account_venue.hpp"
#include "ports/connection_store.hpp"
#include "ports/signer.hpp"

namespace obscura::gateway {

/// POST /exchanges/connections/{id}/test: has citadel sign a look at the account, shows it to the
/// venue, and tells what came of it. What the venue says is the answer, a 200; errors are what
/// keeps it from being asked.
class ConnectionTestRoutes {
public:
    ConnectionTestRoutes(ports::ConnectionStore& connections, ports::Signer& signer,
                         ports::AccountVenue& venue, SharedRateLimits& limits,
                         base::Clock const& clock)
        : connections_(connections),
          signer_(signer),
          venue_(venue),
          limits_(limits),
          clock_(clock) {}
    void add_to(EndpointList& endpoints);

private:
    [[nodiscard]] Task<base::Result<net::Response>> test(Call& call);
    [[nodiscard]] Task<base::Result<void>> count(ports::ConnectionRecord const& connection);
    /// The request; an error with reason "credentials_unusable" when the credentials are at fault.
    [[nodiscard]] Task<base::Result<ports::SignedRequest>> sign(
        ports::ConnectionRecord const& connection);

    ports::ConnectionStore& connections_;
    ports::Signer& signer_;
    ports::AccountVenue& venue_;
    SharedRateLimits& limits_;
    base::Clock const& clock_;
};

}  // namespace obscura::gateway
