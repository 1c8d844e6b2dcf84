#include "citadel/syscall_filter.hpp"

#include <seccomp.h>

#include <linux/prctl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

namespace obscura::citadel {
namespace {

// What an event loop, TLS, a resolver's thread, a log on disk and an allocator ask for.
constexpr char const* allowed[] = {
    // Files that are open, and citadel's own
    "read", "write", "readv", "writev", "pread64", "pwrite64", "close", "openat", "open", "lseek",
    "fstat", "newfstatat", "stat", "lstat", "statx", "statfs", "fstatfs", "access", "faccessat",
    "faccessat2", "readlink", "readlinkat", "getdents64", "getcwd", "mkdir", "mkdirat", "rename",
    "renameat", "renameat2", "unlink", "unlinkat", "rmdir", "ftruncate", "fallocate", "fsync",
    "fdatasync", "flock", "fcntl", "dup", "dup2", "dup3", "pipe2", "fchmod", "umask",
    // Events and sockets
    "eventfd2", "timerfd_create", "timerfd_settime", "epoll_create1", "epoll_ctl", "epoll_wait",
    "epoll_pwait", "epoll_pwait2", "poll", "ppoll", "select", "pselect6", "socket", "bind",
    "listen", "accept", "accept4", "connect", "shutdown", "getsockname", "getpeername",
    "getsockopt", "setsockopt", "sendto", "sendmsg", "sendmmsg", "recvfrom", "recvmsg", "recvmmsg",
    // Memory and threads
    "munmap", "madvise", "mremap", "brk", "mlock", "munlock", "futex", "sched_yield",
    "sched_getaffinity", "set_robust_list", "get_robust_list", "rseq", "membarrier", "exit",
    "exit_group", "restart_syscall",
    // Time, chance, itself
    "nanosleep", "clock_nanosleep", "clock_gettime", "clock_getres", "gettimeofday", "time",
    "getrandom", "getpid", "gettid", "getuid", "geteuid", "getgid", "getegid", "uname", "sysinfo",
    "getrlimit", "getrusage", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait",
    "sigaltstack", "getcpu"};

constexpr char const* deadly[] = {"execve",
                                  "execveat",
                                  "fork",
                                  "vfork",
                                  "ptrace",
                                  "process_vm_readv",
                                  "process_vm_writev",
                                  "bpf",
                                  "perf_event_open",
                                  "kexec_load",
                                  "kexec_file_load",
                                  "init_module",
                                  "finit_module",
                                  "mount",
                                  "pivot_root",
                                  "chroot",
                                  "setns",
                                  "unshare",
                                  "pidfd_getfd",
                                  "userfaultfd"};

// Sockets and terminals, and a guest's security processor (linux/sev-guest.h).
constexpr unsigned long devices[] = {FIONBIO, FIONREAD, TCGETS, 0xC0205300, 0xC0205301, 0xC0205302};

struct Release {
    void operator()(scmp_filter_ctx context) const noexcept { seccomp_release(context); }
};

/// Collects the first failure: every rule counts.
class Filter {
public:
    Filter() : context_(seccomp_init(SCMP_ACT_ERRNO(EPERM))) {
        if (!context_) failed_ = -ENOMEM;
    }
    void add(std::uint32_t action, char const* name) {
        auto const call = seccomp_syscall_resolve_name(name);
        if (call == __NR_SCMP_ERROR || failed_ != 0) return;  // a call that this machine has not
        failed_ = seccomp_rule_add(context_.get(), action, call, 0);
    }
    template <class... Conditions>
    void allow(char const* name, Conditions... conditions) {
        if (failed_ != 0) return;
        failed_ =
            seccomp_rule_add(context_.get(), SCMP_ACT_ALLOW, seccomp_syscall_resolve_name(name),
                             sizeof...(conditions), conditions...);
    }
    /// 0, or a negative errno.
    [[nodiscard]] int load() {
        // Of threads that run already too.
        if (failed_ == 0) failed_ = seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_TSYNC, 1);
        if (failed_ == 0) failed_ = seccomp_load(context_.get());
        return failed_;
    }

private:
    std::unique_ptr<void, Release> context_;
    int failed_ = 0;
};

}  // namespace

base::Result<void> restrict_system_calls() {
    Filter filter;
    for (auto const* name : allowed) filter.add(SCMP_ACT_ALLOW, name);
    for (auto const* name : deadly) filter.add(SCMP_ACT_KILL_PROCESS, name);
    for (auto const request : devices) filter.allow("ioctl", SCMP_A1(SCMP_CMP_EQ, request));
    for (auto const* name : {"mmap", "mprotect"})
        for (auto const right : {PROT_WRITE, PROT_EXEC})
            filter.allow(name, SCMP_A2(SCMP_CMP_MASKED_EQ, static_cast<scmp_datum_t>(right), 0));
    filter.allow("clone", SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
    filter.add(SCMP_ACT_ERRNO(ENOSYS), "clone3");  // whose flags are in memory: libc takes clone
    filter.allow("prctl", SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));
    filter.allow("prctl", SCMP_A0(SCMP_CMP_EQ, PR_SET_VMA));
    for (auto const* name : {"kill", "tgkill"})
        filter.allow(name, SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(::getpid())));
    filter.allow("prlimit64", SCMP_A2(SCMP_CMP_EQ, 0));  // to read, not to set
    if (auto const failed = filter.load(); failed != 0)
        return base::fail(base::Errc::unavailable, "no_syscall_filter",
                          std::string("seccomp: ") + std::strerror(-failed));
    return {};
}

}  // namespace obscura::citadel
