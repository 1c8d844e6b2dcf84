#pragma once

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "net/runtime.hpp"
#include "net/server.hpp"
#include "ports/health_probe.hpp"
#include "ports/trade_reader.hpp"
#include "sentinel/config.hpp"
#include "sentinel/ingest.hpp"
#include "sentinel/roster.hpp"

#include <memory>
#include <vector>

namespace obscura::sentinel {

/// The neighbours; they outlive the service.
struct Dependencies {
    ports::LeadDirectory& directory;
    ports::TradeStore& store;
    ports::TradePublisher& publisher;
    ports::TradeReader& reader;
    Roster::FeedsByVenue venues;
    std::vector<ports::HealthProbe*> probes;
    base::Metrics& metrics;
    base::Clock const& clock;
    base::Random& random;
};

/// sentinel: feeds -> ingest -> record, and its HTTP side. Event-loop thread only.
class Service {
public:
    /// `gateway_key` is what callers of /internal must send; it outlives the service.
    Service(boost::asio::any_io_executor executor, net::ServerConfig http, Config const& config,
            base::Secret const& gateway_key, Dependencies dependencies);

    /// Starts listening and following. Throws std::system_error when the port is taken.
    void start();
    [[nodiscard]] std::uint16_t port() const { return server_.port(); }
    /// Server, feeds, then ingest: what the feeds have handed on is committed if the record is
    /// there.
    [[nodiscard]] net::Task<void> stop();

private:
    [[nodiscard]] net::Task<void> keep_partitions();

    Dependencies dependencies_;
    Ingest ingest_;
    Roster roster_;
    net::HttpServer server_;
    net::Scope feeds_;
    net::Scope committer_;
    net::Scope upkeep_;
};

}  // namespace obscura::sentinel
