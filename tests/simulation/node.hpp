#pragma once

#include "base/task.hpp"
#include "net/runtime.hpp"
#include "simulation/world.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace obscura::simulation {

class Node;

/// Where a peer puts its answer; the first counts, and none counts after the asker's death.
template <class T>
class Reply {
public:
    struct State {
        std::optional<T> value;
        std::exception_ptr failure;
    };
    Reply(Node& node, std::uint64_t life, std::uint64_t ticket)
        : node_(&node), life_(life), ticket_(ticket), state_(std::make_shared<State>()) {}
    void with(T value) const;
    void fail(std::exception_ptr failure) const;
    template <class E>
    void fail(E failure) const {
        fail(std::make_exception_ptr(std::move(failure)));
    }
    [[nodiscard]] std::shared_ptr<State> state() const { return state_; }

private:
    Node* node_;
    std::uint64_t life_;
    std::uint64_t ticket_;
    std::shared_ptr<State> state_;
};

/// A process: an event loop of its own, a wall clock that may be wrong, and a life that may end at
/// any await. What it does to the world goes through `ask`; a killed one does nothing more.
class Node final : public net::WaitSource {
public:
    /// Builds what the process runs; it lives as long as the process.
    using Program = std::function<std::shared_ptr<void>(Node&)>;

    Node(World& world, std::string name);
    ~Node() override;

    void set_program(Program program) { program_ = std::move(program); }
    std::function<void()> on_death;
    void boot();
    /// kill -9. From its own code: once the handler that runs now is over, and without any effect
    /// of what that still does.
    void kill();
    void pause();
    void resume();

    [[nodiscard]] bool is_up() const { return io_ != nullptr && !is_doomed_; }
    [[nodiscard]] bool is_paused() const { return is_paused_; }
    [[nodiscard]] std::uint64_t life() const { return life_; }
    [[nodiscard]] bool lives(std::uint64_t life) const { return is_up() && life == life_; }
    [[nodiscard]] std::string const& name() const { return name_; }
    [[nodiscard]] World& world() { return world_; }
    [[nodiscard]] boost::asio::io_context& io() { return *io_; }
    [[nodiscard]] base::Clock const& clock() const { return clock_; }
    void step_clock(microseconds by) { clock_.offset += by; }
    [[nodiscard]] microseconds clock_offset() const { return clock_.offset; }

    /// Runs `send` and waits for the answer. Never returns in a killed process.
    template <class T>
    [[nodiscard]] base::Task<T> ask(std::move_only_function<void(Reply<T>)> send);

    bool run_one();
    void answer_arrived(std::uint64_t life, std::uint64_t ticket);

    // net::WaitSource
    Ticket begin(std::chrono::milliseconds duration,
                 std::move_only_function<void()> on_end) override;
    void end(Ticket ticket) override;

private:
    using Waiter = std::move_only_function<void()>;
    struct LocalClock final : base::Clock {
        explicit LocalClock(World const& w) : world(w) {}
        [[nodiscard]] base::Timestamp now() const override { return world.time() + offset; }
        [[nodiscard]] base::Instant steady() const override {
            return base::Instant(1000s + world.now());
        }
        World const& world;
        microseconds offset{0};
    };
    struct Timer {
        World::EventId event;
        Waiter on_end;
    };
    [[nodiscard]] base::Task<void> wait(std::uint64_t ticket);
    void finish(Ticket ticket);
    void bury();

    World& world_;
    std::string const name_;
    LocalClock clock_;
    Program program_;
    std::uint64_t life_ = 0;
    std::uint64_t last_ticket_ = 0;
    bool is_paused_ = false;
    bool is_doomed_ = false;
    std::unique_ptr<boost::asio::io_context> io_;
    std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> guard_;
    std::shared_ptr<void> running_;
    std::map<Ticket, Timer> timers_;
    std::map<std::uint64_t, Waiter> waiters_;
};

template <class T>
void Reply<T>::with(T value) const {
    if (state_->value || state_->failure) return;
    state_->value.emplace(std::move(value));
    node_->answer_arrived(life_, ticket_);
}

template <class T>
void Reply<T>::fail(std::exception_ptr failure) const {
    if (state_->value || state_->failure) return;
    state_->failure = std::move(failure);
    node_->answer_arrived(life_, ticket_);
}

template <class T>
base::Task<T> Node::ask(std::move_only_function<void(Reply<T>)> send) {
    Reply<T> reply(*this, life_, ++last_ticket_);
    auto const ticket = last_ticket_;
    if (!is_doomed_) send(reply);
    co_await wait(ticket);
    auto const state = reply.state();
    if (state->failure) std::rethrow_exception(state->failure);
    co_return std::move(*state->value);
}

}  // namespace obscura::simulation
