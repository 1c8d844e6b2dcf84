#pragma once

#include "gateway/call.hpp"
#include "ports/connection_store.hpp"
#include "ports/execution_reader.hpp"
#include "ports/pool_store.hpp"
#include "ports/subscription_store.hpp"
#include "ports/trader_store.hpp"
#include "ports/user_store.hpp"

namespace obscura::gateway {

/// GET /me, DELETE /me, GET /me/export.
class MeRoutes {
public:
    MeRoutes(ports::UserStore& users, ports::ConnectionStore& connections,
             ports::TraderStore& traders, ports::PoolStore& pools,
             ports::SubscriptionStore& subscriptions, ports::ExecutionReader& records)
        : users_(users),
          connections_(connections),
          traders_(traders),
          pools_(pools),
          subscriptions_(subscriptions),
          records_(records) {}
    void add_to(EndpointList& endpoints);

private:
    [[nodiscard]] Task<base::Result<net::Response>> show(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> erase(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> export_all(Call& call);
    [[nodiscard]] Task<base::Json> executions_of(ports::RecordScope scope);
    [[nodiscard]] Task<base::Json> positions_of(ports::RecordScope scope);

    ports::UserStore& users_;
    ports::ConnectionStore& connections_;
    ports::TraderStore& traders_;
    ports::PoolStore& pools_;
    ports::SubscriptionStore& subscriptions_;
    ports::ExecutionReader& records_;
};

}  // namespace obscura::gateway
