#include "app/conductor_service.hpp"

#include "app/service_main.hpp"
#include "app/store_settings.hpp"
#include "app/venue_relays.hpp"
#include "app/venue_settings.hpp"
#include "conductor/receipt_signer.hpp"
#include "conductor/service.hpp"
#include "net/client.hpp"
#include "net/runtime.hpp"
#include "peers/citadel_client.hpp"
#include "store/copy_store.hpp"
#include "store/held_key_store.hpp"
#include "store/lease_store.hpp"
#include "store/receipt_signatures.hpp"
#include "store/redis.hpp"
#include "store/signal_store.hpp"
#include "venue/binance_futures.hpp"
#include "venue/binance_spot.hpp"

namespace obscura::app {
namespace {

using namespace std::chrono_literals;

struct ConductorConfig {
    CommonConfig common;
    store::PgConfig database;
    store::RedisConfig redis;
    peers::CitadelClientConfig citadel;
    base::Secret citadel_key;
    base::Secret gateway_key;
    VenueSettings venues;
    std::int64_t relay_connections = 8;
    model::ServedMarkets served;
    conductor::EngineConfig engine;
};

void bind(base::ConfigTable& table, ConductorConfig& c) {
    bind_internal(table, c.common, 8001);
    bind_database(table, c.database, "PostgreSQL primary, role obscura_engine.");
    bind_redis(table, c.redis, "Redis, for wake-ups only.");
    peers::bind(table, c.citadel);
    table.bind("citadel.key", c.citadel_key, "conductor's own key at citadel");
    table.required();
    table.bind("internal.gateway_key", c.gateway_key, "The gateway's key at conductor");
    table.required();
    bind_venues(table, c.venues);
    table.bind("venues.relay_connections", c.relay_connections,
               "Connections of citadel's relay to one market, each with one request at a time",
               {1, 64});
    table.bind("markets.futures", c.served.futures,
               "USD-M perpetuals are copied; the same for sentinel and the gateway");
    table.bind("engine.instance", c.engine.instance, "Name of this process in the lease");
    table.bind("engine.lease_ttl", c.engine.lease_ttl, "How long a silent owner keeps the lease",
               {500, 600'000});
    table.bind("engine.intake_poll", c.engine.intake_poll, "Look at the outbox at least this often",
               {5, 60'000});
    table.bind("engine.plan_part", c.engine.plan_part,
               "Followers planned in one transaction: the orders of one part go out while the next "
               "is planned",
               {1, 10'000});
    table.bind("engine.max_orders_in_flight", c.engine.max_orders_in_flight,
               "Orders signed and not answered", {1, 10'000});
    table.bind("engine.sign_batch", c.engine.sign_batch, "Orders signed in one call", {1, 1'000});
    table.bind("engine.send_window", c.engine.legs.send_window,
               "Life of one signed attempt at the venue", {1'000, 60'000});
    table.bind("engine.clock_error", c.engine.legs.clock_error,
               "How far past its expiry, by the venue's clock, a missing order is absent",
               {0, 60'000});
    table.bind("engine.open_lifetime", c.engine.open_lifetime,
               "An open is not tried again this long after its signal", {1'000, 86'400'000});
    table.bind("engine.quote_patience", c.engine.quote_patience,
               "How long an open waits for a venue that tells no price", {0, 60'000});
    table.bind("engine.order_timeout", c.engine.order_timeout,
               "How long to wait for a venue's answer", {100, 60'000});
    table.bind("engine.record_patience", c.engine.record_patience,
               "How long an outcome may wait to be recorded while orders wait to go out",
               {0, 10'000});
    table.bind("engine.weight_per_minute", c.engine.limits.weight_per_minute,
               "Request weight the venue grants this address", {1, INT64_MAX});
    table.bind("engine.orders_per_10s", c.engine.limits.orders_per_10s,
               "Orders the venue grants one account", {1, INT64_MAX});
    table.bind("engine.futures_weight_per_minute", c.engine.futures_limits.weight_per_minute,
               "The same weight of the futures market", {1, INT64_MAX});
    table.bind("engine.futures_orders_per_10s", c.engine.futures_limits.orders_per_10s,
               "The same orders of the futures market", {1, INT64_MAX});
}

venue::BinanceVenueConfig venue_config(ConductorConfig const& c, venue::BinanceEndpoints endpoints,
                                       venue::Relay* relay) {
    return {.endpoints = std::move(endpoints),
            .order_timeout = c.engine.order_timeout,
            .read_timeout = c.engine.order_timeout,
            .relay = relay};
}

/// Nobody holds a row longer than the lease: a successor must not wait for the locks of an owner
/// that stands still.
store::PgConfig database_config(ConductorConfig const& c) {
    auto database = c.database;
    database.idle_in_transaction = c.engine.lease_ttl;
    database.fixed_plans = true;
    return database;
}

std::vector<std::string> venue_origins(ConductorConfig const& c) {
    auto origins = venue::origins_of(venue::binance_endpoints(c.venues.paper_url));
    auto const futures = venue::origins_of(venue::binance_futures_endpoints(c.venues.paper_url));
    origins.insert(origins.end(), futures.begin(), futures.end());
    return origins;
}

net::TlsClientConfig citadel_tls(ConductorConfig const& c) {
    return c.common.tls.client({{"citadel", c.citadel.url}});
}

peers::RelayClientConfig relay_config(ConductorConfig const& c) {
    return {.citadel_url = c.citadel.url,
            .citadel_tls = citadel_tls(c),
            .venue = "binance",
            .connections = static_cast<std::size_t>(c.relay_connections)};
}

/// Everything conductor is made of, top to bottom.
struct Conductor {
    ConductorConfig& config;
    ServiceHost& host;
    store::PgPool database{host.io.get_executor(), database_config(config), host.metrics};
    net::HttpClient citadel_http{host.io.get_executor(),
                                 {.allowed_origins = {net::parse_url(config.citadel.url)->origin()},
                                  .tls = citadel_tls(config)},
                                 host.clock};
    peers::CitadelClient citadel{citadel_http, config.citadel, config.citadel_key, host.clock,
                                 host.random};
    net::Scope citadel_watch{host.io.get_executor()};
    net::HttpClient venue_http{
        host.io.get_executor(),
        {.allowed_origins = venue_origins(config),
         .max_connections_per_origin = config.engine.max_orders_in_flight + 32,
         .max_response_bytes = 32 << 20,  // Binance's exchangeInfo is some 15 MB
         .tls = {.ca_file = config.venues.authority}},
        host.clock};
    VenueRelays relays{
        host.io.get_executor(),
        relay_config(config),
        {{model::Market::spot, venue::binance_endpoints(config.venues.paper_url)},
         {model::Market::futures, venue::binance_futures_endpoints(config.venues.paper_url)}},
        config.citadel_key,
        host.clock,
        citadel.gate()};
    venue::BinanceSpot binance{
        venue_http,
        venue_config(config, venue::binance_endpoints(config.venues.paper_url), &relays),
        host.clock};
    venue::BinanceFutures binance_futures{
        venue_http,
        venue_config(config, venue::binance_futures_endpoints(config.venues.paper_url), &relays),
        host.clock};
    store::PgLeaseStore leases{database};
    store::PgSignalStore signals{database, host.clock, host.random};
    store::PgCopyStore copies{database, host.clock, config.engine.open_lifetime,
                              config.engine.plan_part};
    store::PgReceiptSignatures receipt_signatures{database};
    store::PgHeldKeyStore held_keys{database};
    conductor::ReceiptSigner receipts{
        host.io.get_executor(), {receipt_signatures, held_keys, citadel}, {}, host.metrics};
    conductor::Engine engine{
        host.io.get_executor(),
        config.engine,
        {leases, signals, copies, citadel, venues(), [this] { receipts.wake(); }},
        host.clock,
        host.random,
        host.metrics,
        [this] { host.shut_down(3); }};
    store::RedisSubscriber wake_ups{host.io.get_executor(),
                                    std::move(config.redis),
                                    {"obscura:wake:conductor"},
                                    {},
                                    [this](std::string_view, std::string_view) { engine.wake(); },
                                    [this] { engine.wake(); }};
    net::HttpServer server{host.io.get_executor(), config.common.http, router(), host.clock,
                           host.random};

    conductor::MarketBook::Venues venues() {
        conductor::MarketBook::Venues venues{{{"binance", model::Market::spot}, &binance}};
        if (config.served.futures)
            venues.emplace(conductor::VenueMarket{"binance", model::Market::futures},
                           &binance_futures);
        return venues;
    }
    net::Router router() {
        return conductor::make_router({.engine = engine,
                                       .signals = signals,
                                       .clock = host.clock,
                                       .metrics = host.metrics,
                                       .served = config.served,
                                       .gateway_key = config.gateway_key,
                                       .check_database = [this] { return database.ping(1s); },
                                       .citadel_status =
                                           [this] {
                                               return conductor::CitadelStatus{
                                                   citadel.gate().is_refused(),
                                                   citadel.gate().status()};
                                           }});
    }

    void start() {
        receipts.start();
        citadel_watch.spawn("citadel.evidence", citadel.gate().keep());
        engine.start();
        server.start();
        host.stop.add("database", [this]() -> net::Task<void> {
            database.close();
            co_return;
        });
        host.stop.add("clients", [this]() -> net::Task<void> {
            wake_ups.close();
            citadel_http.close();
            venue_http.close();
            co_return;
        });
        host.stop.add("relays", [this] { return relays.stop(); });
        host.stop.add("receipts", [this] { return receipts.stop(); });
        host.stop.add("citadel evidence", [this] { return citadel_watch.stop(); });
        host.stop.add("engine", [this] { return engine.stop(); });
        host.stop.add("http", [this] { return server.stop(5s); });
    }
};

}  // namespace

int run_conductor(std::vector<std::string> args) {
    ConductorConfig config;
    base::ConfigTable table;
    bind(table, config);
    return run_service("conductor", args, table, config.common, [&](ServiceHost& host) {
        config.common.tls.apply_to(config.common.http, {"gateway", "operator"});
        auto conductor = std::make_shared<Conductor>(config, host);
        conductor->start();
        return std::static_pointer_cast<void>(conductor);
    });
}

}  // namespace obscura::app
