#include "support/private_process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

namespace obscura::test {
namespace {

[[noreturn]] void fail(std::string const& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

/// nullopt when no change of user is asked for, or possible.
std::optional<passwd> account(std::string const& user) {
    if (user.empty() || geteuid() != 0) return std::nullopt;
    auto const* found = getpwnam(user.c_str());
    if (found == nullptr) throw std::runtime_error("there is no user " + user);
    return *found;
}

/// In the child, where only system calls are safe.
[[noreturn]] void become(char* const* argv, std::optional<passwd> const& user, int log,
                         pid_t parent) {
    if (user &&
        (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) {
        _exit(126);
    }
    // After the change of user, which clears it.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(126);
    int const in = open("/dev/null", O_RDONLY);
    dup2(in, 0);
    dup2(log, 1);
    dup2(log, 2);
    // Not only ours may be open without close-on-exec, and a server must not hold a test's sockets.
    syscall(SYS_close_range, 3U, ~0U, 0U);
    execvp(argv[0], argv);
    _exit(127);
}

std::vector<pid_t> children_of(pid_t pid) {
    auto const id = std::to_string(pid);
    std::ifstream in("/proc/" + id + "/task/" + id + "/children");
    return {std::istream_iterator<pid_t>(in), {}};
}

}  // namespace

PrivateProcess::PrivateProcess(std::vector<std::string> argv, Options const& options) {
    std::vector<char*> pointers;
    for (auto& argument : argv) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    auto const user = account(options.user);
    int const log = open(options.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log < 0) fail("cannot write " + options.log.string());
    auto const parent = getpid();
    pid_ = fork();
    if (pid_ == 0) become(pointers.data(), user, log, parent);
    close(log);
    if (pid_ < 0) fail("fork");
}

PrivateProcess::~PrivateProcess() { kill9(); }

void PrivateProcess::signal(int number) const {
    if (!status_) ::kill(pid_, number);
}

void PrivateProcess::kill9() {
    if (status_) return;
    // Stopped first, so that the list of its children holds.
    signal(SIGSTOP);
    std::vector<int> children;
    for (auto const child : children_of(pid_)) {
        int const descriptor = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
        if (descriptor >= 0) children.push_back(descriptor);
    }
    signal(SIGKILL);
    for (int const child : children) syscall(SYS_pidfd_send_signal, child, SIGKILL, nullptr, 0);
    static_cast<void>(wait(std::chrono::seconds(30)));
    for (int const child : children) {
        pollfd ended{.fd = child, .events = POLLIN, .revents = 0};
        poll(&ended, 1, 30'000);
        close(child);
    }
}

std::optional<int> PrivateProcess::wait(std::chrono::milliseconds timeout) {
    if (status_) return status_;
    int const descriptor = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
    if (descriptor < 0) fail("pidfd_open");
    pollfd ended{.fd = descriptor, .events = POLLIN, .revents = 0};
    int const ready = poll(&ended, 1, static_cast<int>(timeout.count()));
    close(descriptor);
    if (ready <= 0) return std::nullopt;
    int raw = 0;
    if (waitpid(pid_, &raw, 0) != pid_) fail("waitpid");
    status_ = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
    return status_;
}

PrivateFolder::PrivateFolder(std::string const& prefix, std::string const& user) {
    auto pattern = "/tmp/" + prefix + ".XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) fail("mkdtemp");
    path_ = pattern;
    if (auto const owner = account(user)) {
        if (chown(path_.c_str(), owner->pw_uid, owner->pw_gid) != 0) fail("chown");
    }
}

PrivateFolder::~PrivateFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

int free_port() {
    int const descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    bool const bound = descriptor >= 0 && bind(descriptor, generic, size) == 0 &&
                       getsockname(descriptor, generic, &size) == 0;
    if (descriptor >= 0) close(descriptor);
    if (!bound) fail("no free port");
    return ntohs(address.sin_port);
}

std::string read_text(std::filesystem::path const& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void pause_briefly() { poll(nullptr, 0, 5); }

}  // namespace obscura::test
