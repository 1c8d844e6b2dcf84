#include "conductor/signal_queue.hpp"

#include <algorithm>

namespace obscura::conductor {
namespace {

constexpr int reductions_first = -1;

}  // namespace

SignalQueue::Rank SignalQueue::rank_of(Place const& place, Line const& line) {
    auto const& first = line.signals.front();
    auto const rank = line.reductions > 0 ? reductions_first : static_cast<int>(first.priority);
    return {rank, first.sequence, place};
}

bool SignalQueue::push(model::Signal signal) {
    if (!known_.insert(signal.id).second) return false;
    Place const place{signal.pool, signal.market, signal.symbol};
    auto& line = lines_[place];
    if (!line.signals.empty()) heads_.erase(rank_of(place, line));
    if (signal.is_reducing()) ++line.reductions;
    // Arrivals are nearly always in order; a signal read back after a restart may not be.
    auto const at =
        std::ranges::upper_bound(line.signals, signal.sequence, {}, &model::Signal::sequence);
    line.signals.insert(at, std::move(signal));
    heads_.insert(rank_of(place, line));
    ++size_;
    return true;
}

std::optional<model::Signal> SignalQueue::pop(Which which) {
    auto const head = std::ranges::find_if(heads_, [&](Rank const& rank) {
        return !busy_.contains(std::get<model::PoolId>(std::get<Place>(rank))) &&
               (which == Which::all || std::get<0>(rank) == reductions_first);
    });
    if (head == heads_.end()) return std::nullopt;
    auto const entry = lines_.find(std::get<Place>(*head));
    heads_.erase(head);
    auto& line = entry->second;
    auto signal = std::move(line.signals.front());
    line.signals.pop_front();
    if (signal.is_reducing()) --line.reductions;
    if (line.signals.empty())
        lines_.erase(entry);
    else
        heads_.insert(rank_of(entry->first, line));
    busy_.insert(signal.pool);
    known_.erase(signal.id);
    --size_;
    return signal;
}

void SignalQueue::done(model::PoolId pool) { busy_.erase(pool); }

}  // namespace obscura::conductor
