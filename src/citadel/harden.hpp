#pragma once

#include "base/secret_arena.hpp"

#include <span>
#include <string_view>

namespace obscura::citadel {

/// What the kernel granted.
struct Hardening {
    bool no_core_dumps = false;
    bool not_dumpable = false;           ///< no ptrace, /proc/PID closed to other users
    bool memory_locked = false;          ///< nothing is swapped out
    base::SecretArena::Granted secrets;  ///< of the arena that Secrets are in
};

/// Best effort, at the very start of `main`: what is refused is for the caller to log. From then on
/// Secrets are kept in an arena of their own, half of what a process may lock by default.
[[nodiscard]] Hardening harden_process();

/// Gives up every capability for good, so that one who was started as root is an owner of files and
/// nothing more. False where the process has any still. Before any thread; after `harden_process`,
/// which locks memory with them.
[[nodiscard]] bool give_up_capabilities();

/// Overwrites the values of environment variables whose names start so, where the process was given
/// them: /proc/PID/environ shows that memory for as long as the process lives. Before any thread.
void wipe_environment(std::span<std::string_view const> name_prefixes);

}  // namespace obscura::citadel
