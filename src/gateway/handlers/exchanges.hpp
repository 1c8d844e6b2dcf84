#pragma once

#include "gateway/account_check.hpp"
#include "gateway/call.hpp"
#include "ports/connection_store.hpp"
#include "ports/key_vault.hpp"

namespace obscura::gateway {

/// GET /exchanges/supported and /exchanges/sealing-key; POST, GET and DELETE of
/// /exchanges/connections. Credentials come sealed to citadel, and no part of them can be read
/// here; of paper and testnet they may come plain as well, are relayed and wiped. What is kept is
/// what citadel encrypted.
class ExchangeRoutes {
public:
    ExchangeRoutes(ports::ConnectionStore& connections, ports::KeyVault& vault, AccountCheck& check)
        : connections_(connections), vault_(vault), check_(check) {}
    void add_to(EndpointList& endpoints);

private:
    [[nodiscard]] static Task<base::Result<net::Response>> supported(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> sealing_key(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> connect(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> list(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> show(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> remove(Call& call);
    [[nodiscard]] Task<base::Result<ports::SealedCredentials>> open_sealed(
        ports::ConnectionRecord connection, ports::SealedCredential sealed);

    ports::ConnectionStore& connections_;
    ports::KeyVault& vault_;
    AccountCheck& check_;
};

}  // namespace obscura::gateway
