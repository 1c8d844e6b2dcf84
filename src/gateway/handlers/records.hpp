#pragma once

#include "gateway/call.hpp"
#include "ports/execution_reader.hpp"

namespace obscura::gateway {

/// GET /v2/executions, /v2/positions, /v2/receipts/{id}: a user's own, or all of a tenant's. And
/// /.well-known/obscura-receipt-keys, which verifies receipts: anybody's.
class RecordRoutes {
public:
    explicit RecordRoutes(ports::ExecutionReader& records) : records_(records) {}
    void add_to(EndpointList& endpoints);

private:
    [[nodiscard]] Task<base::Result<net::Response>> executions(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> positions(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> receipt(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> receipt_keys(Call& call);

    ports::ExecutionReader& records_;
};

}  // namespace obscura::gateway
