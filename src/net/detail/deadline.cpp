#include "net/detail/deadline.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>

namespace obscura::net::detail {

struct Deadline::State : std::enable_shared_from_this<State> {
    State(boost::asio::any_io_executor executor, std::function<void()> callback)
        : timer(std::move(executor)), on_expiry(std::move(callback)) {}

    static constexpr auto never = Clock::time_point::max();

    boost::asio::steady_timer timer;
    std::function<void()> on_expiry;
    Clock::time_point at = never;
    Clock::time_point scheduled = never;  ///< when the pending wait ends
    bool expired = false;
    unsigned generation = 0;  ///< a wait that ended just before it was replaced is not heard

    void schedule() {
        scheduled = at;
        timer.expires_at(at);
        timer.async_wait([weak = weak_from_this(), mine = ++generation](auto error) {
            auto const self = weak.lock();
            if (!self || error || mine != self->generation) return;
            self->wake();
        });
    }

    void wake() {
        scheduled = never;
        if (at == never) return;
        if (Clock::now() < at) return schedule();
        at = never;
        expired = true;
        on_expiry();
    }
};

Deadline::Deadline(boost::asio::any_io_executor executor, std::function<void()> on_expiry)
    : state_(std::make_shared<State>(std::move(executor), std::move(on_expiry))) {}

Deadline::~Deadline() {
    ++state_->generation;
    state_->timer.cancel();
}

void Deadline::arm(Clock::time_point at) {
    state_->at = at;
    state_->expired = false;
    if (at < state_->scheduled) state_->schedule();
}

void Deadline::arm_after(std::chrono::milliseconds duration) {
    arm(Clock::now() + std::min<std::chrono::milliseconds>(duration, std::chrono::hours(24 * 365)));
}

void Deadline::disarm() { state_->at = State::never; }
bool Deadline::expired() const { return state_->expired; }

}  // namespace obscura::net::detail
