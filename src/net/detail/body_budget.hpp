#pragma once

#include <cstddef>
#include <memory>

namespace obscura::net::detail {

/// Bytes of request bodies that one server holds for senders it does not know yet, over all its
/// connections. Event-loop thread.
class BodyBudget {
public:
    /// Bodies above this may fill three quarters: what is large and slow must not keep out the
    /// small ones, which are nearly all.
    static constexpr std::size_t small_body = 16 * 1024;

    explicit BodyBudget(std::size_t limit) : limit_(limit) {}
    [[nodiscard]] std::size_t used() const { return used_; }

private:
    friend class BodyHold;
    std::size_t limit_;
    std::size_t used_ = 0;
};

/// One body's part of the budget, given back with the hold.
class BodyHold {
public:
    explicit BodyHold(std::shared_ptr<BodyBudget> budget) : budget_(std::move(budget)) {}
    ~BodyHold() { budget_->used_ -= bytes_; }
    BodyHold(BodyHold const&) = delete;
    BodyHold& operator=(BodyHold const&) = delete;

    /// False when there is no room; what was held before stays held.
    [[nodiscard]] bool grow_to(std::size_t bytes) {
        if (bytes <= bytes_) return true;
        auto const room =
            bytes > BodyBudget::small_body ? budget_->limit_ / 4 * 3 : budget_->limit_;
        auto const more = bytes - bytes_;
        if (budget_->used_ > room || more > room - budget_->used_) return false;
        budget_->used_ += more;
        bytes_ = bytes;
        return true;
    }

private:
    std::shared_ptr<BodyBudget> budget_;
    std::size_t bytes_ = 0;
};

}  // namespace obscura::net::detail
