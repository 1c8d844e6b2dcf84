#pragma once

#include "gateway/api_key.hpp"
#include "gateway/service.hpp"
#include "support/coroutine.hpp"
#include "support/fakes/memory_accounts.hpp"
#include "support/fakes/memory_idempotency.hpp"
#include "support/fakes/memory_trading.hpp"
#include "support/fakes/peers.hpp"
#include "support/fakes/token_keys.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace obscura::test {

/// Hashing that costs nothing and says what it did.
inline gateway::PasswordFunctions cheap_passwords() {
    return {.hash = [](std::string_view password) { return "hash:" + std::string(password); },
            .verify =
                [](std::string const& hash, std::string_view password) {
                    return hash == "hash:" + std::string(password);
                }};
}

/// The whole gateway on memory, with a platform, a B2B tenant and people; requests go to its router
/// as the server would give them.
class GatewayFixture : public ::testing::Test {
protected:
    explicit GatewayFixture(gateway::GatewayConfig config = {}) {
        config.version = "1.2.3";
        config.metrics_from = {*gateway::IpRange::parse("127.0.0.1")};
        config.authenticator.default_limits = {.general_per_min = 1000, .execution_per_min = 500};
        config.door.open_per_min = 1000;
        start(config);
        platform = add_tenant("obscura", ports::TenantKind::platform);
        acme = add_tenant("acme", ports::TenantKind::b2b);
        ada = add_user(platform, "ada@example.org");
        bob = add_user(acme, "bob@example.org");
        admin = add_user(platform, "root@example.org", true);
        acme_key = add_key(acme, {"signal:write", "pool:manage"});
    }

    void start(gateway::GatewayConfig config) {
        gateway::GatewayKeys keys{.previous_jwt = {},
                                  .pepper = base::Secret(std::string(pepper_text))};
        gateway = std::make_unique<gateway::Gateway>(
            gateway::World{.tenants = tenants,
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
                           .rate_limiter = limiter,
                           .signals = intake,
                           .vault = vault,
                           .signer = signer,
                           .statements = token_signer,
                           .token_keys = token_keys,
                           .venue = venue,
                           .record_health = database_probe,
                           .dependency_health = {&redis_probe},
                           .service_health = {&conductor_probe, &citadel_probe},
                           .cpu = cpu,
                           .clock = clock,
                           .random = random,
                           .metrics = metrics},
            std::move(keys), config, cheap_passwords());
        router = std::make_unique<net::Router>(gateway->router());
    }

    struct Answer {
        unsigned status = 0;
        base::Json body;
        net::Headers headers;
        [[nodiscard]] std::string code() const {
            return std::string(body["code"].to_text().value_or(""));
        }
        [[nodiscard]] std::string text(std::string_view key) const {
            return std::string(body[key].to_text().value_or(""));
        }
        [[nodiscard]] std::string header(std::string_view name) const {
            return std::string(headers.find(name).value_or(""));
        }
        /// The pointers of the fields that must change, joined.
        [[nodiscard]] std::string pointers() const {
            std::string out;
            if (auto const* errors = body.find("errors"))
                for (auto const& error : errors->as_array())
                    out += (out.empty() ? "" : " ") + error["pointer"].as_string();
            return out;
        }
    };

    Answer send(std::string method, std::string target, std::string token = "",
                std::string body = "", net::Headers extra = {}) {
        net::Request request{.method = std::move(method), .target = std::move(target)};
        request.headers = std::move(extra);
        if (!token.empty()) request.headers.add("Authorization", "Bearer " + token);
        if (!body.empty()) request.headers.add("Content-Type", "application/json");
        request.body = std::move(body);
        request.id = "req-" + std::to_string(++requests);
        request.remote_address = remote_address;
        request.received_at = clock.now();
        auto const response = run(io, router->dispatch(request));
        last_raw_body = response.body;
        Answer answer{.status = response.status, .headers = response.headers};
        if (auto json = base::parse_json(response.body)) answer.body = std::move(*json);
        return answer;
    }
    Answer post(std::string target, std::string token, std::string body, net::Headers extra = {}) {
        return send("POST", std::move(target), std::move(token), std::move(body), std::move(extra));
    }
    Answer get(std::string target, std::string token = "") {
        return send("GET", std::move(target), std::move(token));
    }

