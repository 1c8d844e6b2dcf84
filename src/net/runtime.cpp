#include "net/runtime.hpp"

#include "base/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <list>
#include <optional>

namespace asio = boost::asio;

namespace obscura::net {

namespace {

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

/// Far enough to be "never", near enough not to overflow the timer's clock.
std::chrono::milliseconds bounded(std::chrono::milliseconds duration) {
    return std::min<std::chrono::milliseconds>(duration, std::chrono::hours(24 * 365));
}

/// Each loop's own: the loop's context keeps it.
class WaitSourceOfLoop final : public asio::execution_context::service {
public:
    static inline asio::execution_context::id id;
    explicit WaitSourceOfLoop(asio::execution_context& loop) : service(loop) {}
    WaitSource* source = nullptr;

private:
    void shutdown() override {}
};

WaitSource* source_of(asio::any_io_executor const& executor) {
    auto& loop = asio::query(executor, asio::execution::context);
    return asio::use_service<WaitSourceOfLoop>(loop).source;
}

/// One wait that can be ended early, by this machine's time or by the loop's own source.
class Wait {
public:
    Wait(asio::any_io_executor const& executor, std::chrono::milliseconds duration)
        : source_(source_of(executor)), duration_(bounded(duration)) {
        if (source_ == nullptr) timer_.emplace(executor, duration_);
    }
    [[nodiscard]] Task<void> run() {
        if (timer_)
            co_await timer_->async_wait(quietly);
        else
            co_await run_by_source();
    }
    void end() {
        if (timer_)
            timer_->cancel();
        else
            source_->end(ticket_);
    }

private:
    [[nodiscard]] Task<void> run_by_source() {
        auto start = [this](auto done) {
            auto slot = asio::get_associated_cancellation_slot(done);
            ticket_ = source_->begin(duration_,
                                     [on_end = std::move(done)]() mutable { std::move(on_end)(); });
            if (slot.is_connected())
                slot.assign([source = source_, ticket = ticket_](asio::cancellation_type) {
                    source->end(ticket);
                });
        };
        return asio::async_initiate<asio::use_awaitable_t<> const, void()>(std::move(start),
                                                                           asio::use_awaitable);
    }

    WaitSource* source_;
    std::chrono::milliseconds duration_;
    std::optional<asio::steady_timer> timer_;
    WaitSource::Ticket ticket_ = 0;
};

}  // namespace

void wait_by(asio::execution_context& loop, WaitSource& source) {
    asio::use_service<WaitSourceOfLoop>(loop).source = &source;
}

Task<void> sleep_for(std::chrono::milliseconds duration) {
    Wait wait(co_await asio::this_coro::executor, duration);
    co_await wait.run();
}

struct Event::State {
    struct Waiter {
        Wait wait;
        bool woken = false;
    };

    asio::any_io_executor executor;
    bool notified = false;
    std::list<Waiter*> waiters;  ///< each lives in the frame of its `wait`

    static Task<bool> wait(std::shared_ptr<State> self, std::chrono::milliseconds timeout) {
        if (std::exchange(self->notified, false)) co_return true;
        Waiter waiter{Wait(self->executor, timeout)};
        auto const place = self->waiters.insert(self->waiters.end(), &waiter);
        struct Leave {
            State& state;
            std::list<Waiter*>::iterator place;
            ~Leave() { state.waiters.erase(place); }
        } const leave{*self, place};
        co_await waiter.wait.run();
        co_return waiter.woken;
    }
};

Event::Event(asio::any_io_executor executor) : state_(std::make_shared<State>()) {
    state_->executor = std::move(executor);
}
Event::~Event() = default;

void Event::notify() {
    if (state_->waiters.empty()) {
        state_->notified = true;
        return;
    }
    for (auto* waiter : state_->waiters) {
        waiter->woken = true;
        waiter->wait.end();
    }
}

Task<bool> Event::wait(std::chrono::milliseconds timeout) { return State::wait(state_, timeout); }

struct Scope::State {
    struct Running {
        std::string name;
        asio::cancellation_signal cancel;
    };
    using Place = std::list<std::shared_ptr<Running>>::iterator;

    explicit State(asio::any_io_executor e) : executor(e), changed(std::move(e)) {}

    asio::any_io_executor executor;
    std::list<std::shared_ptr<Running>> running;
    bool stopping = false;
    Event changed;

    void ended(Place place, std::exception_ptr failure) {
        auto const entry = std::move(*place);
        running.erase(place);
        if (failure) report(entry->name, failure);
        if (running.empty()) changed.notify();
    }

    void report(std::string const& name, std::exception_ptr failure) const {
        try {
            std::rethrow_exception(failure);
        } catch (boost::system::system_error const& e) {
            if (stopping && e.code() == asio::error::operation_aborted) return;
            base::log::error("scope.coroutine_failed", {{"name", name}, {"error", e.what()}});
        } catch (std::exception const& e) {
            base::log::error("scope.coroutine_failed", {{"name", name}, {"error", e.what()}});
        }
    }

    static Task<void> wait_until_empty(std::shared_ptr<State> self, bool cancelling) {
        while (!self->running.empty()) {
            if (cancelling) {
                // A coroutine may have started to wait for something new, or have reset its
                // cancellation state: tell it again until it has ended.
                auto const targets = self->running;
                for (auto const& entry : targets) {
                    entry->cancel.emit(asio::cancellation_type::terminal);
                }
            }
            auto const patience =
                cancelling ? std::chrono::milliseconds(20) : std::chrono::hours(1);
            co_await self->changed.wait(patience);
        }
    }
};

Scope::Scope(asio::any_io_executor executor)
    : state_(std::make_shared<State>(std::move(executor))) {}

Scope::~Scope() {
    // Their frames own what they use; with the loop gone they never run again.
    if (!state_->running.empty()) {
        base::log::debug("scope.left_running", {{"count", state_->running.size()},
                                                {"first", state_->running.front()->name}});
    }
}

void Scope::spawn(std::string name, Task<void> task) {
    auto const entry = std::make_shared<State::Running>();
    entry->name = std::move(name);
    auto const place = state_->running.insert(state_->running.end(), entry);
    auto const on_end = [state = state_, place](std::exception_ptr failure) {
        state->ended(place, failure);
    };
    asio::co_spawn(state_->executor, std::move(task),
                   asio::bind_cancellation_slot(entry->cancel.slot(), on_end));
}

bool Scope::stopping() const { return state_->stopping; }
std::size_t Scope::running() const { return state_->running.size(); }
Task<void> Scope::join() { return State::wait_until_empty(state_, false); }

Task<void> Scope::stop() {
    state_->stopping = true;
    return State::wait_until_empty(state_, true);
}

}  // namespace obscura::net
