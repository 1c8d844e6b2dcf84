#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace obscura::test {

/// A server that belongs to this test: it dies with this object, and with this process too.
class PrivateProcess {
public:
    struct Options {
        std::string user;           ///< who runs it when we are root; "" = ourselves
        std::filesystem::path log;  ///< its standard output and error
    };
    /// `argv[0]` is looked up in PATH. std::system_error when there is no such user or no process.
    PrivateProcess(std::vector<std::string> argv, Options const& options);
    /// SIGKILL, and waits.
    ~PrivateProcess();
    PrivateProcess(PrivateProcess const&) = delete;
    PrivateProcess& operator=(PrivateProcess const&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }
    void signal(int number) const;
    /// SIGKILL to it and to its children of the moment, and waits for all of them.
    void kill9();
    /// Its exit status (128 + signal for a signal), or nullopt when it runs on.
    [[nodiscard]] std::optional<int> wait(std::chrono::milliseconds timeout);

private:
    pid_t pid_ = -1;
    std::optional<int> status_;
};

/// A folder under /tmp that goes with this object; `user` as above owns it.
class PrivateFolder {
public:
    PrivateFolder(std::string const& prefix, std::string const& user);
    ~PrivateFolder();
    PrivateFolder(PrivateFolder const&) = delete;
    PrivateFolder& operator=(PrivateFolder const&) = delete;
    [[nodiscard]] std::filesystem::path const& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// Nobody listens on it at the moment.
[[nodiscard]] int free_port();
[[nodiscard]] std::string read_text(std::filesystem::path const& path);
/// Between two tries to reach a server that starts.
void pause_briefly();

}  // namespace obscura::test
