#pragma once

#include "app/api_client.hpp"
#include "app/process.hpp"
#include "app/stack.hpp"
#include "app/state_folder.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace obscura::app {

/// The run cannot go on: the stack does not come up, or somebody interrupted us.
struct ChaosFailure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A stack of its own, started by a supervisor of the executables beside ours, whose processes are
/// there to be killed. Event-loop thread only.
class ChaosStack {
public:
    ChaosStack(boost::asio::any_io_executor executor, std::string const& state_dir);

    /// Before the start: the clock of our services can be stepped, and a takeover is soon over.
    void prepare_faults();
    /// Returns when every service answers. Throws ChaosFailure with the supervisor's last words.
    [[nodiscard]] net::Task<void> start();
    /// Ends everything in order.
    [[nodiscard]] net::Task<void> stop();

    [[nodiscard]] StateFolder const& folder() const { return state_; }
    [[nodiscard]] StackInfo const& info() const { return *info_; }
    /// 0 while there is none.
    [[nodiscard]] pid_t pid(std::string const& process) const;

    /// Sets environment variables ("NAME=value") for one start, or for every start from now on.
    void set_once(std::string const& service, std::string const& variable) const;
    void set_always(std::string const& service, std::string const& variable);
    void forget_once(std::string const& service) const;

    /// SIGKILL; returns when the process is gone. Redis loses its data with it.
    [[nodiscard]] net::Task<void> kill(std::string process) const;
    /// Kills Redis and cuts that many bytes off the end of its file.
    [[nodiscard]] net::Task<void> cut_redis_tail(std::uint64_t bytes) const;
    /// How far the wall clocks of our services are from the venue's, from now on.
    void set_clock_step(std::chrono::microseconds step) const;

    /// Starts a conductor beside the supervised one, which takes over when that one stands still.
    void start_standby();
    /// Kills it, if there is one; the supervised conductor leads as soon as its lease is over.
    [[nodiscard]] net::Task<void> end_standby();
    static constexpr std::string_view standby_name = "standby";

    /// Waits until the process runs under another id than `before`.
    [[nodiscard]] net::Task<void> wait_for_successor(std::string process, pid_t before) const;
    /// Waits until every service answers 200 on /health and the leader is followed live; what is
    /// missing after `patience`, else "".
    [[nodiscard]] net::Task<std::string> wait_healthy(ApiClient& api,
                                                      std::chrono::seconds patience) const;
    /// Waits until the process has stopped (SIGSTOP). False when it does not within five seconds.
    [[nodiscard]] static net::Task<bool> wait_stopped(pid_t process);

    /// Ends of processes by a signal that is not SIGKILL or SIGTERM (crashes), as the supervisor's
    /// log tells them; each is told once.
    [[nodiscard]] std::vector<std::string> new_crashes();

private:
    [[nodiscard]] net::Task<void> watch();
    [[nodiscard]] net::Task<std::string> ailing(ApiClient& api) const;
    [[nodiscard]] std::string log() const { return state_.log("up"); }

    boost::asio::any_io_executor executor_;
    StateFolder state_;
    std::unique_ptr<Process> supervisor_;
    std::unique_ptr<Process> standby_;
    std::map<std::string, std::string> environments_;  ///< lines, by service
    bool has_ended_ = false;
    std::optional<StackInfo> info_;
    std::size_t log_read_ = 0;
};

/// Set by SIGINT, SIGTERM, SIGHUP.
[[nodiscard]] bool chaos_interrupted();
void catch_interrupts();
/// Sleeps; throws ChaosFailure when interrupted.
[[nodiscard]] net::Task<void> nap(std::chrono::milliseconds duration);

}  // namespace obscura::app
