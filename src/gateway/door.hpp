#pragma once

#include "gateway/authenticator.hpp"
#include "gateway/call.hpp"
#include "gateway/cors.hpp"
#include "gateway/idempotency.hpp"
#include "gateway/rate_limits.hpp"
#include "net/router.hpp"

#include <optional>
#include <vector>

namespace obscura::gateway {

struct DoorConfig {
    std::int64_t open_per_min = 100;  ///< of one address, on open routes and with bad credentials
    std::vector<IpRange> trusted_proxies;
    std::size_t body_limit = 1 << 20;
};

/// What every request passes on its way to a handler: authentication, limits, rights and
/// Idempotency-Key, in this order, and the headers on the way back.
class Door {
public:
    Door(Authenticator& authenticator, SharedRateLimits& limits, IdempotencyGate& idempotency,
         Cors const& cors, base::Clock const& clock, DoorConfig config)
        : authenticator_(authenticator),
          limits_(limits),
          idempotency_(idempotency),
          cors_(cors),
          clock_(clock),
          config_(std::move(config)) {}

    /// A router of these endpoints, and of OPTIONS for each of their paths. The door outlives it.
    [[nodiscard]] net::Router router(EndpointList endpoints);

private:
    /// A limit that a request was counted against.
    struct Counted {
        std::string_view policy;
        ports::RateQuota quota;
        ports::RateDecision decision;
    };
    [[nodiscard]] Task<base::Result<net::Response>> preflight(net::Request& request,
                                                              std::string methods);
    [[nodiscard]] Task<base::Result<net::Response>> answer(Endpoint const& endpoint,
                                                           net::Request& request);
    [[nodiscard]] Task<base::Result<net::Response>> serve(Endpoint const& endpoint, Call& call,
                                                          std::optional<Counted>& counted);
    [[nodiscard]] Task<base::Result<net::Response>> pass(Endpoint const& endpoint, Call& call,
                                                         std::optional<Counted>& counted);
    [[nodiscard]] Task<base::Result<void>> know(Endpoint const& endpoint, Call& call,
                                                std::optional<Counted>& counted);
    [[nodiscard]] Task<base::Result<void>> count_address(Call const& call,
                                                         std::optional<Counted>& counted);
    [[nodiscard]] Task<base::Result<void>> count(std::string_view policy, std::string key,
                                                 std::int64_t per_min,
                                                 std::optional<Counted>& counted);

    Authenticator& authenticator_;
    SharedRateLimits& limits_;
    IdempotencyGate& idempotency_;
    Cors const& cors_;
    base::Clock const& clock_;
    DoorConfig config_;
};

}  // namespace obscura::gateway
