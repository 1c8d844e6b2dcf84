#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "model/position_count.hpp"
#include "ports/copy_store.hpp"
#include "ports/lease_store.hpp"
#include "ports/signal_store.hpp"
#include "ports/trade_store.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace obscura::simulation {

/// What PostgreSQL holds, and the rules of its statements (src/store): what is unique, what the
/// epoch fences, what a repetition changes. Every function is one committed transaction, or throws
/// and changes nothing. tests/contract holds it and PostgreSQL to the same answers.
class Record {
public:
    struct Pool {
        model::PoolId id{};
        model::TenantId tenant{};
        std::string status = "active";
    };
    struct Leader {
        model::TraderId trader{};
        model::ConnectionId connection{};
        std::vector<model::PoolId> pools;
    };
    struct Follower {
        model::Subscription subscription;
        std::string venue = "binance";
        ports::LegCredentials credentials;
    };
    struct SignalRow {
        model::Signal signal;
        std::string status = "queued";
        std::string body;  ///< of a tenant's request, canonical
        std::optional<base::Timestamp> completed_at{};
        base::Timestamp stored_at{};                    ///< by the record's own clock
        std::optional<model::SubscriptionId> cursor{};  ///< planned up to it; there are more
    };
    struct CopyRow {
        model::CopyId id{};
        model::SignalId signal{};
        model::SubscriptionId subscription{};
        std::string status;
        std::string reason;
    };
    struct LegRow {
        model::Leg leg;
        base::Money reserved{};
        ports::Epoch epoch = 0;
        std::string venue_order_id;
        base::Quantity executed_quantity{};
        base::Money executed_quote{};
        std::string evidence;
        std::optional<base::Timestamp> ended_at{};  ///< by the record's own clock
    };
    struct Position {
        base::Quantity quantity{};
        base::Quantity target{};
        base::Money cost{};
        base::Money realised{};
        // Futures
        base::Money entry_quote{};
        model::PositionSide side = model::PositionSide::both;
        int leverage = 1;
    };
    using Place = std::tuple<model::SubscriptionId, model::Market, std::string>;  ///< and symbol
    struct Lease {
        std::string owner;
        ports::Epoch epoch = 0;
        base::Timestamp expires_at{};
    };
    /// What a planning transaction has read; `plan_commit` writes from it.
    struct PlanRead {
        bool is_over = false;                           ///< the signal needs no planning any more
        std::optional<model::SubscriptionId> cursor{};  ///< where the next part begins; none: whole
        std::vector<ports::ArmedLeg> unsent;
        std::vector<model::Signal> earlier;
        std::vector<ports::PlanCandidate> candidates;
    };

    explicit Record(std::chrono::milliseconds open_lifetime) : open_lifetime_(open_lifetime) {}

    // Set up by others
    std::function<base::Timestamp()> clock = [] { return base::Timestamp{}; };
    std::vector<Pool> pools;
    std::vector<Leader> leaders;
    std::vector<Follower> followers;
    std::size_t part_size = ports::default_part_size;
    bool ignores_lines = false;  ///< a planted bug: nothing stands before a signal

    // The lease
    [[nodiscard]] std::optional<ports::Epoch> acquire(std::string const& name,
                                                      std::string const& owner,
                                                      std::chrono::milliseconds ttl,
                                                      base::Timestamp db_now);
    [[nodiscard]] bool renew(std::string const& name, ports::Epoch epoch,
                             std::chrono::milliseconds ttl, base::Timestamp db_now);
    void release(std::string const& name, ports::Epoch epoch, base::Timestamp db_now);
    /// Throws Fenced.
    void hold(ports::Epoch epoch) const;

    // sentinel's
    [[nodiscard]] std::vector<model::Trade> append(ports::FeedDelivery batch);
    [[nodiscard]] std::vector<ports::FeedCursor> cursors(model::ConnectionId connection) const;

    // Signals
    [[nodiscard]] ports::SignalStore::Moved move_trades(std::size_t limit, base::Timestamp now,
                                                        base::Random& random);
    [[nodiscard]] base::Result<ports::SignalStore::Accepted> accept(
        ports::Caller const& caller, model::PoolId pool, model::SignalRequest const& request,
        model::SignalSource source, base::Timestamp now, base::Random& random);
    [[nodiscard]] std::vector<model::Signal> unfinished(std::size_t limit) const;
    [[nodiscard]] std::vector<model::Signal> forgotten(base::Timestamp before, base::Timestamp now,
                                                       std::size_t limit) const;

