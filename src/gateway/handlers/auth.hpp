#pragma once

#include "gateway/call.hpp"
#include "gateway/login_tries.hpp"
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
               Sessions& sessions, LoginTries& tries, ports::AuditLog& audit,
               base::Secret const& pepper)
        : users_(users),
          tenants_(tenants),
          passwords_(passwords),
          sessions_(sessions),
          tries_(tries),
          audit_(audit),
          pepper_(pepper) {}
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
    /// Who it is, if anybody, and whether he has logged in from the caller's network before. The
    /// record is asked the same number of questions whoever there is: time must not tell.
    struct Claimant {
        model::TenantId tenant{};  ///< nil: there is none of that name
        std::optional<ports::UserRecord> user;
        std::string origin_mac;
        bool is_at_home = false;
    };
    [[nodiscard]] Task<Claimant> look_up(Call const& call, Credentials const& credentials);
    [[nodiscard]] Task<base::Result<ports::UserRecord>> check_password(Call const& call,
                                                                       Claimant claimant,
                                                                       base::Secret password);

    ports::UserStore& users_;
    ports::TenantStore& tenants_;
    Passwords& passwords_;
    Sessions& sessions_;
    LoginTries& tries_;
    ports::AuditLog& audit_;
    base::Secret const& pepper_;
};

}  // namespace obscura::gateway
