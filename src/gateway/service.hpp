#pragma once

#include "base/metrics.hpp"
#include "gateway/config.hpp"
#include "gateway/guarded_intake.hpp"
#include "gateway/handlers/admin.hpp"
#include "gateway/handlers/auth.hpp"
#include "gateway/handlers/connection_test.hpp"
#include "gateway/handlers/exchanges.hpp"
#include "gateway/handlers/me.hpp"
#include "gateway/handlers/operations.hpp"
#include "gateway/handlers/pools.hpp"
#include "gateway/handlers/records.hpp"
#include "gateway/handlers/signals.hpp"
#include "gateway/handlers/subscriptions.hpp"
#include "gateway/handlers/traders.hpp"
#include "gateway/health_board.hpp"
#include "gateway/login_tries.hpp"
#include "gateway/passwords.hpp"
#include "gateway/sessions.hpp"

namespace obscura::gateway {

/// What the gateway needs of the world. All of it outlives the gateway.
struct World {
    ports::TenantStore& tenants;
    ports::ApiKeyStore& api_keys;
    ports::UserStore& users;
    ports::RefreshTokenStore& refresh_tokens;
    ports::ConnectionStore& connections;
    ports::TraderStore& traders;
    ports::PoolStore& pools;
    ports::SubscriptionStore& subscriptions;
    ports::ExecutionReader& records;
    ports::IdempotencyStore& idempotency;
    ports::AuditLog& audit;
    ports::RateLimiter& rate_limiter;
    ports::SignalIntake& signals;
    ports::KeyVault& vault;
    ports::Signer& signer;
    ports::StatementSigner& statements;
    ports::TokenKeyStore& token_keys;
    ports::AccountVenue& venue;
    ports::HealthProbe& record_health;
    std::vector<ports::HealthProbe*> dependency_health;
    std::vector<ports::HealthProbe*> service_health;
    net::CpuPool& cpu;
    base::Clock const& clock;
    base::Random& random;
    base::Metrics& metrics;
};

/// The keys that only the gateway holds.
struct GatewayKeys {
    /// Public keys of seeds that signed access tokens before citadel did.
    std::vector<crypto::Ed25519PublicKey> previous_jwt;
    base::Secret pepper;  ///< of API keys and body fingerprints; changing it ends every API key
};

/// The public door, put together: everything but the socket it listens on.
class Gateway {
public:
    Gateway(World world, GatewayKeys keys, GatewayConfig config, PasswordFunctions passwords);
    Gateway(Gateway const&) = delete;
    Gateway& operator=(Gateway const&) = delete;

    /// Every route. The gateway outlives the router.
    [[nodiscard]] net::Router router();

private:
    World world_;
    GatewayConfig config_;
    base::Secret pepper_;
    AccessTokens access_;
    SharedRateLimits limits_;
    Authenticator authenticator_;
    IdempotencyGate idempotency_;
    Cors cors_;
    Door door_;
    Passwords passwords_;
    Sessions sessions_;
    LoginTries tries_;
    GuardedIntake signals_;
    HealthBoard health_;

    AuthRoutes auth_routes_;
    MeRoutes me_routes_;
    AccountCheck account_check_;
    ExchangeRoutes exchange_routes_;
    ConnectionTestRoutes connection_test_routes_;
    TraderRoutes trader_routes_;
    PoolRoutes pool_routes_;
    SubscriptionRoutes subscription_routes_;
    SignalRoutes signal_routes_;
    RecordRoutes record_routes_;
    AdminRoutes admin_routes_;
    OperationRoutes operation_routes_;
};

/// Counts requests and their time by route, method and status; for net::ServerConfig::observe.
[[nodiscard]] std::function<void(net::Route const*, net::Request const&, net::Response const&,
                                 std::chrono::nanoseconds)>
observe_requests(base::Metrics& metrics);

}  // namespace obscura::gateway
