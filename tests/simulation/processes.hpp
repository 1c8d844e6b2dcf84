#pragma once

#include "base/metrics.hpp"
#include "base/secret.hpp"
#include "conductor/engine.hpp"
#include "conductor/service.hpp"
#include "ports/trade_publisher.hpp"
#include "sentinel/ingest.hpp"
#include "sentinel/roster.hpp"
#include "simulation/node.hpp"

#include <functional>
#include <memory>

namespace obscura::simulation {

/// What conductor is given; a planted bug puts itself in front of one of them.
struct ConductorPorts {
    ports::LeaseStore* leases;
    ports::SignalStore* signals;
    ports::CopyStore* copies;
    ports::Signer* signer;
    ports::OrderVenue* venue;  ///< spot
    ports::OrderVenue* futures;
};
struct SentinelPorts {
    ports::TradeStore* store;
    ports::TradePublisher* publisher;
    ports::LeadDirectory* directory;
    ports::LeaderFeeds* feeds;  ///< spot
    ports::LeaderFeeds* futures;
};

/// The production conductor in one simulated process.
class ConductorProcess {
public:
    ConductorProcess(Node& node, conductor::EngineConfig config, ConductorPorts ports,
                     base::Random& random, base::Secret const& gateway_key,
                     std::shared_ptr<void> planted);
    void wake() { engine_.wake(); }
    [[nodiscard]] net::Router const& router() const { return router_; }
    [[nodiscard]] bool is_leading() const { return engine_.health().is_leader; }
    /// SIGTERM.
    void terminate();

private:
    Node& node_;
    std::shared_ptr<void> planted_;
    base::Metrics metrics_;
    conductor::Engine engine_;
    net::Router router_;
};

/// The production roster and ingest of sentinel in one simulated process.
class SentinelProcess {
public:
    SentinelProcess(Node& node, SentinelPorts ports, std::shared_ptr<void> planted);

private:
    std::shared_ptr<void> planted_;
    base::Metrics metrics_;
    sentinel::Ingest ingest_;
    sentinel::Roster roster_;
    net::Scope scope_;
};

}  // namespace obscura::simulation
