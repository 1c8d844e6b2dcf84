#pragma once

#include "gateway/call.hpp"
#include "gateway/passwords.hpp"
#include "gateway/rate_limits.hpp"
#include "gateway/sessions.hpp"
#include "ports/tenant_store.hpp"
#include "ports/user_store.hpp"

#include <string>

namespace obscura::gateway {

/// POST /auth/register, /auth/login, /auth/refresh, /auth/logout.
class AuthRoutes {
public:
    AuthRoutes(ports::UserStore& users, ports::TenantStore& tenants, Passwords& passwords,
               Sessions& sessions, SharedRateLimits& limits)
        : users_(users),
          tenants_(tenants),
          passwords_(passwords),
          sessions_(sessions),
          limits_(limits) {}
    void add_to(EndpointList& endpoints);

private:
    struct Credentials {
        std::string email;
        base::Secret password;
        std::string tenant_slug;
    };
    [[nodiscard]] static base::Result<Credentials> read_credentials(Call& call);
    [[nodiscard]] static base::Result<std::string> read_token(Call& call);

    [[nodiscard]] Task<base::Result<net::Response>> register_user(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> log_in(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> refresh(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> log_out(Call& call);

    /// The tenant that a newcomer may join: the platform, or the one whose API key came along.
    [[nodiscard]] Task<base::Result<model::TenantId>> joinable_tenant(Call& call, std::string slug);
    /// Five tries in 15 minutes for one address and account; success forgets them.
    [[nodiscard]] Task<base::Result<void>> count_try(std::string key);
    [[nodiscard]] Task<base::Result<ports::UserRecord>> check_password(Credentials credentials);

    ports::UserStore& users_;
    ports::TenantStore& tenants_;
    Passwords& passwords_;
    Sessions& sessions_;
    SharedRateLimits& limits_;
};

}  // namespace obscura::gateway
