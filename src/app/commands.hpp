#pragma once

#include "app/supervisor.hpp"

#include <string>
#include <vector>

/// One function per command of `obscura`; each returns the process's exit status: 0 done, 1 failed,
/// 2 wrong usage. Those of the services, the tour and the demo stand beside their composition
/// roots.
namespace obscura::app {

/// Starts the stack. In the foreground it returns when the stack has ended; else when it is ready,
/// leaving the supervisor behind as a daemon.
[[nodiscard]] int run_up(UpOptions const& options, bool foreground);
/// Ends the stack and waits for its end. Without one: 0 when `if_running`, else 1.
[[nodiscard]] int run_down(std::string const& state, bool if_running);

struct StatusOptions {
    std::string state = ".obscura";
    bool as_json = false;
    bool logins = false;    ///< also print who can log in
    bool only_pid = false;  ///< print the supervisor's process id and nothing else
};
/// 0 when the stack runs and every service answers, 1 when one does not, 3 when there is no stack.
[[nodiscard]] int run_status(StatusOptions const& options);

struct MigrateOptions {
    std::string database_url;       ///< of a superuser; "": DATABASE_URL
    std::string folder;             ///< of the SQL files; "": ours
    std::string app_password_file;  ///< sets obscura_app's password; "": left as it is
    std::string engine_password_file;
};
[[nodiscard]] int run_migrate(MigrateOptions const& options);

/// Tenants, keys, users: over the gateway's admin API of a running stack.
[[nodiscard]] int run_admin(std::vector<std::string> args);
/// `paper accounts create` on a running stack; everything else is the service (`run_paper`).
[[nodiscard]] int run_paper_command(std::vector<std::string> args);

/// Evidence against what is compiled in: 0 it convinces, 1 it does not.
[[nodiscard]] int run_verify(std::vector<std::string> args);

/// Master keys to a citadel that was appraised: 0 released, 1 not.
[[nodiscard]] int run_key_holder(std::vector<std::string> args);

/// An auditor's statement of the key that credentials are sealed to: 0 made and taken, 1 not.
[[nodiscard]] int run_audit_sealing_key(std::vector<std::string> args);

/// Each runs until SIGTERM; `args` is what follows the command.
[[nodiscard]] int run_gateway(std::vector<std::string> args);
[[nodiscard]] int run_sentinel(std::vector<std::string> args);
[[nodiscard]] int run_conductor(std::vector<std::string> args);
[[nodiscard]] int run_alchemist(std::vector<std::string> args);
[[nodiscard]] int run_paper(std::vector<std::string> args);
[[nodiscard]] int run_tour(std::vector<std::string> args);

}  // namespace obscura::app
