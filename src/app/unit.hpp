#pragma once

#include "app/process.hpp"
#include "net/runtime.hpp"
#include "net/task.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

namespace obscura::app {

/// The stack cannot be started; `what()` is for the operator.
struct StartFailure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// One process of the stack and how it is kept running.
struct UnitSpec {
    std::string name;
    std::string url;  ///< where it is reached, for status
    std::string version;
    /// What to start; asked for anew at each start.
    std::function<ProcessSpec()> process;
    /// "" when it is ready for others, else what is missing. Called until then.
    std::function<net::Task<std::string>()> probe;
    int stop_signal = 0;                              ///< 0: SIGTERM
    std::chrono::milliseconds stop_deadline{15'000};  ///< then SIGKILL
    std::chrono::milliseconds ready_deadline{60'000};
};

/// Keeps one process running: started again with a small backoff whenever it ends, until `stop`.
/// Event-loop thread only.
class Unit {
public:
    /// `changed` is called after every start and end.
    Unit(boost::asio::any_io_executor executor, UnitSpec spec, std::function<void()> changed);
    ~Unit();
    Unit(Unit const&) = delete;
    Unit& operator=(Unit const&) = delete;

    /// Returns when it is ready. Throws StartFailure when it is not in time, or when it ends again
    /// and again before; with `give_up` true as soon as that is so.
    [[nodiscard]] net::Task<void> start(std::function<bool()> give_up);
    /// Signals, waits, kills after the deadline. Returns when the process has ended.
    [[nodiscard]] net::Task<void> stop();

    [[nodiscard]] UnitSpec const& spec() const;
    [[nodiscard]] pid_t pid() const;  ///< 0 between two starts
    [[nodiscard]] int restarts() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace obscura::app
