#include "app/files.hpp"
#include "app/internal_tls.hpp"
#include "app/key_rotation.hpp"
#include "app/run_to_end.hpp"
#include "app/stack.hpp"
#include "app/stack_certificates.hpp"
#include "app/store_settings.hpp"
#include "base/config.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "net/client.hpp"
#include "net/http.hpp"

#include <boost/asio/io_context.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <utility>

namespace asio = boost::asio;

namespace obscura::app {
namespace {

constexpr std::string_view caller = "rotation@citadel";

void tell(KeyRotation::Progress const& p) {
    std::printf("  %s of %s connections under version %d\n",
                std::to_string(p.renewed + p.changed).c_str(), std::to_string(p.total).c_str(),
                p.version);
    std::fflush(stdout);
}

void tell_refused(KeyRotation::Refused const& refused) {
    std::printf("  %s: %s\n", refused.what.c_str(), refused.detail.c_str());
}

/// Where citadel and the record are, and who we are there.
struct RotationSettings {
    store::PgConfig database{.connections = 1};
    peers::CitadelClientConfig citadel;
    base::Secret citadel_key;
    InternalTls tls;
};

void bind(base::ConfigTable& table, RotationSettings& s) {
    s.tls.bind_to(table);
    bind_database(table, s.database, "PostgreSQL primary, role obscura_engine.");
    peers::bind(table, s.citadel);
    table.bind("citadel.key", s.citadel_key, "citadel's callers.rotation");
    table.required();
}

/// The stack of a state folder is this machine's, whose owner runs this command.
RotationSettings settings_of(StackInfo const& stack) {
    return {.database = {.url = stack.engine_database_url, .connections = 1},
            .citadel = {.url = stack.internal_url("citadel"), .evidence = {.required = "software"}},
            .citadel_key = stack.internal_keys.find(caller)->second.clone(),
            .tls = certificate_files(stack.state_dir, "operator")};
}

/// As a service reads its own: a file, overridden by the environment. Nullopt, and every complaint
/// on stderr, where something of it is wrong.
std::optional<RotationSettings> settings_in(std::string const& file) {
    RotationSettings settings;
    base::ConfigTable table;
    bind(table, settings);
    auto toml = read_file(file);
    if (!toml) throw std::runtime_error("no such file: " + file);
    auto const complaints = table.load(*toml, file, base::process_environment());
    base::cleanse(*toml);
    for (auto const& complaint : complaints) std::fprintf(stderr, "%s\n", complaint.c_str());
    if (!complaints.empty()) return std::nullopt;
    settings.tls.require_all_or_none();
    return settings;
}

int print_settings() {
    RotationSettings settings;
    base::ConfigTable table;
    bind(table, settings);
    std::fputs(table.reference().c_str(), stdout);
    return 0;
}

net::Task<int> rotate(RotationSettings settings, asio::any_io_executor executor, bool all) {
    base::Metrics metrics;
    base::SystemClock const clock;
    store::PgPool database(executor, settings.database, metrics);
    auto const& url = settings.citadel.url;
    net::HttpClient http(executor,
                         {.allowed_origins = {net::parse_url(url).value().origin()},
                          .tls = settings.tls.client({{"citadel", url}})},
                         clock);
    base::SystemRandom random;
    peers::CitadelClient citadel(http, settings.citadel, settings.citadel_key, clock, random);
    store::CredentialRotation record(database);
    KeyRotation rotation(record, citadel, tell, tell_refused);
    auto const done = co_await rotation.run(all);
    http.close();
    database.close();
    if (!done) {
        std::fprintf(stderr, "citadel: %s %s\n", done.error().detail.c_str(),
                     done.error().internal.c_str());
        co_return 1;
    }
    if (done->keys > 0)
        std::printf("  %lld keys that citadel signs with\n", static_cast<long long>(done->keys));
    if (done->keys_left > 0) {
        std::printf("%lld keys that citadel signs with are under an older version still\n",
                    static_cast<long long>(done->keys_left));
        co_return 1;
    }
    if (done->left > 0) {
        std::printf(
            "%lld connections are under an older version still, %lld of them since citadel does "
            "not open them\n",
            static_cast<long long>(done->left), static_cast<long long>(done->refused));
        co_return 1;
    }
    std::printf(
        "everything is sealed under version %d: raise citadel.min_decrypt_version to it, then "
        "restart "
        "conductor, whose orders under way hold older ciphertexts\n",
        done->version);
    co_return 0;
}

int run_rotation(RotationSettings settings, bool all) {
    base::log::start("obscura", base::log::Level::warn, base::log::Format::readable);
    asio::io_context io{1};
    return run_to_end(io, rotate(std::move(settings), io.get_executor(), all));
}

}  // namespace

int run_rotate_keys(std::vector<std::string> args) {
    CLI::App app(
        "renews all credentials under citadel's newest master key, beside running services",
        "obscura admin rotate-keys");
    std::string state = ".obscura";
    std::string config;
    bool all = false;
    bool prints = false;
    auto const* const from_state =
        app.add_option("--state", state, "state folder of the running stack");
    auto const* const from_config = app.add_option(
        "--config", config, "settings, where citadel or PostgreSQL is elsewhere (docs/keys.md)");
    app.add_flag("--print-config", prints, "every setting of such a file");
    app.add_flag("--all", all, "those under the newest key too: their form may be an older one");
    try {
        std::ranges::reverse(args);
        app.parse(std::move(args));
    } catch (CLI::ParseError const& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    if (prints) return print_settings();
    if (from_config->empty()) return run_rotation(settings_of(load_stack(state)), all);
    if (!from_state->empty()) {
        std::fputs("--state and --config each say where citadel is: give one of them\n", stderr);
        return 2;
    }
    auto settings = settings_in(config);
    return settings ? run_rotation(std::move(*settings), all) : 2;
}

}  // namespace obscura::app
