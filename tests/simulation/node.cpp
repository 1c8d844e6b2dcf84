#include "simulation/node.hpp"

#include <boost/asio/detail/concurrency_hint.hpp>
#include <boost/asio/post.hpp>

namespace asio = boost::asio;

namespace obscura::simulation {

Node::Node(World& world, std::string name) : world_(world), name_(std::move(name)), clock_(world) {}
Node::~Node() { kill(); }

void Node::boot() {
    kill();
    is_doomed_ = is_paused_ = false;
    ++life_;
    io_ = std::make_unique<asio::io_context>(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE);
    guard_.emplace(io_->get_executor());
    net::wait_by(*io_, *this);
    world_.note(name_ + " starts");
    running_ = program_(*this);
}

void Node::kill() {
    if (!io_) return;
    // A frame that runs cannot be taken away from under itself.
    if (world_.running() == this)
        is_doomed_ = true;
    else
        bury();
}

void Node::bury() {
    world_.note(name_ + " dies");
    ++life_;
    for (auto& [ticket, timer] : timers_) world_.forget(timer.event);
    // The frames go first, while what they refer to is there; the loop's end takes those in it.
    timers_.clear();
    waiters_.clear();
    guard_.reset();
    io_.reset();
    running_.reset();
    is_doomed_ = is_paused_ = false;
    if (on_death) on_death();
}

void Node::pause() {
    if (!is_up() || is_paused_) return;
    world_.note(name_ + " is stopped");
    is_paused_ = true;
}

void Node::resume() {
    if (!is_paused_) return;
    world_.note(name_ + " goes on");
    is_paused_ = false;
}

bool Node::run_one() {
    if (!io_ || is_paused_) return false;
    bool const ran = io_->poll_one() > 0;
    if (is_doomed_) bury();
    return ran;
}

void Node::answer_arrived(std::uint64_t life, std::uint64_t ticket) {
    if (life != life_ || !io_) return;
    auto const found = waiters_.find(ticket);
    if (found == waiters_.end()) return;
    asio::post(*io_, std::move(found->second));
    waiters_.erase(found);
}

base::Task<void> Node::wait(std::uint64_t ticket) {
    auto start = [this, ticket](auto done) {
        waiters_.emplace(ticket, [on_end = std::move(done)]() mutable { std::move(on_end)(); });
    };
    return asio::async_initiate<asio::use_awaitable_t<> const, void()>(std::move(start),
                                                                       asio::use_awaitable);
}

net::WaitSource::Ticket Node::begin(std::chrono::milliseconds duration,
                                    std::move_only_function<void()> on_end) {
    auto const ticket = ++last_ticket_;
    auto const event = world_.after(duration, [this, ticket] { finish(ticket); });
    timers_.emplace(ticket, Timer{event, std::move(on_end)});
    return ticket;
}

void Node::end(Ticket ticket) {
    auto const found = timers_.find(ticket);
    if (found == timers_.end()) return;
    world_.forget(found->second.event);
    finish(ticket);
}

void Node::finish(Ticket ticket) {
    auto const found = timers_.find(ticket);
    if (found == timers_.end()) return;
    asio::post(*io_, std::move(found->second.on_end));
    timers_.erase(found);
}

}  // namespace obscura::simulation
