#include "app/commands.hpp"
#include "app/files.hpp"
#include "app/state_folder.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace obscura::app {
namespace {

/// Whom Ctrl-C is passed on to while we wait for a daemon that has left our terminal.
sig_atomic_t volatile daemon_pid = 0;

void pass_on(int) {
    if (daemon_pid > 0) ::kill(daemon_pid, SIGTERM);
}

std::array<int, 2> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        throw std::system_error(errno, std::generic_category(), "pipe");
    return ends;
}

/// stdin and stderr leave the terminal at once, stdout when the stack is ready: until then its
/// lines are somebody's progress.
void leave_terminal(StateFolder const& state, int progress) {
    ::setsid();
    rotate_file(state.log("supervisor"), 8 << 20);
    int const log =
        ::open(state.log("supervisor").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int const none = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (log < 0 || none < 0)
        throw std::system_error(errno, std::generic_category(), "supervisor log");
    ::dup2(none, STDIN_FILENO);
    ::dup2(progress, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
}

[[noreturn]] void be_daemon(UpOptions const& options, std::array<int, 2> progress,
                            std::array<int, 2> readiness) {
    int status = 1;
    try {
        ::close(progress[0]);
        ::close(readiness[0]);
        StateFolder const state(options.state);
        leave_terminal(state, progress[1]);
        ::close(progress[1]);
        status = supervise(options, [&] {
            std::fflush(stdout);
            ::dup2(STDERR_FILENO, STDOUT_FILENO);
            [[maybe_unused]] auto const told = ::write(readiness[1], "R", 1);
            ::close(readiness[1]);
        });
    } catch (std::exception const& e) {
        std::printf("  %s\n", e.what());
        std::fflush(stdout);
    }
    std::fflush(nullptr);
    ::_exit(status);
}

/// Copies the daemon's progress lines until it is ready or gone.
void show_progress(int from) {
    std::array<char, 4096> buffer{};
    for (;;) {
        auto const size = ::read(from, buffer.data(), buffer.size());
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return;
        std::fwrite(buffer.data(), 1, static_cast<std::size_t>(size), stdout);
        std::fflush(stdout);
    }
}

bool became_ready(int readiness) {
    char told = 0;
    ssize_t size = 0;
    do {
        size = ::read(readiness, &told, 1);
    } while (size < 0 && errno == EINTR);
    return size == 1;
}

int start_daemon(UpOptions const& options) {
    auto const progress = make_pipe();
    auto const readiness = make_pipe();
    std::fflush(nullptr);
    pid_t const pid = ::fork();
    if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (pid == 0) be_daemon(options, progress, readiness);
    daemon_pid = pid;
    ::close(progress[1]);
    ::close(readiness[1]);
    struct sigaction action{};
    action.sa_handler = pass_on;
    for (int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(number, &action, nullptr);
    show_progress(progress[0]);
    if (became_ready(readiness[0])) return 0;
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}  // namespace

int run_up(UpOptions const& options, bool foreground) {
    StateFolder const state(options.state);
    if (auto const holder = lock_holder(state.path()); holder != 0) {
        std::printf("a stack runs in %s already (process %d)\n", state.path().c_str(), holder);
        return 0;
    }
    if (foreground)
        return supervise(options, [] {
            std::puts("  ready");
            std::fflush(stdout);
        });
    if (auto const status = start_daemon(options); status != 0) return status;
    return run_status({.state = options.state, .logins = true});
}

int run_down(std::string const& state, bool if_running) {
    auto const holder = lock_holder(state);
    if (holder <= 0) {
        if (!if_running) std::fprintf(stderr, "no stack runs in %s\n", state.c_str());
        return if_running ? 0 : 1;
    }
    std::printf("stopping the stack in %s\n", state.c_str());
    std::fflush(stdout);
    if (::kill(holder, SIGTERM) != 0) {
        std::perror("kill");
        return 1;
    }
    // Its own deadlines add up to less.
    for (int tries = 0; tries < 150 * 20; ++tries) {
        if (lock_holder(state) == 0) return 0;
        ::usleep(50'000);
    }
    std::fprintf(stderr, "process %d does not end\n", holder);
    return 1;
}

}  // namespace obscura::app
