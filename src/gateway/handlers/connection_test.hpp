#pragma once

#include "gateway/account_check.hpp"
#include "gateway/call.hpp"

namespace obscura::gateway {

/// POST /exchanges/connections/{id}/test: has citadel sign a look at the account, shows it to the
/// venue, and tells what came of it. What the venue says is the answer, a 200; errors are what
/// keeps it from being asked.
class ConnectionTestRoutes {
public:
    ConnectionTestRoutes(ports::ConnectionStore& connections, AccountCheck& check,
                         base::Clock const& clock)
        : connections_(connections), check_(check), clock_(clock) {}
    void add_to(EndpointList& endpoints);

private:
    [[nodiscard]] Task<base::Result<net::Response>> test(Call& call);

    ports::ConnectionStore& connections_;
    AccountCheck& check_;
    base::Clock const& clock_;
};

}  // namespace obscura::gateway
