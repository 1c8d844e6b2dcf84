#include "app/bench.hpp"
#include "app/chaos.hpp"
#include "app/commands.hpp"
#include "app/stack.hpp"
#include "app/version.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <functional>
#include <memory>

namespace {

using namespace obscura::app;

/// Set by the command that was chosen; run after everything is parsed.
using Chosen = std::function<int()>;

void add_up(CLI::App& app, Chosen& chosen) {
    auto* const up = app.add_subcommand("up", "start the whole stack of a state folder");
    struct Choice {
        UpOptions options;
        bool foreground = false;
    };
    auto const c = std::make_shared<Choice>();
    up->add_option("--state", c->options.state, "state folder")->capture_default_str();
    up->add_flag("--bare", c->options.bare, "no demo data");
    up->add_flag("--foreground", c->foreground, "stay here until Ctrl-C");
    up->add_flag("--free-ports", c->options.free_ports,
                 "any free ports: leave the well-known ones to another stack");
    up->add_option("--until-pid", c->options.until_pid, "end the stack when this process ends");
    up->add_option("--migrations", c->options.migrations, "folder of the SQL files");
    up->callback([c, &chosen] { chosen = [c] { return run_up(c->options, c->foreground); }; });
}

void add_down_and_status(CLI::App& app, Chosen& chosen) {
    struct Choice {
        StatusOptions status;
        bool if_running = false;
    };
    auto const c = std::make_shared<Choice>();
    auto* const down = app.add_subcommand("down", "stop the stack of a state folder, in order");
    down->add_option("--state", c->status.state, "state folder")->capture_default_str();
    down->add_flag("--if-running", c->if_running, "no stack is no error");
    down->callback(
        [c, &chosen] { chosen = [c] { return run_down(c->status.state, c->if_running); }; });
    auto* const status = app.add_subcommand("status", "where everything is, and how it is");
    status->add_option("--state", c->status.state, "state folder")->capture_default_str();
    status->add_flag("--json", c->status.as_json, "for programs");
    status->add_flag("--logins", c->status.logins, "also who can log in, with secrets");
    status->add_flag("--pid", c->status.only_pid, "only the supervisor's process id");
    status->callback([c, &chosen] { chosen = [c] { return run_status(c->status); }; });
}

void add_migrate(CLI::App& app, Chosen& chosen) {
    auto* const migrate =
        app.add_subcommand("migrate", "make roles and schema, or bring them up to date");
    auto const o = std::make_shared<MigrateOptions>();
    migrate->add_option("--database-url", o->database_url,
                        "postgresql://... of a superuser (else DATABASE_URL)");
    migrate->add_option("--migrations", o->folder, "folder of the SQL files");
    migrate->add_option("--app-password-file", o->app_password_file, "sets obscura_app's password");
    migrate->add_option("--engine-password-file", o->engine_password_file,
                        "sets obscura_engine's password");
    migrate->callback([o, &chosen] { chosen = [o] { return run_migrate(*o); }; });
}

void add_demo(CLI::App& app, Chosen& chosen) {
    auto* const demo = app.add_subcommand("demo", "load the demo data into a running stack");
    auto const state = std::make_shared<std::string>(".obscura");
    demo->add_option("--state", *state, "state folder")->capture_default_str();
    demo->callback(
        [state, &chosen] { chosen = [state] { return load_demo(load_stack(*state)); }; });
}

/// Commands that read their own options: everything after the name is theirs.
struct OwnOptions {
    char const* name;
    char const* meaning;
    int (*run)(std::vector<std::string>);
};
constexpr OwnOptions own_options[] = {
    {"tour", "the guided flow against a running stack", run_tour},
    {"chaos", "the fault suite against the invariants (failpoint executables only)", run_chaos},
    {"bench", "measures Obscura beside its peers", run_bench},
    {"bench-load", "the load generator of `bench`", run_bench_load},
    {"bench-empty", "the empty handler of `bench citadel`", run_bench_empty},
    {"admin", "tenants, keys and users, through the gateway", run_admin},
    {"verify", "checks evidence: attestation PATH", run_verify},
    {"key-holder", "brings the master keys to a citadel that it has appraised", run_key_holder},
    {"audit-sealing-key", "vouches, as an auditor, for the key that credentials are sealed to",
     run_audit_sealing_key},
    {"gateway", "the public door (--config FILE)", run_gateway},
    {"sentinel", "leaders' fills from the venues (--config FILE)", run_sentinel},
    {"conductor", "signals to orders (--config FILE)", run_conductor},
    {"alchemist", "proofs (--config FILE)", run_alchemist},
    {"paper", "the paper-trading venue (--config FILE), or `paper accounts create`",
     run_paper_command},
};

void add_own_options(CLI::App& app, Chosen& chosen) {
    for (auto const& command : own_options) {
        auto* const sub = app.add_subcommand(command.name, command.meaning);
        sub->prefix_command();
        sub->set_help_flag();
        sub->callback([sub, &command, &chosen] {
            chosen = [args = sub->remaining(), &command] { return command.run(args); };
        });
    }
}

int run(int argc, char** argv) {
    CLI::App app("Obscura: copy trading in which nobody has to trust the operator");
    app.set_version_flag("--version", version);
    app.require_subcommand(1);
    Chosen chosen;
    add_up(app, chosen);
    add_down_and_status(app, chosen);
    add_migrate(app, chosen);
    add_demo(app, chosen);
    add_own_options(app, chosen);
    try {
        app.parse(argc, argv);
    } catch (CLI::ParseError const& e) {
        // CLI11's own codes are above 100; ours: 2 is wrong usage.
        return app.exit(e) == 0 ? 0 : 2;
    }
    return chosen();
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (std::exception const& e) {
        std::fprintf(stderr, "obscura: %s\n", e.what());
        return 1;
    }
}
