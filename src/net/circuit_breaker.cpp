#include "net/circuit_breaker.hpp"

#include <algorithm>

namespace obscura::net {

bool CircuitBreaker::allow(base::Instant now) {
    if (state_ == State::closed) return true;
    if (now < until_) return false;
    state_ = State::half_open;
    until_ = now + pause_;
    return true;
}

void CircuitBreaker::succeeded() {
    state_ = State::closed;
    failures_ = 0;
    pause_ = config_.first_pause;
}

void CircuitBreaker::failed(base::Instant now) {
    switch (state_) {
        case State::closed:
            if (++failures_ >= config_.failures) open(now);
            break;
        case State::half_open:
            pause_ = std::min(pause_ * 2, config_.longest_pause);
            open(now);
            break;
        case State::open:
            break;  // a call from before it opened
    }
}

std::chrono::milliseconds CircuitBreaker::retry_after(base::Instant now) const {
    if (state_ == State::closed || now >= until_) return std::chrono::milliseconds(0);
    return std::chrono::ceil<std::chrono::milliseconds>(until_ - now);
}

void CircuitBreaker::open(base::Instant now) {
    state_ = State::open;
    until_ = now + pause_;
}

}  // namespace obscura::net
