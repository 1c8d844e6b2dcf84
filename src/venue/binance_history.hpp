#pragma once

#include "base/clock.hpp"
#include "net/client.hpp"
#include "ports/leader_feed.hpp"
#include "ports/signer.hpp"
#include "venue/binance_endpoints.hpp"
#include "venue/fill_tracker.hpp"

#include <chrono>
#include <memory>
#include <vector>

namespace obscura::venue {

/// Shut after Binance asked to slow down; shared by all feeds of an environment, since the venue
/// counts addresses, not accounts.
struct RestGate {
    base::Instant closed_until{};
};

/// Reads an account's fills over REST with requests that citadel signed.
class BinanceHistory {
public:
    BinanceHistory(net::HttpClient& client, ports::Signer& signer, std::string rest_origin,
                   std::shared_ptr<RestGate> gate, base::Clock const& clock);

    /// `GET /api/v3/myTrades`, ordered by trade id. rate_limited while the gate is shut;
    /// "unknown_symbol" when the venue does not have it; else as the signer and the venue fail.
    [[nodiscard]] ports::Task<base::Result<std::vector<model::Trade>>> page(
        ports::LeaderAccount const& account, PageAsk ask);

private:
    net::HttpClient& client_;
    ports::Signer& signer_;
    std::vector<std::string> rest_origins_;
    std::shared_ptr<RestGate> gate_;
    base::Clock const& clock_;
};

/// Signs one operation in the account's name, valid for `lifetime`.
[[nodiscard]] ports::Task<base::Result<ports::SignedRequest>> sign_one(
    ports::Signer& signer, ports::LeaderAccount const& account, model::VenueOperation operation,
    base::Timestamp not_after);

}  // namespace obscura::venue
