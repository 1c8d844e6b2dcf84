#pragma once

#include "gateway/call.hpp"
#include "ports/connection_store.hpp"
#include "ports/pool_store.hpp"
#include "ports/subscription_store.hpp"

namespace obscura::gateway {

/// POST /v2/pools/{id}/subscribe and everything under /v2/subscriptions.
class SubscriptionRoutes {
public:
    SubscriptionRoutes(ports::SubscriptionStore& subscriptions, ports::PoolStore& pools,
                       ports::ConnectionStore& connections)
        : subscriptions_(subscriptions), pools_(pools), connections_(connections) {}
    void add_to(EndpointList& endpoints);

private:
    [[nodiscard]] Task<base::Result<net::Response>> subscribe(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> list(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> show(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> change(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> close(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> set_paused(Call& call, bool paused);
    /// A pool that the caller sees and that takes subscribers.
    [[nodiscard]] Task<base::Result<void>> check_pool(Call& call, model::PoolId id);

    ports::SubscriptionStore& subscriptions_;
    ports::PoolStore& pools_;
    ports::ConnectionStore& connections_;
};

}  // namespace obscura::gateway
