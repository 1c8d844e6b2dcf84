#include "conductor/signal_queue.hpp"

#include <algorithm>

namespace obscura::conductor {

SignalQueue::Rank SignalQueue::rank_of(model::Signal const& signal) {
    int const rank = signal.is_reducing() ? -1 : static_cast<int>(signal.priority);
    return {rank, signal.sequence, signal.pool, signal.symbol};
}

bool SignalQueue::push(model::Signal signal) {
    if (!known_.insert(signal.id).second) return false;
    auto& line = lines_[{signal.pool, signal.symbol}];
    if (!line.empty()) heads_.erase(rank_of(line.front()));
    // Arrivals are nearly always in order; a signal read back after a restart may not be.
    auto const at = std::ranges::upper_bound(line, signal.sequence, {}, &model::Signal::sequence);
    line.insert(at, std::move(signal));
    heads_.insert(rank_of(line.front()));
    ++size_;
    return true;
}

std::optional<model::Signal> SignalQueue::pop() {
    auto const head = std::ranges::find_if(
        heads_, [&](Rank const& rank) { return !busy_.contains(std::get<2>(rank)); });
    if (head == heads_.end()) return std::nullopt;
    auto const line = lines_.find({std::get<2>(*head), std::get<3>(*head)});
    heads_.erase(head);
    auto signal = std::move(line->second.front());
    line->second.pop_front();
    if (line->second.empty())
        lines_.erase(line);
    else
        heads_.insert(rank_of(line->second.front()));
    busy_.insert(signal.pool);
    known_.erase(signal.id);
    --size_;
    return signal;
}

void SignalQueue::done(model::PoolId pool) { busy_.erase(pool); }

}  // namespace obscura::conductor
