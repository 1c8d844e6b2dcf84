#pragma once

#include "base/metrics.hpp"
#include "gateway/access_tokens.hpp"
#include "gateway/call.hpp"
#include "gateway/health_board.hpp"
#include "gateway/ip_range.hpp"

#include <vector>

namespace obscura::gateway {

/// GET /health, /livez, /readyz, /metrics, /openapi.json, /.well-known/jwks.json.
class OperationRoutes {
public:
    /// `metrics_from`: who may read the metrics, by address.
    OperationRoutes(HealthBoard& health, base::Metrics& metrics, AccessTokens& tokens,
                    std::vector<IpRange> metrics_from)
        : health_(health),
          metrics_(metrics),
          tokens_(tokens),
          metrics_from_(std::move(metrics_from)) {}
    void add_to(EndpointList& endpoints);

private:
    [[nodiscard]] Task<base::Result<net::Response>> health(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> ready(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> metrics(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> keys(Call& call);

    HealthBoard& health_;
    base::Metrics& metrics_;
    AccessTokens& tokens_;
    std::vector<IpRange> metrics_from_;
};

}  // namespace obscura::gateway
