#pragma once

#include "model/signal.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>

namespace obscura::conductor {

/// Signals waiting to be planned. Pure. Reductions come first, then by priority, then in order of
/// arrival; within one pool and symbol the order of arrival always holds (what stands before a
/// reduction comes first with it), and one pool is planned by one planner at a time, since the
/// limits of its subscriptions are decided one after the other.
class SignalQueue {
public:
    enum class Which { all, reductions };

    /// False for a signal that is already in it (a second wake-up).
    bool push(model::Signal signal);
    /// The next signal whose pool is idle; its pool is busy until `done`. `Which::reductions` are
    /// the reductions and what stands before them.
    [[nodiscard]] std::optional<model::Signal> pop(Which which = Which::all);
    void done(model::PoolId pool);
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }

private:
    using Place = std::tuple<model::PoolId, model::Market, std::string>;  // and symbol
    struct Line {
        std::deque<model::Signal> signals;
        std::size_t reductions = 0;
    };
    using Rank = std::tuple<int, std::int64_t, Place>;  // class, sequence, line
    static Rank rank_of(Place const& place, Line const& line);

    std::map<Place, Line> lines_;
    std::set<Rank> heads_;
    std::set<model::PoolId> busy_;
    std::set<model::SignalId> known_;
    std::size_t size_ = 0;
};

}  // namespace obscura::conductor
