#pragma once

#include "ports/leader_feed.hpp"
#include "ports/signer.hpp"
#include "ports/venue.hpp"
#include "simulation/faults.hpp"
#include "simulation/node.hpp"
#include "simulation/venue.hpp"

#include <list>
#include <memory>

namespace obscura::simulation {

/// citadel, as one process sees it: the signed request is the typed operation itself, valid until
/// its expiry.
class SimulatedCitadel final : public ports::Signer {
public:
    SimulatedCitadel(World& world, Faults& faults, Venue& venue, Node& node)
        : world_(world),
          faults_(faults),
          venue_(venue),
          node_(node),
          dice_(world.dice("citadel")) {}
    [[nodiscard]] ports::Task<base::Result<std::vector<base::Result<ports::SignedRequest>>>> sign(
        std::vector<ports::SignItem> items) override;

private:
    World& world_;
    Faults& faults_;
    Venue& venue_;
    Node& node_;
    Dice dice_;
};

/// The venue over a network that delays, loses and breaks, as one process sees it.
class SimulatedVenue final : public ports::OrderVenue {
public:
    SimulatedVenue(World& world, Faults& faults, Venue& venue, model::Market market, Node& node,
                   std::chrono::milliseconds timeout)
        : world_(world),
          faults_(faults),
          venue_(venue),
          market_(market),
          node_(node),
          timeout_(timeout),
          dice_(world.dice("network of " + node.name() +
                           (market == model::Market::spot ? "" : " to futures"))) {}

    [[nodiscard]] ports::Task<ports::SubmitOutcome> submit(ports::VenueRequest request) override;
    [[nodiscard]] ports::Task<ports::QueryOutcome> query(ports::VenueRequest request) override;
    [[nodiscard]] ports::Task<base::Result<std::vector<model::Trade>>> list_fills(
        ports::VenueRequest request) override;
    [[nodiscard]] ports::Task<base::Result<base::Quantity>> holding(ports::VenueRequest request,
                                                                    ports::HoldingOf of) override;
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
    [[nodiscard]] ports::Task<base::Result<void>> configure(ports::VenueRequest request) override;
    [[nodiscard]] ports::Task<base::Result<model::PositionMode>> position_mode(
        ports::VenueRequest request) override;

private:
    [[nodiscard]] ports::Task<std::optional<Fault>> enter(Where where);
    template <class T>
    [[nodiscard]] ports::Task<T> exchange(std::optional<Fault> fault, T when_lost,
                                          std::function<T()> at_venue);
    void send_order(ports::SignedRequest request, std::optional<Fault> fault,
                    Reply<ports::SubmitOutcome> reply);
    [[nodiscard]] microseconds latency() {
        return dice_.between(microseconds(300us), microseconds(25ms));
    }

    World& world_;
    Faults& faults_;
    Venue& venue_;
    model::Market market_;
    Node& node_;
    std::chrono::milliseconds timeout_;
    Dice dice_;
};

/// The leaders' side of the venue: private streams that lose, repeat and reorder, and REST behind
/// them.
class SimulatedFeeds final : public ports::LeaderFeeds {
public:
    SimulatedFeeds(World& world, Faults& faults, Venue& venue, model::Market market, Node& node)
        : world_(world),
          faults_(faults),
          venue_(venue),
          market_(market),
          node_(node),
          dice_(world.dice(market == model::Market::spot ? "feeds" : "feeds of futures")) {}
    [[nodiscard]] base::Result<std::unique_ptr<ports::LeaderFeed>> open(
        ports::LeaderAccount account, std::vector<ports::FeedCursor> cursors) override;
    /// A leader's fill leaves the venue.
    void tell(Venue::Lead const& lead);

private:
    class Feed;
    World& world_;
    Faults& faults_;
    Venue& venue_;
    model::Market market_;
    Node& node_;
    Dice dice_;
    std::list<Feed*> feeds_;
};

}  // namespace obscura::simulation
