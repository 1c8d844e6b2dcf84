#include "app/bench_nginx.hpp"

#include "app/bench_child.hpp"
#include "app/bench_gateway.hpp"
#include "app/child_environment.hpp"
#include "app/files.hpp"
#include "app/free_port.hpp"
#include "app/stack_certificates.hpp"
#include "crypto/signed_header.hpp"
#include "ports/caller.hpp"

#include <signal.h>
#include <unistd.h>

#include <stdexcept>

namespace obscura::app::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t preferred_port = 18'080;

/// What the gateway tells conductor of a caller with a test key of the tenant.
std::string caller_header(World const& world) {
    ports::Caller caller;
    caller.tenant = model::TenantId::parse(world.tenant()).value();
    base::SystemRandom random;
    caller.api_key = model::ApiKeyId::make(world.clock().now(), random);
    caller.scopes = {"signal:write", "pool:manage"};
    caller.is_test_key = true;
    auto const& key = world.stack().info().internal_keys.at("gateway@conductor");
    return crypto::sign_header(key, ports::to_json(caller).dump(), world.clock().now());
}

}  // namespace

std::string find_program(std::string const& name) {
    for (auto const* folder : {"/usr/local/sbin/", "/usr/local/bin/", "/usr/sbin/", "/usr/bin/"})
        if (auto path = folder + name; ::access(path.c_str(), X_OK) == 0) return path;
    throw BenchFailure("there is no " + name + " here; tools/install --bench installs it");
}

std::string version_in(std::string const& text) {
    auto const slash = text.find('/');
    if (slash == text.npos) return "";
    auto const end = text.find_first_of(" \n", slash);
    return text.substr(slash + 1, end == text.npos ? end : end - slash - 1);
}

double requests_per_second_in(std::string const& wrk_output) {
    if (wrk_output.find("Non-2xx") != wrk_output.npos ||
        wrk_output.find("Socket errors") != wrk_output.npos)
        throw std::runtime_error("answers that were none: " + wrk_output);
    constexpr std::string_view name = "Requests/sec:";
    auto const at = wrk_output.find(name);
    if (at == wrk_output.npos) throw std::runtime_error("wrk says: " + wrk_output);
    return std::stod(wrk_output.substr(at + name.size()));
}

net::Task<std::string> nginx_version(World& world) {
    std::vector<std::string> argv{find_program("nginx"), "-v"};
    auto const log = world.stack().folder().log("nginx-version");
    co_return version_in(co_await run_child(world.executor(), argv, log));
}

Nginx::Nginx(World& world) : world_(world), folder_(world.stack().folder().file("nginx")) {
    make_folder(folder_, 0700);
    PortPlan ports(folder_ + "/ports.json", false);
    port_ = ports.choose("nginx", preferred_port);
}

std::string Nginx::origin() const { return "http://127.0.0.1:" + std::to_string(port_); }

std::string Nginx::configuration() const {
    auto const conductor = net::parse_url(world_.stack().info().url("conductor")).value();
    auto const& key = world_.stack().info().internal_keys.at("gateway@conductor");
    auto const tls = certificate_files(world_.stack().info().state_dir, "gateway");
    return "daemon off;\nworker_processes auto;\npid " + folder_ + "/pid;\nerror_log " + folder_ +
           "/error.log;\nevents { worker_connections 1024; }\nhttp {\n  access_log off;\n" +
           "  client_body_temp_path " + folder_ + "/body;\n  proxy_temp_path " + folder_ +
           "/proxy;\n  fastcgi_temp_path " + folder_ + "/f;\n  uwsgi_temp_path " + folder_ +
           "/u;\n  scgi_temp_path " + folder_ + "/s;\n  keepalive_requests 1000000;\n" +
           "  upstream conductor { server " + conductor.host + ":" +
           std::to_string(conductor.port) + "; keepalive 64; keepalive_requests 1000000; }\n" +
           "  server {\n    listen 127.0.0.1:" + std::to_string(port_) + ";\n    location / {\n" +
           "      proxy_http_version 1.1;\n      proxy_set_header Connection \"\";\n" +
           "      proxy_set_header X-Internal-API-Key " + std::string(key.reveal()) + ";\n" +
           "      proxy_set_header X-Obscura-Caller " + caller_header(world_) + ";\n" +
           "      proxy_ssl_certificate " + tls.certificate + ";\n" +
           "      proxy_ssl_certificate_key " + tls.key + ";\n" +
           "      proxy_ssl_trusted_certificate " + tls.authority + ";\n" +
           "      proxy_ssl_verify on;\n      proxy_ssl_name localhost;\n" +
           "      proxy_ssl_protocols TLSv1.3;\n" +
           "      proxy_pass https://conductor;\n    }\n  }\n}\n";
}

net::Task<void> Nginx::start() {
    write_file(folder_ + "/nginx.conf", configuration(), 0600);
    ProcessSpec spec{.name = "nginx",
                     .argv = {find_program("nginx"), "-p", folder_, "-c", folder_ + "/nginx.conf"},
                     .environment = base_environment(),
                     .log_file = world_.stack().folder().log("nginx")};
    // Its workers end with it only when it is asked to end.
    spec.death_signal = SIGTERM;
    process_ = std::make_unique<Process>(world_.executor(), spec);
    base::SystemClock const clock;
    net::HttpClient http(world_.executor(), {.allowed_origins = {origin()}}, clock);
    for (auto const deadline = clock.steady() + 10s; clock.steady() < deadline;) {
        net::Request request{.target = "/health"};
        auto const answer = co_await http.fetch(origin(), std::move(request), 1s);
        if (answer && answer->status == 200) {
            http.close();
            co_return;
        }
        co_await nap(20ms);
    }
    http.close();
    throw BenchFailure("nginx does not pass requests on\n" + last_lines(folder_ + "/error.log", 5));
}

net::Task<void> Nginx::stop() {
    process_->signal(SIGTERM);
    (void)co_await process_->wait();
    process_.reset();
}

}  // namespace obscura::app::bench
