#include "app/key_rotation.hpp"
#include "app/run_to_end.hpp"
#include "app/stack.hpp"
#include "app/stack_certificates.hpp"
#include "base/log.hpp"
#include "net/client.hpp"

#include <boost/asio/io_context.hpp>

#include <CLI/CLI.hpp>

#include <cstdio>

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

net::Task<int> rotate(StackInfo const& stack, asio::any_io_executor executor, bool all) {
    base::Metrics metrics;
    base::SystemClock const clock;
    store::PgPool database(executor, {.url = stack.engine_database_url, .connections = 1}, metrics);
    auto const url = stack.internal_url("citadel");
    auto const tls = certificate_files(stack.state_dir, "operator").client({{"citadel", url}});
    net::HttpClient http(executor, {.allowed_origins = {url}, .tls = tls}, clock);
    base::SystemRandom random;
    // The stack of a state folder is this machine's, whose owner runs this command.
    peers::CitadelClient citadel(http, {.url = url, .evidence = {.required = "software"}},
                                 stack.internal_keys.find(caller)->second, clock, random);
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

int run_rotation(StackInfo const& stack, bool all) {
    base::log::start("obscura", base::log::Level::warn, base::log::Format::readable);
    asio::io_context io{1};
    return run_to_end(io, rotate(stack, io.get_executor(), all));
}

}  // namespace

int run_rotate_keys(std::vector<std::string> args) {
    CLI::App app("renews all credentials under citadel's newest master key, beside a running stack",
                 "obscura admin rotate-keys");
    std::string state = ".obscura";
    bool all = false;
    app.add_option("--state", state, "state folder of the running stack");
    app.add_flag("--all", all, "those under the newest key too: their form may be an older one");
    try {
        std::ranges::reverse(args);
        app.parse(std::move(args));
    } catch (CLI::ParseError const& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    return run_rotation(load_stack(state), all);
}

}  // namespace obscura::app
