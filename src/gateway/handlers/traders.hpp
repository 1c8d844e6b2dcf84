#pragma once

#include "gateway/call.hpp"
#include "ports/connection_store.hpp"
#include "ports/trader_store.hpp"

namespace obscura::gateway {

/// POST and GET /v2/traders.
class TraderRoutes {
public:
    TraderRoutes(ports::TraderStore& traders, ports::ConnectionStore& connections)
        : traders_(traders), connections_(connections) {}
    void add_to(EndpointList& endpoints);

private:
    [[nodiscard]] Task<base::Result<net::Response>> create(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> list(Call& call);

    ports::TraderStore& traders_;
    ports::ConnectionStore& connections_;
};

}  // namespace obscura::gateway
