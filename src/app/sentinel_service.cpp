#include "app/sentinel_service.hpp"

#include "app/service_main.hpp"
#include "app/store_settings.hpp"
#include "app/venue_settings.hpp"
#include "net/client.hpp"
#include "net/runtime.hpp"
#include "peers/citadel_client.hpp"
#include "sentinel/head_witness.hpp"
#include "sentinel/service.hpp"
#include "store/audit_head_store.hpp"
#include "store/health_probes.hpp"
#include "store/lead_directory.hpp"
#include "store/redis.hpp"
#include "store/trade_publisher.hpp"
#include "store/trade_reader.hpp"
#include "store/trade_store.hpp"
#include "venue/binance_leader_feed.hpp"

namespace obscura::app {
namespace {

using namespace std::chrono_literals;

struct SentinelConfig {
    CommonConfig common;
    store::PgConfig database;
    store::RedisConfig redis;
    peers::CitadelClientConfig citadel;
    base::Secret citadel_key;
    base::Secret gateway_key;
    VenueSettings venues;
    std::vector<std::string> symbols{"BTCUSDT", "ETHUSDT"};
    bool follows_futures = false;
    venue::FeedTiming feed;
    std::chrono::milliseconds confirm_lag{10'000};
    sentinel::Config sentinel;
};

void bind_feed(base::ConfigTable& table, SentinelConfig& c) {
    bind_venues(table, c.venues);
    table.bind("venues.symbols", c.symbols,
               "Binance symbols that REST looks at on every lead account, besides those it traded");
    table.bind("markets.futures", c.follows_futures, "Leaders are followed on USD-M futures too");
    table.bind("feed.ping_every", c.feed.ping_every, "A request that a live socket must answer",
               {100, 60'000});
    table.bind("feed.stale_after", c.feed.stale_after,
               "A socket without data for so long is dropped", {200, 600'000});
    table.bind("feed.reconcile_every", c.feed.reconcile_every,
               "REST looks for fills that a live socket lost", {500, 3'600'000});
    table.bind("feed.poll_every", c.feed.poll_every, "REST while there is no socket",
               {500, 3'600'000});
    table.bind("feed.backoff_most", c.feed.backoff_most, "Longest wait between connects",
               {250, 600'000});
    table.bind("feed.confirm_lag", c.confirm_lag,
               "Fills younger than this do not move a cursor yet", {0, 600'000});
}

void bind(base::ConfigTable& table, SentinelConfig& c) {
    bind_internal(table, c.common, 8002);
    bind_database(table, c.database, "PostgreSQL primary, role obscura_engine.");
    bind_redis(table, c.redis, "Redis, for announcements only.");
    peers::bind(table, c.citadel);
    table.bind("citadel.key", c.citadel_key, "sentinel's own key at citadel");
    table.required();
    table.bind("internal.gateway_key", c.gateway_key, "The gateway's key at sentinel");
    table.required();
    bind_feed(table, c);
    c.sentinel.bind_to(table);
}

std::vector<std::string> venue_origins(SentinelConfig const& c) {
    auto origins = venue::origins_of(venue::binance_endpoints(c.venues.paper_url));
    auto const futures = venue::origins_of(venue::binance_futures_endpoints(c.venues.paper_url));
    origins.insert(origins.end(), futures.begin(), futures.end());
    return origins;
}

/// Fills are found by their ids, of which the partitions are many: see PgConfig.
store::PgConfig database_config(SentinelConfig const& c) {
    auto database = c.database;
    database.fixed_plans = true;
    return database;
}

/// Everything sentinel is made of, top to bottom.
struct Sentinel {
    SentinelConfig& config;
    ServiceHost& host;
    store::PgPool database{host.io.get_executor(), database_config(config), host.metrics};
    store::Redis redis{host.io.get_executor(), std::move(config.redis)};
    net::HttpClient citadel_http{
        host.io.get_executor(),
        {.allowed_origins = {net::parse_url(config.citadel.url).value().origin()},
         .tls = config.common.tls.client({{"citadel", config.citadel.url}})},
        host.clock};
    peers::CitadelClient citadel{citadel_http, config.citadel, config.citadel_key, host.clock,
                                 host.random};
    peers::EvidenceProbe citadel_probe{citadel.gate()};
    net::Scope citadel_watch{host.io.get_executor()};
    net::ClientConfig venue_client{.allowed_origins = venue_origins(config),
                                   .tls = {.ca_file = config.venues.authority}};
    net::HttpClient venue_http{host.io.get_executor(), venue_client, host.clock};
    venue::BinanceLeaderFeeds binance{
        feed_of(model::Market::spot, venue::binance_endpoints(config.venues.paper_url)), venue_http,
        citadel, host.clock, host.random};
    venue::BinanceLeaderFeeds binance_futures{
        feed_of(model::Market::futures, venue::binance_futures_endpoints(config.venues.paper_url)),
        venue_http, citadel, host.clock, host.random};
    store::PgLeadDirectory directory{database};
    store::PgTradeStore trades{database};
    store::PgTradeReader reader{database};
    store::RedisTradePublisher publisher{redis};
    store::PgAuditHeads heads{database};
    sentinel::HeadWitness witness{host.io.get_executor(),
                                  {.source = citadel, .heads = heads},
                                  config.sentinel.head_every,
                                  host.metrics};
    store::PgHealthProbe database_probe{database};
    sentinel::Service service{host.io.get_executor(),
                              config.common.http,
                              config.sentinel,
                              config.gateway_key,
                              {.directory = directory,
                               .store = trades,
                               .publisher = publisher,
                               .reader = reader,
                               .venues = {{"binance", feeds()}},
                               .probes = {&database_probe, &citadel_probe},
                               .metrics = host.metrics,
                               .clock = host.clock,
                               .random = host.random}};

    venue::BinanceFeedConfig feed_of(model::Market market, venue::BinanceEndpoints endpoints) {
        return {.endpoints = std::move(endpoints),
                .market = market,
                .symbols = config.symbols,
                .sockets = venue_client,
                .timing = config.feed,
                .confirm_lag = config.confirm_lag};
    }
    std::map<model::Market, ports::LeaderFeeds*> feeds() {
        std::map<model::Market, ports::LeaderFeeds*> feeds{{model::Market::spot, &binance}};
        if (config.follows_futures) feeds.emplace(model::Market::futures, &binance_futures);
        return feeds;
    }
    void start() {
        citadel_watch.spawn("citadel.evidence", citadel.gate().keep());
        service.start();
        witness.start();
        host.stop.add("connections", [this]() -> net::Task<void> {
            citadel_http.close();
            venue_http.close();
            redis.close();
            database.close();
            co_return;
        });
        host.stop.add("citadel evidence", [this] { return citadel_watch.stop(); });
        host.stop.add("audit heads", [this] { return witness.stop(); });
        host.stop.add("service", [this] { return service.stop(); }, 30s);
    }
};

}  // namespace

int run_sentinel(std::vector<std::string> args) {
    SentinelConfig config;
    base::ConfigTable table;
    bind(table, config);
    return run_service("sentinel", args, table, config.common, [&](ServiceHost& host) {
        config.common.tls.apply_to(config.common.http, {"gateway", "operator"});
        auto sentinel = std::make_shared<Sentinel>(config, host);
        sentinel->start();
        return std::static_pointer_cast<void>(sentinel);
    });
}

}  // namespace obscura::app
