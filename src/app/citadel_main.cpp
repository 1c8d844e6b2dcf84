// obscura-citadel: the one process that sees credentials in plaintext. A small executable of its
// own, because it is what is measured and audited. Its life is that of every service:
// service_main.hpp.
#include "app/service_main.hpp"
#include "app/version.hpp"
#include "base/log.hpp"
#include "citadel/harden.hpp"
#include "citadel/service.hpp"

#include <array>
#include <cstdio>
#include <stdexcept>

namespace obscura::app {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 3> secret_variables{"CITADEL_", "OBSCURA_CITADEL_MASTER_KEY",
                                                           "OBSCURA_CALLERS_"};

struct Running {
    Running(ServiceHost& host, citadel::Config config, net::ServerConfig http)
        : service(std::move(config), host.clock, host.random, host.metrics),
          server(host.io.get_executor(), std::move(http), service.router(), host.clock,
                 host.random) {}

    citadel::Service service;
    net::HttpServer server;
};

void warn_of(citadel::Hardening const& granted, net::ServerConfig const& http) {
    if (!granted.no_core_dumps || !granted.not_dumpable) {
        base::log::warn("citadel.not_hardened", {{"no_core_dumps", granted.no_core_dumps},
                                                 {"not_dumpable", granted.not_dumpable}});
    }
    if (!granted.memory_locked) {
        base::log::warn("citadel.memory_not_locked",
                        {{"cure", "grant CAP_IPC_LOCK or an unlimited RLIMIT_MEMLOCK"}});
    }
    bool const is_loopback = http.address.starts_with("127.") || http.address == "::1";
    if (!http.tls && !is_loopback)
        base::log::warn("citadel.plain_http", {{"address", http.address}});
    base::log::warn("citadel.not_attested", {{"tee", "none"}});
}

/// What is wrong across keys, all at once.
void require_sound(citadel::Config const& config) {
    std::string all;
    for (auto const& complaint : citadel::complaints(config)) {
        all += (all.empty() ? "" : "; ") + complaint;
    }
    if (!all.empty()) throw std::runtime_error(all);
}

std::shared_ptr<void> start(ServiceHost& host, citadel::Config config, net::ServerConfig http,
                            citadel::Hardening const& granted) {
    citadel::wipe_environment(secret_variables);
    require_sound(config);
    if (!config.tls.certificate_file.empty()) http.tls = config.tls;
    warn_of(granted, http);
    auto running = std::make_shared<Running>(host, std::move(config), std::move(http));
    running->server.start();
    base::log::info("citadel.listening", {{"port", running->server.port()}});
    host.stop.add("http server", [&server = running->server] { return server.stop(5s); }, 10s);
    return running;
}

int citadel_main(std::vector<std::string> const& args) {
    auto const granted = citadel::harden_process();
    citadel::Config config;
    config.version = version;
    CommonConfig common;
    base::ConfigTable table;
    bind_common(table, common, 8004);
    citadel::bind(table, config);
    return run_service("citadel", args, table, common, [&](ServiceHost& host) {
        return start(host, std::move(config), common.http, granted);
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
