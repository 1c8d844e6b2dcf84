#pragma once

#include "net/client.hpp"
#include "ports/account_venue.hpp"
#include "venue/binance_endpoints.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace obscura::venue {

/// Binance's `GET /sapi/v1/account/apiRestrictions`, and spot's `GET /api/v3/account`. Signed
/// requests go where citadel addressed them, but only to the configured REST origins. Event-loop
/// thread.
class BinanceAccounts final : public ports::AccountVenue {
public:
    BinanceAccounts(net::HttpClient& client, BinanceEndpoints const& endpoints,
                    std::chrono::milliseconds timeout);
    [[nodiscard]] ports::Task<base::Result<ports::AccountRights>> read_account(
        ports::SignedRequest request) override;

private:
    net::HttpClient& client_;
    std::vector<std::string> rest_origins_;
    std::chrono::milliseconds timeout_;
};

}  // namespace obscura::venue