    // Copies
    [[nodiscard]] PlanRead plan_read(ports::Epoch epoch, model::Signal const& signal,
                                     base::Timestamp now) const;
    /// Whether copies of the signal wait.
    bool plan_commit(ports::Epoch epoch, model::Signal const& signal,
                     std::vector<ports::PlannedCopy> const& planned,
                     std::optional<model::SubscriptionId> cursor, base::Timestamp now);
    [[nodiscard]] bool is_waiting(model::SignalId signal) const;
    [[nodiscard]] std::vector<model::Signal> record(ports::Epoch epoch,
                                                    std::vector<ports::LegRecord> records);
    void end_signals(ports::Epoch epoch, std::vector<ports::LegRecord> const& records,
                     base::Timestamp now);
    void rearm(ports::Epoch epoch, std::vector<model::Leg> const& legs);
    [[nodiscard]] std::vector<ports::ArmedLeg> unresolved(ports::Epoch epoch) const;

    // For judges and contracts
    [[nodiscard]] std::vector<SignalRow> const& signals() const { return signals_; }
    [[nodiscard]] std::vector<CopyRow> const& copies() const { return copies_; }
    [[nodiscard]] std::map<model::LegId, LegRow> const& legs() const { return legs_; }
    [[nodiscard]] std::vector<model::Trade> const& trades() const { return trades_; }
    [[nodiscard]] std::map<Place, Position> const& positions() const { return positions_; }
    [[nodiscard]] std::size_t outbox() const { return outbox_.size(); }
    [[nodiscard]] Lease const& lease() const { return lease_; }
    [[nodiscard]] LegRow const* leg_of(std::string const& client_order_id) const;
    [[nodiscard]] SignalRow const* signal_of(model::SignalId id) const;
    /// The outbox without an inbox behind it: what planted bugs do.
    std::deque<model::Trade>& outbox_rows() { return outbox_; }

private:
    [[nodiscard]] SignalRow& row_of(model::SignalId id);
    [[nodiscard]] CopyRow* copy_of(model::SignalId signal, model::SubscriptionId subscription);
    [[nodiscard]] CopyRow const* copy_of(model::SignalId signal,
                                         model::SubscriptionId subscription) const;
    [[nodiscard]] ports::ArmedLeg armed(LegRow const& row) const;
    [[nodiscard]] std::optional<ports::PlanCandidate> candidate(Follower const& follower,
                                                                model::Signal const& signal,
                                                                bool is_first,
                                                                base::Timestamp now) const;
    [[nodiscard]] bool overtakes(model::Signal const& signal, model::SubscriptionId id) const;
    [[nodiscard]] std::optional<model::SubscriptionId> end_of_part(
        model::PoolId pool, std::optional<model::SubscriptionId> cursor) const;
    void mark_planned(SignalRow& row, base::Timestamp now);
    void add_gone(ports::LegRecord& record) const;
    void note_opens(std::vector<ports::LegRecord> const& records);
    void apply_fills(std::vector<ports::LegRecord> const& records);
    void apply_contract_fills(std::vector<ports::LegRecord> const& records);
    [[nodiscard]] int legs_of(model::CopyId copy) const;
    [[nodiscard]] bool is_in_use(Follower const& by, model::Signal const& signal) const;
    void end_leg(LegRow& row);
    [[nodiscard]] model::PositionCount count_of(model::Trade const& like,
                                                std::set<model::TradeId> const& coming) const;

    std::chrono::milliseconds open_lifetime_;
    Lease lease_;
    std::vector<model::Trade> trades_;
    std::set<model::TradeId> trade_ids_;
    std::map<std::tuple<model::ConnectionId, model::Market, std::string>, ports::FeedCursor>
        cursors_;
    std::deque<model::Trade> outbox_;
    std::set<std::string> outbox_keys_;
    std::set<std::string> inbox_;
    std::vector<SignalRow> signals_;
    std::int64_t last_sequence_ = 0;
    /// Whose, of which pool, in what.
    using LeaderPlace =
        std::tuple<model::PoolId, std::string, model::Market, std::string, model::PositionSide>;
    std::map<LeaderPlace, base::Quantity> leader_positions_;
    std::vector<CopyRow> copies_;
    std::map<model::LegId, LegRow> legs_;
    std::set<std::tuple<model::ConnectionId, model::Market, std::string, std::string>> fills_;
    /// Of a subscription's fills of its own orders, by their side: the newest.
    std::map<std::pair<Place, model::Side>, base::Timestamp> last_fills_;
    std::map<Place, Position> positions_;
    std::map<std::pair<model::SubscriptionId, std::int64_t>, base::Money> days_;
};

/// The UTC day, as subscription_days has it.
[[nodiscard]] std::int64_t day_of(base::Timestamp t);

}  // namespace obscura::simulation
