#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace obscura::net::detail {

/// A movable deadline for one connection. Re-arming to a later time costs no timer operation, which
/// is what a keep-alive connection does with each request. Event-loop thread only.
class Deadline {
public:
    using Clock = std::chrono::steady_clock;

    /// `on_expiry` runs on the loop, once for each time that it was armed; never after destruction.
    Deadline(boost::asio::any_io_executor executor, std::function<void()> on_expiry);
    ~Deadline();
    Deadline(Deadline const&) = delete;
    Deadline& operator=(Deadline const&) = delete;

    void arm(Clock::time_point at);
    void arm_after(std::chrono::milliseconds duration);
    void disarm();
    /// Whether it has run out since it was last armed.
    [[nodiscard]] bool expired() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace obscura::net::detail
