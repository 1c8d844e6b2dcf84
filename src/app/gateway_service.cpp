#include "app/gateway_service.hpp"

#include "app/service_main.hpp"
#include "app/store_settings.hpp"
#include "app/venue_settings.hpp"
#include "app/version.hpp"
#include "crypto/hex.hpp"
#include "gateway/service.hpp"
#include "net/client.hpp"
#include "net/runtime.hpp"
#include "peers/citadel_client.hpp"
#include "peers/conductor_client.hpp"
#include "store/api_key_store.hpp"
#include "store/audit_log.hpp"
#include "store/connection_store.hpp"
#include "store/execution_reader.hpp"
#include "store/health_probes.hpp"
#include "store/idempotency_store.hpp"
#include "store/pool_store.hpp"
#include "store/redis_rate_limiter.hpp"
#include "store/refresh_token_store.hpp"
#include "store/subscription_store.hpp"
#include "store/tenant_store.hpp"
#include "store/token_key_store.hpp"
#include "store/trader_store.hpp"
#include "store/user_store.hpp"
#include "venue/binance_accounts.hpp"

namespace obscura::app {
namespace {

using namespace std::chrono_literals;

struct GatewaySettings {
    CommonConfig common;
    store::PgConfig database{.connections = 16};
    store::RedisConfig redis{.timeout = 500ms};
    peers::CitadelClientConfig citadel;
    base::Secret citadel_key;
    std::string conductor_url = "http://127.0.0.1:8001";
    base::Secret conductor_key;
    std::string sentinel_url = "http://127.0.0.1:8002";
    std::string alchemist_url = "http://127.0.0.1:8003";
    std::string paper_url = "http://127.0.0.1:8010";
    VenueSettings venues;
    std::chrono::milliseconds venue_timeout = 5s;
    std::vector<std::string> previous_jwt_keys;
    base::Secret pepper;
    std::chrono::milliseconds access_lifetime = 1h;
    std::chrono::milliseconds refresh_lifetime = 720h;
    std::size_t password_threads = 2;
    std::size_t max_passwords_waiting = 64;
    std::vector<std::string> trusted_proxies;
    std::vector<std::string> metrics_from{"127.0.0.1", "::1"};
    gateway::GatewayConfig gateway;
};

std::optional<std::string> is_key(std::string const& text) {
    auto const key = crypto::hex_decode(text);
    if (key && key->size() == 32) return std::nullopt;
    return "64 hex digits";
}
std::optional<std::string> is_pepper(std::string const& text) {
    if (text.size() >= 32) return std::nullopt;
    return "at least 32 characters";
}
std::optional<std::string> is_range(std::string const& text) {
    if (gateway::IpRange::parse(text)) return std::nullopt;
    return "an IP address or a CIDR block";
}
std::optional<std::string> is_url(std::string const& text) {
    if (text.empty() || net::parse_url(text)) return std::nullopt;
    return "an http or https URL";
}

void bind_peers(base::ConfigTable& table, GatewaySettings& s) {
    bind_database(table, s.database, "PostgreSQL primary, role obscura_app.");
    bind_redis(table, s.redis, "Redis, for rate limits only.");
    peers::bind(table, s.citadel);
    table.bind("citadel.key", s.citadel_key, "The gateway's own key at citadel");
    table.required();
    table.bind("conductor.url", s.conductor_url, "Where conductor answers", is_internal_url);
    table.bind("conductor.key", s.conductor_key, "The gateway's own key at conductor");
    table.required();
    table.bind("services.sentinel_url", s.sentinel_url, "For /health; empty: not asked", is_url);
    table.bind("services.alchemist_url", s.alchemist_url, "For /health; empty: not asked", is_url);
    table.bind("services.paper_url", s.paper_url, "For /health; empty: not asked", is_url);
    bind_venues(table, s.venues);
    table.bind("venues.timeout", s.venue_timeout, "How long a venue may take to answer a test",
               {100, 30'000});
}

void bind_auth(base::ConfigTable& table, GatewaySettings& s) {
    table.bind("auth.previous_jwt_keys", s.previous_jwt_keys,
               "Public keys of seeds that signed access tokens before citadel did, hex; their "
               "tokens stay good until they expire",
               is_key);
    table.bind("auth.pepper", s.pepper, "Keys the stored MACs of API keys; a new one ends them all",
               is_pepper);
    table.required();
    table.bind("auth.issuer", s.gateway.jwt.issuer, "iss of access tokens");
    table.bind("auth.audience", s.gateway.jwt.audience, "aud of access tokens");
    table.bind("auth.access_lifetime", s.access_lifetime, "Life of an access token",
               {60'000, 86'400'000});
    table.bind("auth.refresh_lifetime", s.refresh_lifetime, "Life of a refresh token",
               {3'600'000, 31'536'000'000});
    table.bind("auth.max_sessions", s.gateway.sessions.max_sessions,
               "Logins of one user that last; the one idle longest ends for a new one", {1, 1'000});
    table.bind("auth.login_tries_per_account", s.gateway.login.per_account,
               "Failed logins of one account in an hour, from networks new to it", {1, 1'000'000});
    table.bind("auth.login_tries_per_address", s.gateway.login.per_address,
               "Failed logins from one network in 15 minutes, at all accounts", {1, 1'000'000});
    table.bind("auth.cache", s.gateway.authenticator.cache_for,
               "How old the state of a user or an API key may be", {0, 60'000});
    table.bind("auth.password_threads", s.password_threads, "Threads that hash passwords", {1, 64});
    table.bind("auth.max_passwords_waiting", s.max_passwords_waiting,
               "Logins waiting for a thread; beyond it 503", {1, 10'000});
}

void bind_gateway(base::ConfigTable& table, GatewaySettings& s) {
    auto& limits = s.gateway.authenticator.default_limits;
    table.bind("limits.general_per_min", limits.general_per_min, "Requests of one caller a minute",
               {1, 1'000'000});
    table.bind("limits.execution_per_min", limits.execution_per_min,
               "Signals of one API key a minute", {1, 1'000'000});
    table.bind("limits.open_per_min", s.gateway.door.open_per_min,
               "Requests of one address a minute without a credential", {1, 1'000'000});
    table.bind(
        "limits.replicas", s.gateway.replicas,
        "Gateways that share the load: what each counts while Redis is down is divided by it",
        {1, 1'000});
    table.bind("markets.futures", s.gateway.served.futures,
               "Signals of USD-M perpetuals are taken; conductor must serve them");
    table.bind("cors.origins", s.gateway.cors_origins, "Web origins that may call; * for all");
    table.bind("gateway.trusted_proxies", s.trusted_proxies,
               "Proxies whose X-Forwarded-For counts: addresses or CIDR blocks", is_range);
    table.bind("gateway.metrics_from", s.metrics_from,
               "Who may read /metrics: addresses or CIDR blocks", is_range);
}

std::vector<gateway::IpRange> ranges(std::vector<std::string> const& texts) {
    std::vector<gateway::IpRange> out;
    for (auto const& text : texts) out.push_back(*gateway::IpRange::parse(text));
    return out;
}

gateway::GatewayConfig gateway_config(GatewaySettings const& s) {
    auto config = s.gateway;
    config.jwt.lifetime = std::chrono::duration_cast<std::chrono::seconds>(s.access_lifetime);
    config.sessions.refresh_lifetime =
        std::chrono::duration_cast<std::chrono::hours>(s.refresh_lifetime);
    config.door.trusted_proxies = ranges(s.trusted_proxies);
    config.metrics_from = ranges(s.metrics_from);
    config.version = version;
    return config;
}

gateway::GatewayKeys gateway_keys(GatewaySettings const& s) {
    gateway::GatewayKeys keys{.previous_jwt = {}, .pepper = s.pepper.clone()};
    for (auto const& text : s.previous_jwt_keys) {
        auto const raw = crypto::hex_decode(text);
        auto old = crypto::Ed25519PublicKey::from_bytes(*raw);
        if (!old) throw std::invalid_argument("auth.previous_jwt_keys: " + old.error().detail);
        keys.previous_jwt.push_back(std::move(*old));
    }
    return keys;
}

std::vector<std::string> origins(GatewaySettings const& s) {
    std::vector<std::string> out;
    for (auto const& text : {s.conductor_url, s.sentinel_url, s.alchemist_url, s.paper_url})
        if (auto const url = net::parse_url(text)) out.push_back(url->origin());
    return out;
}

net::TlsClientConfig internal_tls(GatewaySettings const& s) {
    return s.common.tls.client({{"citadel", s.citadel.url},
                                {"conductor", s.conductor_url},
                                {"sentinel", s.sentinel_url},
                                {"alchemist", s.alchemist_url}});
}

/// Probes of the services that have an address; citadel has one of its own.
std::vector<std::unique_ptr<gateway::HttpHealthProbe>> service_probes(GatewaySettings const& s,
                                                                      net::HttpClient& http) {
    std::vector<std::unique_ptr<gateway::HttpHealthProbe>> probes;
    for (auto const& [name, text] :
         std::initializer_list<std::pair<char const*, std::string>>{{"conductor", s.conductor_url},
                                                                    {"sentinel", s.sentinel_url},
                                                                    {"alchemist", s.alchemist_url},
                                                                    {"paper", s.paper_url}})
        if (auto const url = net::parse_url(text))
            probes.push_back(std::make_unique<gateway::HttpHealthProbe>(http, name, url->origin()));
    return probes;
}

/// Everything the gateway is made of, top to bottom.
struct GatewayProcess {
    GatewaySettings& settings;
    ServiceHost& host;
    store::PgPool database{host.io.get_executor(), settings.database, host.metrics};
    store::Redis redis{host.io.get_executor(), std::move(settings.redis)};
    net::HttpClient http{host.io.get_executor(),
                         {.allowed_origins = origins(settings), .tls = internal_tls(settings)},
                         host.clock};
    net::CpuPool cpu{settings.password_threads, settings.max_passwords_waiting};

    store::PgTenantStore tenants{database};
    store::PgApiKeyStore api_keys{database};
    store::PgUserStore users{database};
    store::PgRefreshTokenStore refresh_tokens{database};
    store::PgTokenKeyStore token_keys{database};
    store::PgConnectionStore connections{database};
    store::PgTraderStore traders{database};
    store::PgPoolStore pools{database};
    store::PgSubscriptionStore subscriptions{database};
    store::PgExecutionReader records{database};
    store::PgIdempotencyStore idempotency{database};
    store::PgAuditLog audit{database};
    store::RedisRateLimiter rate_limiter{redis};
    peers::ConductorClient conductor{
        http, {.url = settings.conductor_url}, settings.conductor_key, host.clock};
    // A client of its own: what others take to answer must not hold up calls to citadel.
    net::HttpClient citadel_http{
        host.io.get_executor(),
        {.allowed_origins = {net::parse_url(settings.citadel.url)->origin()},
         .tls = internal_tls(settings)},
        host.clock};
    peers::CitadelClient citadel{citadel_http, settings.citadel, settings.citadel_key, host.clock,
                                 host.random};
    peers::CitadelProbe citadel_probe{citadel_http, net::parse_url(settings.citadel.url)->origin(),
                                      citadel.gate()};
    net::Scope citadel_watch{host.io.get_executor()};
    venue::BinanceEndpoints venues = venue::binance_endpoints(settings.venues.paper_url);
    // A client of its own: what venues do must not hold up calls to our own services.
    net::HttpClient venue_http{host.io.get_executor(),
                               {.allowed_origins = venue::rest_origins_of(venues),
                                .max_connections_per_origin = 16,
                                .max_response_bytes = 4 << 20,
                                .tls = {.ca_file = settings.venues.authority}},
                               host.clock};
    venue::BinanceAccounts accounts{venue_http, venues, settings.venue_timeout};
    store::PgHealthProbe database_health{database};
    store::RedisHealthProbe redis_health{redis};
    std::vector<std::unique_ptr<gateway::HttpHealthProbe>> probes = service_probes(settings, http);

    gateway::Gateway gateway{world(), gateway_keys(settings), gateway_config(settings),
                             gateway::PasswordFunctions::argon2id()};
    net::HttpServer server{host.io.get_executor(), http_config(), gateway.router(), host.clock,
                           host.random};

    gateway::World world() {
        std::vector<ports::HealthProbe*> services;
        for (auto const& probe : probes) services.push_back(probe.get());
        services.push_back(&citadel_probe);
        return {.tenants = tenants,
                .api_keys = api_keys,
                .users = users,
                .refresh_tokens = refresh_tokens,
                .connections = connections,
                .traders = traders,
                .pools = pools,
                .subscriptions = subscriptions,
                .records = records,
                .idempotency = idempotency,
                .audit = audit,
                .rate_limiter = rate_limiter,
                .signals = conductor,
                .vault = citadel,
                .signer = citadel,
                .statements = citadel,
                .token_keys = token_keys,
                .venue = accounts,
                .record_health = database_health,
                .dependency_health = {&redis_health},
                .service_health = std::move(services),
                .cpu = cpu,
                .clock = host.clock,
                .random = host.random,
                .metrics = host.metrics};
    }
    net::ServerConfig http_config() {
        auto config = settings.common.http;
        config.observe = gateway::observe_requests(host.metrics);
        return config;
    }

    void start() {
        citadel_watch.spawn("citadel.evidence", citadel.gate().keep());
        server.start();
        host.stop.add("database", [this]() -> net::Task<void> {
            database.close();
            co_return;
        });
        host.stop.add("clients", [this]() -> net::Task<void> {
            redis.close();
            http.close();
            citadel_http.close();
            venue_http.close();
            cpu.stop();
            co_return;
        });
        host.stop.add("citadel evidence", [this] { return citadel_watch.stop(); });
        host.stop.add("http", [this] { return server.stop(5s); });
    }
};

}  // namespace

int run_gateway(std::vector<std::string> args) {
    GatewaySettings settings;
    base::ConfigTable table;
    bind_internal(table, settings.common, 8000);
    bind_peers(table, settings);
    bind_auth(table, settings);
    bind_gateway(table, settings);
    return run_service("gateway", args, table, settings.common, [&](ServiceHost& host) {
        auto process = std::make_shared<GatewayProcess>(settings, host);
        process->start();
        return std::static_pointer_cast<void>(process);
    });
}

}  // namespace obscura::app
