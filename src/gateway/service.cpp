#include "gateway/service.hpp"

namespace obscura::gateway {

Gateway::Gateway(World world, GatewayKeys keys, GatewayConfig config, PasswordFunctions passwords)
    : world_(std::move(world)),
      config_(std::move(config)),
      pepper_(std::move(keys.pepper)),
      access_({.keys = world_.token_keys, .signer = world_.statements},
              std::move(keys.previous_jwt), config_.jwt, world_.clock),
      limits_(world_.rate_limiter, world_.clock, config_.replicas),
      authenticator_(access_, pepper_, world_.users, world_.api_keys, world_.tenants, world_.clock,
                     config_.authenticator),
      idempotency_(world_.idempotency, world_.tenants, pepper_, world_.random),
      cors_(config_.cors_origins),
      door_(authenticator_, limits_, idempotency_, cors_, world_.clock, config_.door),
      passwords_(world_.cpu, std::move(passwords)),
      sessions_(access_, world_.refresh_tokens, world_.clock, world_.random, config_.sessions),
      tries_(limits_, config_.login),
      signals_(world_.signals, world_.clock, config_.conductor_breaker),
      health_(world_.record_health, world_.dependency_health, world_.service_health, world_.clock,
              config_.version),
      auth_routes_(world_.users, world_.tenants, passwords_, sessions_, tries_, world_.audit,
                   pepper_),
      me_routes_(world_.users, world_.connections, world_.traders, world_.pools,
                 world_.subscriptions, world_.records),
      account_check_(world_.signer, world_.venue, limits_, world_.clock),
      exchange_routes_(world_.connections, world_.vault, account_check_),
      connection_test_routes_(world_.connections, account_check_, world_.clock),
      trader_routes_(world_.traders, world_.connections),
      pool_routes_(world_.pools),
      subscription_routes_(world_.subscriptions, world_.pools, world_.connections),
      signal_routes_(signals_, config_.served),
      record_routes_(world_.records),
      admin_routes_(world_.tenants, world_.api_keys, world_.audit, pepper_, world_.random),
      operation_routes_(health_, world_.metrics, access_, config_.metrics_from) {}

net::Router Gateway::router() {
    EndpointList endpoints;
    auth_routes_.add_to(endpoints);
    me_routes_.add_to(endpoints);
    exchange_routes_.add_to(endpoints);
    connection_test_routes_.add_to(endpoints);
    trader_routes_.add_to(endpoints);
    pool_routes_.add_to(endpoints);
    subscription_routes_.add_to(endpoints);
    signal_routes_.add_to(endpoints);
    record_routes_.add_to(endpoints);
    admin_routes_.add_to(endpoints);
    operation_routes_.add_to(endpoints);
    return door_.router(std::move(endpoints));
}

std::function<void(net::Route const*, net::Request const&, net::Response const&,
                   std::chrono::nanoseconds)>
observe_requests(base::Metrics& metrics) {
    return [&metrics](net::Route const* route, net::Request const&, net::Response const& response,
                      std::chrono::nanoseconds elapsed) {
        // Patterns and not paths: the number of series must not be the sender's to choose.
        auto const pattern = route == nullptr ? std::string("none") : route->pattern;
        auto const method = route == nullptr ? std::string("none") : route->method;
        base::Labels const labels{{"route", pattern}, {"method", method}};
        auto counted = labels;
        counted["status"] = std::to_string(response.status);
        metrics.counter("gateway_requests_total", "Requests answered", counted).add();
        metrics.histogram("gateway_request_seconds", "From the request to its answer", labels)
            .observe(elapsed);
    };
}

}  // namespace obscura::gateway
