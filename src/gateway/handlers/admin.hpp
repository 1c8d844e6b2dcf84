#pragma once

#include "base/random.hpp"
#include "base/secret.hpp"
#include "gateway/call.hpp"
#include "ports/api_key_store.hpp"
#include "ports/tenant_store.hpp"

namespace obscura::gateway {

/// /v2/admin/tenants, /v2/admin/tenants/{id}/api-keys and /v2/admin/audit.
class AdminRoutes {
public:
    AdminRoutes(ports::TenantStore& tenants, ports::ApiKeyStore& api_keys, ports::AuditLog& audit,
                base::Secret const& pepper, base::Random& random)
        : tenants_(tenants), api_keys_(api_keys), audit_(audit), pepper_(pepper), random_(random) {}
    void add_to(EndpointList& endpoints);

private:
    [[nodiscard]] Task<base::Result<net::Response>> create_tenant(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> list_tenants(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> show_tenant(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> create_key(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> list_keys(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> rotate_key(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> revoke_key(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> list_audit(Call& call);
    [[nodiscard]] Task<base::Result<ports::ApiKeyRecord>> find_key(Call& call);

    ports::TenantStore& tenants_;
    ports::ApiKeyStore& api_keys_;
    ports::AuditLog& audit_;
    base::Secret const& pepper_;
    base::Random& random_;
};

}  // namespace obscura::gateway