    template <class Id>
    Id new_id() {
        clock.advance(std::chrono::milliseconds(1));
        return Id::make(clock.now(), random);
    }
    model::TenantId add_tenant(std::string const& slug, ports::TenantKind kind) {
        auto const id = new_id<model::TenantId>();
        record.tenants[id] = {
            .id = id, .slug = slug, .name = slug, .kind = kind, .created_at = clock.now()};
        return id;
    }
    model::UserId add_user(model::TenantId tenant, std::string const& email,
                           bool is_admin = false) {
        auto const id = new_id<model::UserId>();
        record.users[id] = {.id = id,
                            .tenant = tenant,
                            .email = email,
                            .password_hash = "hash:right password",
                            .is_admin = is_admin,
                            .created_at = clock.now()};
        return id;
    }
    /// The text of a new key of a tenant.
    std::string add_key(model::TenantId tenant, std::vector<std::string> scopes,
                        ports::ApiKeyMode mode = ports::ApiKeyMode::test,
                        std::vector<std::string> ip_allow = {}) {
        auto const text = gateway::make_api_key(mode, random);
        auto const id = new_id<model::ApiKeyId>();
        base::Secret const pepper{std::string(pepper_text)};
        record.api_keys[id] = {.id = id,
                               .tenant = tenant,
                               .public_id = text.public_id,
                               .mode = mode,
                               .name = "key",
                               .secret_mac = gateway::mac_of(pepper, text.secret),
                               .scopes = std::move(scopes),
                               .ip_allow = std::move(ip_allow),
                               .created_at = clock.now()};
        last_key = id;
        return std::string(gateway::render(text).reveal());
    }
    /// An access token, by logging in.
    std::string token_of(model::UserId user) {
        auto const& row = record.users.at(user);
        auto const body = base::Json::object({{"email", row.email},
                                              {"password", "right password"},
                                              {"tenant", record.tenants.at(row.tenant).slug}});
        auto const answer = post("/auth/login", "", body.dump());
        EXPECT_EQ(answer.status, 200U) << last_raw_body;
        return answer.text("access_token");
    }
    model::ConnectionId add_connection(
        model::UserId user, ports::ConnectionPurpose purpose = ports::ConnectionPurpose::follow) {
        auto const id = new_id<model::ConnectionId>();
        record.connections[id] = {.id = id,
                                  .tenant = record.users.at(user).tenant,
                                  .user = user,
                                  .venue = "binance",
                                  .purpose = purpose,
                                  .label = "main",
                                  .created_at = clock.now()};
        return id;
    }
    model::TraderId add_trader(model::UserId user) {
        auto const connection = add_connection(user, ports::ConnectionPurpose::lead);
        auto const id = new_id<model::TraderId>();
        record.traders[id] = {.id = id,
                              .tenant = record.users.at(user).tenant,
                              .user = user,
                              .connection = connection,
                              .display_name = "Lead",
                              .created_at = clock.now(),
                              .venue = "binance"};
        return id;
    }
    model::PoolId add_pool(ports::PoolKind kind, model::TenantId tenant,
                           std::optional<model::UserId> owner = {},
                           ports::PoolStatus status = ports::PoolStatus::active) {
        auto const id = new_id<model::PoolId>();
        record.pools[id] = {.id = id,
                            .tenant = tenant,
                            .kind = kind,
                            .name = "Pool",
                            .owner = owner,
                            .status = status,
                            .created_at = clock.now()};
        return id;
    }
    model::SubscriptionId add_subscription(model::UserId user, model::PoolId pool) {
        auto const connection = add_connection(user);
        auto const id = new_id<model::SubscriptionId>();
        record.subscriptions[id] = {.id = id,
                                    .tenant = record.users.at(user).tenant,
                                    .pool = pool,
                                    .user = user,
                                    .connection = connection,
                                    .total_investment_usd = base::Money(1000),
                                    .created_at = clock.now()};
        return id;
    }

    static constexpr char const* pepper_text = "a pepper of more than thirty-two bytes";

    boost::asio::io_context io;
    // Access tokens are checked on the real time scale; the clock moves when told.
    base::ManualClock clock{base::from_unix_ms(1'790'000'000'000)};
    base::SeededRandom random{11};
    base::Metrics metrics;
    MemoryRecord record;
    MemoryTenantStore tenants{record};
    MemoryApiKeyStore api_keys{record};
    MemoryUserStore users{record};
    MemoryRefreshTokenStore refresh_tokens{record};
    MemoryConnectionStore connections{record};
    MemoryTraderStore traders{record};
    MemoryPoolStore pools{record};
    MemorySubscriptionStore subscriptions{record};
    MemoryExecutionReader records{record};
    MemoryIdempotencyStore idempotency{record};
    MemoryAuditLog audit{record};
    FakeRateLimiter limiter;
    FakeSignalIntake intake;
    FakeKeyVault vault;
    FakeAccountSigner signer;
    FakeTokenSigner token_signer;
    MemoryTokenKeys token_keys;
    FakeAccountVenue venue;
    FakeHealthProbe database_probe{"postgresql"};
    FakeHealthProbe redis_probe{"redis"};
    FakeHealthProbe conductor_probe{"conductor"};
    FakeHealthProbe citadel_probe{"citadel"};
    net::CpuPool cpu{1, 8};
    std::unique_ptr<gateway::Gateway> gateway;
    std::unique_ptr<net::Router> router;

    model::TenantId platform;
    model::TenantId acme;
    model::UserId ada;    ///< of the platform
    model::UserId bob;    ///< of acme
    model::UserId admin;  ///< of the platform
    std::string acme_key;
    model::ApiKeyId last_key;
    std::string remote_address = "127.0.0.1";
    std::string last_raw_body;
    int requests = 0;
};

}  // namespace obscura::test
