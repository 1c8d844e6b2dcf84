#include "citadel/harden.hpp"

#include "base/secret.hpp"

#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace obscura::citadel {
namespace {

constexpr std::size_t arena_size = 4 << 20;

/// Locked memory without a limit. Under a limit, locking all future pages would make allocations
/// fail once it is reached.
bool may_lock_everything() {
    // Who may, raises the limit: the right to lock without one is given up before the service runs.
    rlimit limit{.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    return ::setrlimit(RLIMIT_MEMLOCK, &limit) == 0 ||
           (::getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY);
}

}  // namespace

Hardening harden_process() {
    Hardening granted;
    rlimit const none{.rlim_cur = 0, .rlim_max = 0};
    granted.no_core_dumps = ::setrlimit(RLIMIT_CORE, &none) == 0;
    granted.not_dumpable = ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
    static auto* const arena = new base::SecretArena(arena_size);  // for ever
    base::keep_secrets_in(*arena);
    granted.secrets = arena->granted();
    granted.memory_locked =
        may_lock_everything() && ::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
    return granted;
}

bool give_up_capabilities() {
    // What programs that it starts could have again: it starts none, and may not (no_new_privs).
    for (unsigned long capability = 0; capability <= CAP_LAST_CAP; ++capability)
        (void)::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    (void)::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    __user_cap_data_struct const none[_LINUX_CAPABILITY_U32S_3] = {};
    return ::syscall(SYS_capset, &header, none) == 0;
}

void wipe_environment(std::span<std::string_view const> name_prefixes) {
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        std::string_view const name = *entry;
        bool const is_secret = std::ranges::any_of(
            name_prefixes, [&](std::string_view prefix) { return name.starts_with(prefix); });
        auto const equals = name.find('=');
        if (!is_secret || equals == name.npos) continue;
        auto* const value = *entry + equals + 1;
        base::cleanse(value, std::strlen(value));
    }
}

}  // namespace obscura::citadel
