#pragma once

#include "gateway/authenticator.hpp"
#include "gateway/door.hpp"
#include "gateway/jwt.hpp"
#include "gateway/login_tries.hpp"
#include "gateway/sessions.hpp"
#include "model/signal.hpp"
#include "net/circuit_breaker.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace obscura::gateway {

/// How the gateway behaves; the composition root fills it from the configuration table.
struct GatewayConfig {
    JwtRules jwt;
    SessionRules sessions;
    AuthenticatorConfig authenticator;
    LoginLimits login;
    DoorConfig door;
    std::int64_t replicas = 1;  ///< gateways that share the load: each one's part of a local limit
    std::vector<std::string> cors_origins;
    std::vector<IpRange> metrics_from;
    net::BreakerConfig conductor_breaker;
    model::ServedMarkets served;
    std::string version;
};

}  // namespace obscura::gateway
