#pragma once

#include "base/clock.hpp"
#include "net/client.hpp"
#include "ports/venue.hpp"
#include "venue/binance_endpoints.hpp"

#include <chrono>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace obscura::venue {

struct BinanceSpotConfig {
    BinanceEndpoints endpoints;
    /// From the wait for a connection to the last byte of the answer. Longer than the orders'
    /// recvWindow gains nothing but answers to what has been decided by a query.
    std::chrono::milliseconds order_timeout{10'000};
    std::chrono::milliseconds read_timeout{10'000};
    std::chrono::milliseconds instruments_timeout{60'000};  ///< some 15 MB on the live venue
};

/// Binance spot's order entry and public data. Signed requests go where citadel addressed them, but
/// only to the configured REST origins. Whether a signature has expired is left to the venue, by
/// whose clock it does. Event-loop thread.
class BinanceSpot final : public ports::OrderVenue {
public:
    BinanceSpot(net::HttpClient& client, BinanceSpotConfig config, base::Clock const& clock);

    [[nodiscard]] ports::Task<ports::SubmitOutcome> submit(ports::SignedRequest request) override;
    [[nodiscard]] ports::Task<ports::QueryOutcome> query(ports::SignedRequest request) override;
    [[nodiscard]] ports::Task<base::Result<std::vector<model::Trade>>> list_fills(
        ports::SignedRequest request) override;
    [[nodiscard]] ports::Task<void> warm(model::Environment environment,
                                         std::size_t connections) override;
    [[nodiscard]] ports::Task<base::Result<std::vector<model::Instrument>>> instruments(
        model::Environment environment) override;
    [[nodiscard]] ports::Task<base::Result<base::Timestamp>> server_time(
        model::Environment environment) override;
    [[nodiscard]] std::optional<ports::WeightUsed> weight_used(
        model::Environment environment) const override;
    [[nodiscard]] ports::Task<base::Result<std::vector<std::pair<std::string, base::Price>>>>
    prices(model::Environment environment, std::vector<std::string> symbols) override;

private:
    using Answer = std::expected<net::Response, net::TransportError>;
    [[nodiscard]] ports::Task<Answer> fetch(std::string origin, net::Request request,
                                            std::chrono::milliseconds timeout);
    [[nodiscard]] std::optional<std::string> origin_of(model::Environment environment) const;
    [[nodiscard]] ports::Task<base::Result<base::Json>> get(model::Environment environment,
                                                            std::string target,
                                                            std::chrono::milliseconds timeout);

    net::HttpClient& client_;
    BinanceSpotConfig config_;
    base::Clock const& clock_;
    std::vector<std::string> rest_origins_;
    std::map<std::string, ports::WeightUsed> weight_used_;  ///< by origin: one of `rest_origins_`
};

/// A signed request as the client sends it.
struct SignedCall {
    std::string origin;
    net::Request request;
};
/// Refuses (as NotSent would) what is addressed outside of `rest_origins`.
[[nodiscard]] std::expected<SignedCall, std::string> to_call(
    ports::SignedRequest signed_request, std::vector<std::string> const& rest_origins);

}  // namespace obscura::venue
