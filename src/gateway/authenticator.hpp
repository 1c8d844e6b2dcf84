#pragma once

#include "gateway/access_tokens.hpp"
#include "gateway/ip_range.hpp"
#include "gateway/rate_limits.hpp"
#include "gateway/ttl_cache.hpp"
#include "net/http.hpp"
#include "net/task.hpp"
#include "ports/api_key_store.hpp"
#include "ports/caller.hpp"
#include "ports/tenant_store.hpp"
#include "ports/user_store.hpp"

#include <optional>
#include <string>

namespace obscura::gateway {

using net::Task;

/// A known caller and what applies to it.
struct Principal {
    ports::Caller caller;
    RateLimits limits;
};

struct AuthenticatorConfig {
    /// How long a revocation, an erasure or a new setting may take to reach this replica.
    std::chrono::milliseconds cache_for{2'000};
    std::chrono::seconds touch_every{60};  ///< last_used_at of a key is at most this old
    RateLimits default_limits;
};

/// From the credential in a request to who asks. A user's role and a key's state come from the
/// record, not from the token; they are kept for `cache_for`.
class Authenticator {
public:
    Authenticator(AccessTokens& tokens, base::Secret const& pepper, ports::UserStore& users,
                  ports::ApiKeyStore& api_keys, ports::TenantStore& tenants,
                  base::Clock const& clock, AuthenticatorConfig config);

    /// Whether the request carries an API key, good or bad.
    [[nodiscard]] static bool has_api_key(net::Request const& request);
    /// nullopt without any credential. unauthenticated for a bad one; forbidden
    /// "address_not_allowed" for a key used from elsewhere; invalid_argument for two credentials.
    [[nodiscard]] Task<base::Result<std::optional<Principal>>> authenticate(
        net::Request const& request, std::string const& client_address);

private:
    struct KnownKey {
        ports::ApiKeyRecord record;
        std::vector<IpRange> allowed;
        Principal principal;
    };
    [[nodiscard]] Task<base::Result<Principal>> from_token(std::string_view token);
    [[nodiscard]] Task<base::Result<Principal>> from_key(std::string_view text,
                                                         std::string const& client_address);
    [[nodiscard]] Task<std::optional<Principal>> load_user(AccessClaims claims);
    [[nodiscard]] Task<std::optional<KnownKey>> load_key(std::string public_id);
    [[nodiscard]] Task<void> touch(KnownKey const& key);

    AccessTokens& tokens_;
    base::Secret const& pepper_;
    ports::UserStore& users_;
    ports::ApiKeyStore& api_keys_;
    ports::TenantStore& tenants_;
    base::Clock const& clock_;
    AuthenticatorConfig config_;
    TtlCache<model::UserId, Principal> known_users_;
    TtlCache<std::string, KnownKey> known_keys_;
    TtlCache<model::ApiKeyId, bool> touched_;
};

}  // namespace obscura::gateway
