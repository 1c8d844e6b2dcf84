#pragma once

#include <sys/types.h>
#include <functional>
#include <string>

namespace obscura::app {

struct UpOptions {
    std::string state = ".obscura";
    bool bare = false;        ///< no demo data
    bool free_ports = false;  ///< leave the well-known ports to others
    pid_t until_pid = 0;      ///< stop when this process has ended; 0: no such
    std::string migrations;   ///< folder; "" finds ours
};

/// Starts the whole stack of a state folder and keeps it running until SIGTERM or SIGINT, or until
/// `until_pid` ends; then stops it in order. Progress goes to stdout line by line; `ready` is
/// called when everything answers. Must run on a thread that is the process's only one. Returns 0,
/// or 1 when the stack could not be started (nothing is left running then).
[[nodiscard]] int supervise(UpOptions const& options, std::function<void()> ready);

}  // namespace obscura::app
