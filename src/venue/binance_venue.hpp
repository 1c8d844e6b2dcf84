#pragma once

#include "base/clock.hpp"
#include "net/client.hpp"
#include "ports/venue.hpp"
#include "venue/binance_endpoints.hpp"
#include "venue/relay.hpp"

#include <chrono>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace obscura::venue {

struct BinanceVenueConfig {
    BinanceEndpoints endpoints;  ///< of the market
    /// From the wait for a connection to the last byte of the answer. Longer than the orders'
    /// recvWindow gains nothing but answers to what has been decided by a query.
    std::chrono::milliseconds order_timeout{10'000};
    std::chrono::milliseconds read_timeout{10'000};
    std::chrono::milliseconds instruments_timeout{60'000};  ///< some 15 MB on the live spot venue
    Relay* relay = nullptr;  ///< outlives the adapter; without it nothing is relayed
};

/// How one of Binance's markets says what all of them say.
struct BinanceDialect {
    model::Market market;
    std::string_view time_path;
    std::string_view instruments_path;
    std::string_view prices_path;
    /// The query that asks for the prices of some symbols, or "" to ask for all.
    std::string (*prices_query)(std::vector<std::string> const& symbols);
    base::Result<ports::OrderState> (*decode_order)(base::Json const&);
    base::Result<std::vector<model::Trade>> (*decode_trades)(base::Json const&);
    base::Result<std::vector<model::Instrument>> (*decode_instruments)(base::Json const&);
};

/// The order entry and public data of one of Binance's markets. Signed requests go where citadel
/// addressed them, but only to the configured REST origins; what is not handed out goes by the
/// relay, whose own timeouts hold. Whether a signature has expired is left
/// to the venue, by whose clock it does. Event-loop thread.
class BinanceVenue : public ports::OrderVenue {
public:
    [[nodiscard]] ports::Task<ports::SubmitOutcome> submit(ports::VenueRequest request) override;
    [[nodiscard]] ports::Task<ports::QueryOutcome> query(ports::VenueRequest request) override;
    [[nodiscard]] ports::Task<base::Result<std::vector<model::Trade>>> list_fills(
        ports::VenueRequest request) override;
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

protected:
    BinanceVenue(BinanceDialect const& dialect, net::HttpClient& client, BinanceVenueConfig config,
                 base::Clock const& clock);

    /// The answer to a request that changes no order; what was not sent is an error too.
    [[nodiscard]] ports::Task<base::Result<net::Response>> answer_to(ports::VenueRequest request);
    /// The document of a 2xx answer.
    [[nodiscard]] ports::Task<base::Result<base::Json>> read(ports::VenueRequest request);

private:
    using Fetched = std::expected<net::Response, net::TransportError>;
    using NoAnswer = std::variant<net::TransportError, ports::RelayFailure>;
    using Answer = std::expected<net::Response, NoAnswer>;
    [[nodiscard]] ports::Task<Answer> send(ports::VenueRequest request,
                                           std::chrono::milliseconds timeout);
    [[nodiscard]] ports::Task<Answer> relay(ports::SignItem item);
    [[nodiscard]] ports::Task<Fetched> fetch(std::string origin, net::Request request,
                                             std::chrono::milliseconds timeout);
    void observe_weight(std::string const& origin, net::Response const& response);
    [[nodiscard]] std::optional<std::string> origin_of(model::Environment environment) const;
    [[nodiscard]] ports::Task<base::Result<base::Json>> get(model::Environment environment,
                                                            std::string target,
                                                            std::chrono::milliseconds timeout);
    [[nodiscard]] base::Result<ports::OrderState> order_in(net::Response const& response) const;

    BinanceDialect const& dialect_;
    net::HttpClient& client_;
    BinanceVenueConfig config_;
    base::Clock const& clock_;
    std::vector<std::string> rest_origins_;
    std::map<std::string, ports::WeightUsed> weight_used_;  ///< by origin: one of `rest_origins_`
};

}  // namespace obscura::venue
