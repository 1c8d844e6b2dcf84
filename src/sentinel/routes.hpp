#pragma once

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "base/secret.hpp"
#include "net/router.hpp"
#include "ports/health_probe.hpp"
#include "ports/trade_reader.hpp"
#include "sentinel/ingest.hpp"
#include "sentinel/roster.hpp"

#include <vector>

namespace obscura::sentinel {

/// What the HTTP side needs; everything outlives the server.
struct RouteContext {
    Roster& roster;
    Ingest& ingest;
    ports::TradeReader& trades;
    std::vector<ports::HealthProbe*> probes;
    base::Metrics& metrics;
    base::Clock const& clock;
    base::Secret const& gateway_key;
};

/// GET /health, /livez, /readyz, /metrics; with X-Internal-API-Key also POST /internal/refresh and
/// GET /internal/trades?trader_id=&from=&to=&limit=&cursor=.
[[nodiscard]] net::Router make_router(RouteContext context);

}  // namespace obscura::sentinel
