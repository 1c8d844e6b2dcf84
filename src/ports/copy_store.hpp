#pragma once

#include "model/closed_elsewhere.hpp"
#include "model/leg.hpp"
#include "model/signal.hpp"
#include "model/sizing.hpp"
#include "ports/lease_store.hpp"
#include "ports/venue.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace obscura::ports {

/// What is needed to sign for a leg's account.
struct LegCredentials {
    std::string context;
    SealedCredentials fields;
};

/// A subscription that has to answer a signal.
struct PlanCandidate {
    model::Subscription subscription;
    model::Portfolio portfolio;
    std::string venue;  ///< of the follower's connection
    LegCredentials credentials;
    /// Planned before: held up by an open leg, or with a leg that continues.
    std::optional<model::CopyId> waiting_copy;
    int legs_before = 0;        ///< of the waiting copy: then the target is the signal's already
    bool has_open_leg = false;  ///< of this subscription, market and symbol
    /// Futures: what the orders of the position that is held name; of none, what its last did.
    model::PositionSide held_side = model::PositionSide::both;
};

/// The answer. `leg` empty and `reason` empty: waits for the open leg. So does a copy with a leg
/// that continues, until that has ended; refused then, it counts as filled, and keeps the reason.
struct PlannedCopy {
    model::CopyId id{};
    model::Subscription subscription;
    std::optional<model::Leg> leg;
    std::string reason;  ///< of a refusal
    std::string limit_bound;
    base::Quantity target_after{};
    LegCredentials credentials;
    base::Money reserved{};  ///< the most an open may lose; 0 for reductions
};

/// An armed leg with what it takes to send it.
struct ArmedLeg {
    model::Leg leg;
    LegCredentials credentials;
};

/// A position is smaller at the venue than in the record: its owner traded by hand, or was
/// liquidated.
struct Gone {
    base::Quantity left{};  ///< what the account holds, signed
    std::vector<model::Trade>
        trades;  ///< of the account in the symbol, the newest: ours and others
};

/// What became of a leg, to be recorded; repeated records are harmless.
struct LegRecord {
    model::Leg leg;  ///< with its new state; a final one `continues` if its copy goes on
    std::string venue_order_id;
    base::Quantity executed_quantity{};
    base::Money executed_quote{};
    std::vector<VenueFill> fills;
    std::optional<Gone> gone;  ///< of an exit that was refused for want of something to close
    std::string evidence;
    std::optional<base::Timestamp> signed_at;
    std::optional<base::Timestamp> sent_at;
    std::optional<base::Timestamp> accepted_at;
};

/// Adds to the record's fills what took away that which is gone from `held`: what the stores do
/// with `gone`, under the lock of the position.
void add_foreign_fills(LegRecord& record, model::HeldElsewhere const& held, base::Timestamp now);

/// Subscriptions that one call plans, unless configured: some twenty milliseconds of work for the
/// record. The first part of a signal is a quarter, so that its first orders go out early.
inline constexpr std::size_t default_part_size = 256;
constexpr std::size_t first_part_size(std::size_t part_size) {
    return part_size < 4 ? 1 : part_size / 4;
}

/// Copies and legs. Every write carries the epoch and throws `Fenced` when another owner took over;
/// it throws too when the database cannot be reached: whether the write took effect is then
/// unknown, and every call may be repeated.
class CopyStore {
public:
    /// From candidates to answers, called inside the planning transaction. Its exception ends that
    /// and comes out.
    using Planner = std::function<std::vector<PlannedCopy>(std::vector<PlanCandidate> const&)>;

    virtual ~CopyStore() = default;
    /// Reads the next candidates of a signal, plans, and commits copies and armed legs together.
    /// Returns what was planned. A signal with many followers is planned in parts, so that the
    /// orders of one are on their way while the next is planned: until `is_whole`, call again.
    /// Once it is, calls plan those whose copy waits; `waits` tells whether any does now.
    ///
    /// `unsent`, of a call that is made again after one that failed: legs that the record still
    /// shows as armed and never sent under this epoch. That is so for those of a failed call whose
    /// commit took effect, and also for those of an earlier call that are at a venue by now: the
    /// caller must know which is which.
    ///
    /// `earlier`, when there are any: committed signals of the same pool, market and symbol that
    /// nobody has planned, or not all of them. They come first; this one was not planned.
    struct Plan {
        std::vector<PlannedCopy> planned;
        std::vector<ArmedLeg> unsent;
        std::vector<model::Signal> earlier;
        bool is_whole = true;
        bool waits = false;
    };
    enum class Try { first, again };
    [[nodiscard]] virtual Task<Plan> plan(Epoch epoch, model::Signal signal, Try which,
                                          Planner planner) = 0;
    /// Commits states, fills, positions, copies and receipts, in one transaction, and then whether
    /// their signals are over. Returns the signals with waiting copies that these records may have
    /// released; one whose exit came short is among them, and nobody may have known that it waits.
    [[nodiscard]] virtual Task<std::vector<model::Signal>> record(Epoch epoch,
                                                                  std::vector<LegRecord> records,
                                                                  base::Timestamp now) = 0;
    /// Commits a new attempt of each leg (attempt, send_not_after, armed).
    [[nodiscard]] virtual Task<void> rearm(Epoch epoch, std::vector<model::Leg> legs) = 0;
    /// Legs that are not final and that an epoch before this one armed.
    [[nodiscard]] virtual Task<std::vector<ArmedLeg>> unresolved(Epoch epoch) = 0;
};

}  // namespace obscura::ports
