#include "app/process.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace asio = boost::asio;

namespace obscura::app {
namespace {

[[noreturn]] void refuse(std::string const& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

/// What the child needs, made before the fork: after it only async-signal-safe calls are allowed.
struct Prepared {
    std::vector<char*> argv;
    std::vector<char*> environment;
    ProcessSpec const* spec = nullptr;
    int log = -1;
    int report = -1;  ///< errno goes back through it; closed by exec
    pid_t parent = 0;
};

std::vector<char*> pointers(std::vector<std::string> const& items) {
    std::vector<char*> result;
    result.reserve(items.size() + 1);
    for (auto const& item : items) result.push_back(const_cast<char*>(item.c_str()));
    result.push_back(nullptr);
    return result;
}

void reset_signals() {
    for (int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGQUIT})
        ::signal(number, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// False with errno set.
bool take_place(Prepared const& p) {
    if (::setpgid(0, 0) != 0) return false;
    reset_signals();
    ::umask(077);
    rlimit limit{0, 0};
    ::setrlimit(RLIMIT_CORE, &limit);  // a core dump would hold secrets
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (p.spec->account) {
        auto const& account = *p.spec->account;
        if (::setgroups(0, nullptr) != 0 || ::setgid(account.gid) != 0 ||
            ::setuid(account.uid) != 0)
            return false;
    }
    // After the change of account, which clears it; and the parent may have died before.
    auto const signal = p.spec->death_signal == 0 ? SIGKILL : p.spec->death_signal;
    if (::prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(signal)) != 0) return false;
    if (::getppid() != p.parent) ::_exit(127);
    int const none = ::open("/dev/null", O_RDONLY);
    if (none < 0 || ::dup2(none, 0) < 0 || ::dup2(p.log, 2) < 0) return false;
    if (!p.spec->shares_stdout && ::dup2(p.log, 1) < 0) return false;
    return ::chdir(p.spec->working_directory.c_str()) == 0;
}

[[noreturn]] void become(Prepared const& p) {
    if (take_place(p)) ::execve(p.argv[0], p.argv.data(), p.environment.data());
    int const error = errno;
    [[maybe_unused]] auto const wrote = ::write(p.report, &error, sizeof error);
    ::_exit(127);
}

pid_t start(ProcessSpec const& spec) {
    std::array<int, 2> report{};
    if (::pipe2(report.data(), O_CLOEXEC) != 0) refuse("pipe");
    int const log = ::open(spec.log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log < 0) {
        auto const error = errno;
        ::close(report[0]);
        ::close(report[1]);
        errno = error;
        refuse(spec.log_file);
    }
    Prepared const prepared{pointers(spec.argv), pointers(spec.environment), &spec, log, report[1],
                            ::getpid()};
    pid_t const pid = ::fork();
    if (pid == 0) become(prepared);
    auto error = pid < 0 ? errno : 0;
    ::close(log);
    ::close(report[1]);
    if (pid > 0 && ::read(report[0], &error, sizeof error) > 0) ::waitpid(pid, nullptr, 0);
    ::close(report[0]);
    if (error != 0) {
        errno = error;
        refuse(spec.argv.front());
    }
    return pid;
}

/// Readable when the process has ended. Asio may report a descriptor ready because of one that was
/// closed a moment ago and had its place: the kernel is asked again.
net::Task<void> wait_until_readable(asio::posix::stream_descriptor& pidfd) {
    pollfd state{pidfd.native_handle(), POLLIN, 0};
    while (::poll(&state, 1, 0) <= 0)
        co_await pidfd.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
}

int open_pidfd(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

}  // namespace

net::Task<void> wait_for_end_of(asio::any_io_executor executor, pid_t pid) {
    int const fd = open_pidfd(pid);
    if (fd < 0) co_return;
    asio::posix::stream_descriptor pidfd(std::move(executor), fd);
    co_await wait_until_readable(pidfd);
}

bool can_reach(Account const& account, std::string const& path) {
    for (std::filesystem::path at = path; at.has_relative_path(); at = at.parent_path()) {
        struct stat info{};
        if (::stat(at.c_str(), &info) != 0) return false;
        auto const bit = info.st_uid == account.uid   ? S_IXUSR
                         : info.st_gid == account.gid ? S_IXGRP
                                                      : S_IXOTH;
        if ((info.st_mode & bit) == 0) return false;
    }
    return true;
}

std::optional<Account> find_account(std::string const& name) {
    passwd const* const entry = ::getpwnam(name.c_str());
    if (entry == nullptr) return std::nullopt;
    return Account{entry->pw_uid, entry->pw_gid};
}

std::string ExitStatus::to_string() const {
    if (!by_signal) return "exit status " + std::to_string(value);
    return "signal " + std::to_string(value) + " (" + ::strsignal(value) + ")";
}

struct Process::State {
    pid_t pid = 0;
    bool ended = false;
    asio::posix::stream_descriptor end;  ///< a pidfd: readable when the process has ended

    State(asio::any_io_executor executor, pid_t p) : pid(p), end(std::move(executor)) {}
};

Process::Process(asio::any_io_executor executor, ProcessSpec const& spec) {
    auto const pid = start(spec);
    state_ = std::make_unique<State>(std::move(executor), pid);
    int const fd = open_pidfd(pid);
    if (fd < 0) {
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        state_->ended = true;
        refuse("pidfd_open");
    }
    state_->end.assign(fd);
}

Process::~Process() {
    if (!state_ || state_->ended) return;
    ::kill(-state_->pid, SIGKILL);
    ::waitpid(state_->pid, nullptr, 0);
}

pid_t Process::pid() const { return state_->pid; }

void Process::signal(int number) {
    if (!state_->ended) ::kill(state_->pid, number);
}

net::Task<ExitStatus> Process::wait() {
    co_await wait_until_readable(state_->end);
    // Not reaped yet, so the group's number cannot belong to anybody else.
    ::kill(-state_->pid, SIGKILL);
    int status = 0;
    ::waitpid(state_->pid, &status, 0);
    state_->ended = true;
    if (WIFSIGNALED(status)) co_return ExitStatus{true, WTERMSIG(status)};
    co_return ExitStatus{false, WEXITSTATUS(status)};
}

}  // namespace obscura::app
