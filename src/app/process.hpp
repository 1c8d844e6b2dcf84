#pragma once

#include "net/task.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <sys/types.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace obscura::app {

/// A system account that a child gives up our rights for.
struct Account {
    uid_t uid = 0;
    gid_t gid = 0;
};
[[nodiscard]] std::optional<Account> find_account(std::string const& name);
/// Whether it may pass through every folder down to `path`, and into it or run it.
[[nodiscard]] bool can_reach(Account const& account, std::string const& path);

struct ProcessSpec {
    std::string name;
    std::vector<std::string> argv;         ///< argv[0] is the program's path
    std::vector<std::string> environment;  ///< "NAME=value"; complete, nothing is inherited
    std::string log_file;                  ///< what it writes is appended here
    bool shares_stdout = false;            ///< only stderr goes to the log
    std::string working_directory = "/";
    int death_signal = 0;  ///< the kernel sends it when we end, however we end; 0: SIGKILL
    std::optional<Account> account;
};

/// How a process ended.
struct ExitStatus {
    bool by_signal = false;
    int value = 0;  ///< exit status or signal
    [[nodiscard]] bool is_success() const { return !by_signal && value == 0; }
    [[nodiscard]] std::string to_string() const;  ///< "exit status 1", "signal 9 (Killed)"
};

/// A child process at the head of a process group of its own. Must be made on the main thread: the
/// kernel ties the death signal to the thread that forked. Event-loop thread only.
class Process {
public:
    /// Throws std::system_error when the program cannot be started.
    Process(boost::asio::any_io_executor executor, ProcessSpec const& spec);
    ~Process();  ///< kills what still runs
    Process(Process const&) = delete;
    Process& operator=(Process const&) = delete;

    [[nodiscard]] pid_t pid() const;
    /// To the process alone; does nothing after its end.
    void signal(int number);
    /// Waits for the end, then kills what is left of its group. One waiter.
    [[nodiscard]] net::Task<ExitStatus> wait();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Waits for the end of any process; returns at once when there is none of that id.
[[nodiscard]] net::Task<void> wait_for_end_of(boost::asio::any_io_executor executor, pid_t pid);

}  // namespace obscura::app
