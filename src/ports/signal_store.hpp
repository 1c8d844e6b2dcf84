#pragma once

#include "model/signal.hpp"
#include "ports/caller.hpp"
#include "ports/signal_intake.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace obscura::ports {

/// Signals on their way in. Throws when the database cannot be reached; every call may be repeated.
class SignalStore {
public:
    virtual ~SignalStore() = default;
    /// Moves up to `limit` outbox trades through the inbox into signals, all in one transaction:
    /// the outbox row ends where the signal begins. Returns the signals made, in order; `moved`
    /// counts outbox rows, also those no pool wanted. Where nobody follows a pool, its signals are
    /// over when they begin.
    struct Moved {
        std::vector<model::Signal> signals;
        std::set<model::PoolId> idle_pools;  ///< their signals need no planning
        std::size_t moved = 0;
    };
    [[nodiscard]] virtual Task<Moved> move_trades(std::size_t limit) = 0;

    /// A tenant's signal. Committed when it returns.
    struct Accepted {
        SignalAccepted answer;
        model::Signal signal;  ///< to dispatch, unless `answer.was_known`
    };
    [[nodiscard]] virtual Task<base::Result<Accepted>> accept(Caller caller, model::PoolId pool,
                                                              model::SignalRequest request,
                                                              model::SignalSource source) = 0;
    /// Everything not completed, in dispatch order: what a start takes up again.
    [[nodiscard]] virtual Task<std::vector<model::Signal>> unfinished(std::size_t limit) = 0;
    /// The oldest signals that were accepted before a moment and that nobody has planned: whoever
    /// accepted them was not the leader, or could not tell it. Those of the future too: whoever
    /// accepted them has a clock before ours, and they may be as old as can be.
    [[nodiscard]] virtual Task<std::vector<model::Signal>> forgotten(
        base::Timestamp accepted_before, std::size_t limit) = 0;
    [[nodiscard]] virtual Task<base::Result<base::Json>> status(Caller caller, model::PoolId pool,
                                                                model::SignalId signal) = 0;
    [[nodiscard]] virtual Task<base::Result<base::Json>> list(Caller caller, model::PoolId pool,
                                                              std::string cursor, int limit) = 0;
};

}  // namespace obscura::ports
