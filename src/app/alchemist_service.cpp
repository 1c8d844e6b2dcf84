#include "app/alchemist_service.hpp"

#include "alchemist/routes.hpp"
#include "app/service_main.hpp"
#include "app/store_settings.hpp"
#include "net/server.hpp"
#include "store/health_probes.hpp"
#include "store/trade_reader.hpp"

namespace obscura::app {
namespace {

using namespace std::chrono_literals;

struct AlchemistConfig {
    CommonConfig common;
    store::PgConfig database;
    base::Secret gateway_key;
};

void bind(base::ConfigTable& table, AlchemistConfig& c) {
    bind_internal(table, c.common, 8003);
    bind_database(table, c.database, "PostgreSQL, role obscura_app.");
    table.bind("internal.gateway_key", c.gateway_key, "The gateway's key at alchemist");
    table.required();
}

/// Everything alchemist is made of, top to bottom.
struct Alchemist {
    AlchemistConfig& config;
    ServiceHost& host;
    store::PgPool database{host.io.get_executor(), config.database, host.metrics};
    store::PgTradeReader trades{database};
    store::PgHealthProbe database_probe{database};
    net::HttpServer server{host.io.get_executor(), config.common.http,
                           alchemist::make_router({.trades = trades,
                                                   .probes = {&database_probe},
                                                   .metrics = host.metrics,
                                                   .clock = host.clock,
                                                   .gateway_key = config.gateway_key}),
                           host.clock, host.random};

    void start() {
        server.start();
        host.stop.add("database", [this]() -> net::Task<void> {
            database.close();
            co_return;
        });
        host.stop.add("http", [this] { return server.stop(5s); });
    }
};

}  // namespace

int run_alchemist(std::vector<std::string> args) {
    AlchemistConfig config;
    base::ConfigTable table;
    bind(table, config);
    return run_service("alchemist", args, table, config.common, [&](ServiceHost& host) {
        config.common.tls.apply_to(config.common.http, {"gateway", "operator"});
        auto alchemist = std::make_shared<Alchemist>(config, host);
        alchemist->start();
        return std::static_pointer_cast<void>(alchemist);
    });
}

}  // namespace obscura::app
