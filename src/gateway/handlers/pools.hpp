#pragma once

#include "gateway/call.hpp"
#include "ports/pool_store.hpp"

namespace obscura::gateway {

/// POST and GET /v2/pools, GET and PATCH /v2/pools/{id}, POST …/activate, /pause, /archive.
class PoolRoutes {
public:
    explicit PoolRoutes(ports::PoolStore& pools) : pools_(pools) {}
    void add_to(EndpointList& endpoints);

private:
    [[nodiscard]] Task<base::Result<net::Response>> create(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> list(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> show(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> change(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> set_status(Call& call, ports::PoolStatus to);
    /// not_found for a pool the caller does not see, forbidden for one of somebody else.
    [[nodiscard]] Task<base::Result<ports::PoolRecord>> own_pool(Call& call);

    ports::PoolStore& pools_;
};

[[nodiscard]] ports::PoolViewer viewer_of(ports::Caller const& caller);
/// Whether a caller may change a pool that it sees.
[[nodiscard]] bool may_manage(ports::Caller const& caller, ports::PoolRecord const& pool);

}  // namespace obscura::gateway
