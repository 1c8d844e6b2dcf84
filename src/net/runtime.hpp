#pragma once

#include "net/task.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace obscura::net {

/// What the waits of a loop go by where it is not the time of this machine: a simulation's.
/// Event-loop thread.
class WaitSource {
public:
    using Ticket = std::uint64_t;
    virtual ~WaitSource() = default;
    /// Calls `on_end` once, from the loop and never from in here, after `duration`.
    virtual Ticket begin(std::chrono::milliseconds duration,
                         std::move_only_function<void()> on_end) = 0;
    /// The wait ends now; one that has ended stays so.
    virtual void end(Ticket ticket) = 0;
};
/// From now on `sleep_for` and `Event::wait` on this loop go by `source`, which outlives its waits.
void wait_by(boost::asio::execution_context& loop, WaitSource& source);

/// Waits; returns early (with no error) when the awaiting coroutine's scope is cancelled.
[[nodiscard]] Task<void> sleep_for(std::chrono::milliseconds duration);

/// A wake-up that coroutines wait for: level-triggered, so that a notify before the wait is not
/// lost. Event-loop thread only.
class Event {
public:
    explicit Event(boost::asio::any_io_executor executor);
    ~Event();
    Event(Event const&) = delete;
    Event& operator=(Event const&) = delete;
    void notify();
    /// True when notified, false when `timeout` passed first. Clears the notification.
    [[nodiscard]] Task<bool> wait(std::chrono::milliseconds timeout);

private:
    struct State;
    std::shared_ptr<State> state_;
};

/// Owns the coroutines spawned on it: `stop` cancels them and waits until each has ended. A
/// coroutine that ends with an exception is logged under its name.
class Scope {
public:
    explicit Scope(boost::asio::any_io_executor executor);
    ~Scope();  ///< must be stopped or empty
    Scope(Scope const&) = delete;
    Scope& operator=(Scope const&) = delete;

    void spawn(std::string name, Task<void> task);
    [[nodiscard]] bool stopping() const;
    [[nodiscard]] std::size_t running() const;
    /// Waits until all have ended of themselves.
    [[nodiscard]] Task<void> join();
    [[nodiscard]] Task<void> stop();

private:
    struct State;
    std::shared_ptr<State> state_;
};

/// Threads for work of more than a millisecond (password hashing, proofs). `run` resumes on the
/// event loop; its queue is bounded: nullopt when full.
class CpuPool {
public:
    CpuPool(std::size_t threads, std::size_t max_queued);
    ~CpuPool();
    CpuPool(CpuPool const&) = delete;
    CpuPool& operator=(CpuPool const&) = delete;
    /// False when the queue is full and `work` was not run. Exceptions of `work` come out here.
    [[nodiscard]] Task<bool> run(std::function<void()> work);
    void stop();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Ordered shutdown: steps run last-registered first, each with a deadline, each logged.
class StopSequence {
public:
    void add(std::string name, std::function<Task<void>()> step,
             std::chrono::milliseconds deadline = std::chrono::seconds(10));
    [[nodiscard]] Task<void> run();

private:
    struct Step {
        std::string name;
        std::function<Task<void>()> run;
        std::chrono::milliseconds deadline;
    };
    std::vector<Step> steps_;
};

}  // namespace obscura::net
