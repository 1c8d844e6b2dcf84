// obscura-citadel: the one process that sees credentials in plaintext. A small executable of its
// own, because it is what is measured and audited. Its life is that of every service:
// service_main.hpp.
#include "app/service_main.hpp"
#include "app/version.hpp"
#include "base/log.hpp"
#include "citadel/front.hpp"
#include "citadel/harden.hpp"
#include "citadel/key_source.hpp"
#include "citadel/price_watch.hpp"
#include "citadel/syscall_filter.hpp"
#include "custody/sev_guest.hpp"
#include "net/client.hpp"
#include "venue/binance_futures.hpp"
#include "venue/binance_spot.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>
#include <stdexcept>

namespace obscura::app {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 3> secret_variables{"CITADEL_", "OBSCURA_CITADEL_MASTER_KEY",
                                                           "OBSCURA_CALLERS_"};

/// Where Binance's markets are that citadel signs for.
venue::BinanceEndpoints endpoints_of(citadel::VenueBook const& venues, model::Market market) {
    venue::BinanceEndpoints out;
    auto const found = venues.find("binance");
    if (found == venues.end()) return out;
    for (auto const& name : model::environment_names) {
        auto const& there = found->second[static_cast<std::size_t>(name.value)];
        if (auto const& origin = there.origin_of(market); !origin.empty())
            out[name.value] = {.rest = origin, .stream = there.stream_of(market)};
    }
    return out;
}

/// What holds orders to their owners' notional limits: prices over connections of our own.
struct Prices {
    Prices(ServiceHost& host, citadel::VenueBook const& venues, std::string const& authority)
        : spot_at(endpoints_of(venues, model::Market::spot)),
          futures_at(endpoints_of(venues, model::Market::futures)),
          client(host.io.get_executor(),
                 {.allowed_origins = origins(), .tls = {.ca_file = authority}}, host.clock),
          spot(client, {.endpoints = spot_at}, host.clock),
          futures(client, {.endpoints = futures_at}, host.clock),
          watch(host.io.get_executor(),
                {{{"binance", model::Market::spot}, &spot},
                 {{"binance", model::Market::futures}, &futures}},
                host.clock) {}
    [[nodiscard]] std::vector<std::string> origins() const {
        auto out = venue::rest_origins_of(spot_at);
        std::ranges::copy(venue::rest_origins_of(futures_at), std::back_inserter(out));
        return out;
    }

    venue::BinanceEndpoints spot_at, futures_at;
    net::HttpClient client;
    venue::BinanceSpot spot;
    venue::BinanceFutures futures;
    citadel::PriceWatch watch;
};

struct Running {
    Running(ServiceHost& host, citadel::Config config, net::ServerConfig http)
        : prices(host, config.venues, config.relay_ca_file),
          evidence(citadel::make_evidence_source(config.evidence, host.io.get_executor(),
                                                 host.clock, host.random)),
          front(std::move(config),
                {.evidence = evidence.get(),
                 .prices = &prices.watch,
                 .serve_by = [this](net::Router r) { server.serve_by(std::move(r)); },
                 .fail = [&host] { host.shut_down(1); }},
                host.clock, host.random, host.metrics),
          server(host.io.get_executor(), std::move(http), front.router(), host.clock, host.random) {
    }

