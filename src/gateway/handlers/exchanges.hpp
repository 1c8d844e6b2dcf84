#pragma once

#include "gateway/call.hpp"
#include "ports/connection_store.hpp"
#include "ports/key_vault.hpp"

namespace obscura::gateway {

/// GET /exchanges/supported; POST, GET and DELETE of /exchanges/connections. The routes relay
/// credentials to citadel and keep nothing but what it encrypted.
class ExchangeRoutes {
public:
    ExchangeRoutes(ports::ConnectionStore& connections, ports::KeyVault& vault)
        : connections_(connections), vault_(vault) {}
    void add_to(EndpointList& endpoints);

private:
    [[nodiscard]] static Task<base::Result<net::Response>> supported(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> connect(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> list(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> show(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> remove(Call& call);

    ports::ConnectionStore& connections_;
    ports::KeyVault& vault_;
};

}  // namespace obscura::gateway
