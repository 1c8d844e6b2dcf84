#pragma once

#include "base/secret.hpp"
#include "conductor/engine.hpp"
#include "net/router.hpp"
#include "ports/signal_store.hpp"

#include <functional>
#include <string>

namespace obscura::conductor {

/// What citadel's evidence came to, in plain words.
struct CitadelStatus {
    bool is_refused = false;
    std::string words;
};

/// What the routes need; everything outlives the router.
struct ServiceParts {
    Engine& engine;
    ports::SignalStore& signals;
    base::Clock const& clock;
    base::Metrics& metrics;
    model::ServedMarkets served;
    base::Secret const& gateway_key;  ///< X-Internal-API-Key of the gateway
    /// "" when PostgreSQL answers, else what is wrong.
    std::function<base::Task<std::string>()> check_database;
    std::function<CitadelStatus()> citadel_status;
};

/// The internal routes of conductor: signals in, status out, health and metrics. Only /health and
/// /metrics are open; the others take the caller's identity from the signed header.
[[nodiscard]] net::Router make_router(ServiceParts parts);

}  // namespace obscura::conductor