    Prices prices;
    std::unique_ptr<attest::EvidenceSource> evidence;
    citadel::Front front;
    net::HttpServer server;
};

void warn_of(citadel::Hardening const& granted, net::ServerConfig const& http,
             citadel::EvidenceConfig const& evidence) {
    if (!granted.no_core_dumps || !granted.not_dumpable) {
        base::log::warn("citadel.not_hardened", {{"no_core_dumps", granted.no_core_dumps},
                                                 {"not_dumpable", granted.not_dumpable}});
    }
    if (!granted.secrets.locked || !granted.secrets.not_dumped)
        base::log::warn("citadel.secrets_not_locked",
                        {{"locked", granted.secrets.locked},
                         {"not_dumped", granted.secrets.not_dumped},
                         {"cure", "an RLIMIT_MEMLOCK of 8 MiB, which is the default"}});
    base::log::info("citadel.hardened", {{"all_memory_locked", granted.memory_locked}});
    if (::geteuid() == 0)
        base::log::warn("citadel.runs_as_root", {{"cure", "run it as a user of its own"}});
    if (!http.tls) base::log::warn("citadel.plain_http", {{"address", http.address}});
    if (evidence.source == "software") base::log::warn("citadel.not_attested", {{"tee", "none"}});
}

void filter_calls() {
    auto const filtered = citadel::restrict_system_calls();
    if (filtered) return base::log::info("citadel.calls_filtered");
    base::log::warn("citadel.calls_not_filtered", {{"why", filtered.error().detail}});
}

/// What is wrong across keys, all at once.
void require_sound(citadel::Config const& config) {
    std::string all;
    for (auto const& complaint : citadel::complaints(config)) {
        all += (all.empty() ? "" : "; ") + complaint;
    }
    if (!all.empty()) throw std::runtime_error(all);
}

/// Where nobody says: every call is logged somewhere.
std::string default_audit_folder(net::ServerConfig const& http) {
    auto const folder = ".obscura/citadel-" + std::to_string(http.port);
    base::log::warn("citadel.audit_folder_by_default", {{"folder", folder}});
    return folder;
}

base::Result<std::unique_ptr<custody::MachineKey>> open_machine() {
    auto machine = custody::SevGuest::open();
    if (!machine) return std::unexpected(machine.error());
    return std::make_unique<custody::SevGuest>(std::move(*machine));
}

/// The keys that are to be had at the start, and a word of where they are from.
void take_keys(citadel::Config& config) {
    require_sound(config);
    if (citadel::source_of(config) == citadel::KeySource::environment)
        base::log::warn("citadel.keys_in_environment",
                        {{"cure",
                          "for more than a developer's machine set citadel.key_source; "
                          "docs/keys.md says how"}});
    if (auto const loaded = citadel::load_keys(config, open_machine); !loaded)
        throw std::runtime_error(loaded.error().detail);
    require_sound(config);  // the versions that came
    base::log::info("citadel.keys", {{"source", config.key_source}});
}

std::shared_ptr<void> start(ServiceHost& host, citadel::Config config, CommonConfig const& common,
                            citadel::Hardening const& granted, bool filters_calls) {
    citadel::wipe_environment(secret_variables);
    take_keys(config);
    auto http = common.http;
    common.tls.apply_to(http, {"gateway", "sentinel", "conductor", "alchemist", "operator"},
                        config.evidence.source == "nilcc");
    if (config.audit.folder.empty()) config.audit.folder = default_audit_folder(http);
    if (http.tls) config.tls = *http.tls;
    warn_of(granted, http, config.evidence);
    auto running = std::make_shared<Running>(host, std::move(config), std::move(http));
    running->prices.watch.start();
    running->server.start();
    base::log::info("citadel.listening", {{"port", running->server.port()}});
    host.stop.add("http server", [&server = running->server] { return server.stop(5s); }, 10s);
    host.stop.add("prices", [&watch = running->prices.watch] { return watch.stop(); }, 15s);
    // Last: what a start needs is more than what citadel does.
    if (filters_calls) filter_calls();
    return running;
}

int citadel_main(std::vector<std::string> const& args) {
    auto const granted = citadel::harden_process();
    // Nobody has looked at an argument or a setting yet.
    if (!citadel::give_up_capabilities())
        std::fputs("obscura-citadel: keeps capabilities\n", stderr);
    citadel::Config config;
    config.version = version;
    CommonConfig common;
    base::ConfigTable table;
    bind_internal(table, common, 8004);
    citadel::bind(table, config);
    bool filters_calls = true;
    table.bind("citadel.syscall_filter", filters_calls,
               "The kernel lets citadel do what it needs and nothing else (seccomp).");
    return run_service("citadel", args, table, common, [&](ServiceHost& host) {
        return start(host, std::move(config), common, granted, filters_calls);
    });
}

}  // namespace
}  // namespace obscura::app

int main(int argc, char** argv) {
    try {
        return obscura::app::citadel_main({argv + (argc > 0 ? 1 : 0), argv + argc});
    } catch (std::exception const& e) {
        std::fprintf(stderr, "obscura-citadel: %s\n", e.what());
        return 1;
    }
}
