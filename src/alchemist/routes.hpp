#pragma once

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "base/secret.hpp"
#include "net/router.hpp"
#include "ports/health_probe.hpp"
#include "ports/trade_reader.hpp"

#include <vector>

namespace obscura::alchemist {

/// What the HTTP side needs; everything outlives the server.
struct RouteContext {
    ports::TradeReader& trades;
    std::vector<ports::HealthProbe*> probes;
    base::Metrics& metrics;
    base::Clock const& clock;
    base::Secret const& gateway_key;
};

/// GET /health, /livez, /readyz, /metrics; with X-Internal-API-Key and X-Obscura-Caller also
/// GET /internal/traders/{id}/trades?from=&to=&limit=&cursor=. A person sees the trades of traders
/// of their own; a tenant's key and an administrator see those of the caller's tenant.
[[nodiscard]] net::Router make_router(RouteContext context);

}  // namespace obscura::alchemist
