#pragma once

#include "net/runtime.hpp"
#include "ports/copy_store.hpp"
#include "ports/lease_store.hpp"
#include "ports/signal_store.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace obscura::test {

/// Copies, signals and the lease as one record in memory, with the rules that the engine relies on:
/// epochs, one copy a signal and subscription, what waits, and calls that fail before or after they
/// took effect.
class MemoryCopies final : public ports::CopyStore,
                           public ports::SignalStore,
                           public ports::LeaseStore {
public:
    struct StoredSignal {
        model::Signal signal;
        std::string status = "queued";
        bool in_outbox = false;
        std::optional<model::SubscriptionId> cursor{};  ///< planned up to it; there are more
    };
    struct StoredCopy {
        model::CopyId id{};
        model::SignalId signal{};
        model::SubscriptionId subscription{};
        std::string status;
        std::string reason;
    };
    struct StoredLeg {
        ports::ArmedLeg armed;
        ports::Epoch epoch = 0;
        std::string evidence;
        int records = 0;
    };
    struct Rearm {
        int attempt = 0;
        base::Timestamp at{};
        base::Timestamp last_expiry{};  ///< of the attempt before
    };
    using Place = std::pair<model::SubscriptionId, std::string>;  // subscription, symbol

    explicit MemoryCopies(base::Clock const& clock) : clock_(clock) {}

    std::vector<model::Subscription> followers;
    std::map<Place, model::Portfolio> positions;
    std::vector<StoredSignal> signals;
    std::vector<StoredCopy> copies;
    std::map<model::LegId, StoredLeg> legs;
    std::vector<Rearm> rearms;  ///< of a new attempt
    int renewals = 0;           ///< rearms of the same attempt
    ports::Epoch epoch = 0;
    std::string owner;
    std::size_t part_size = ports::default_part_size;
    int plans = 0;
    int records = 0;
    /// Called at "plan", "plan.committed", "record", "record.committed", "rearm",
    /// "rearm.committed", "move" and "renew"; what it throws comes out of the call.
    std::function<void(std::string_view)> on_step;

    void take_over() {
        ++epoch;
        owner = "another";
    }
    model::Signal add_signal(model::Signal signal, bool in_outbox) {
        signal.sequence = static_cast<std::int64_t>(signals.size()) + 1;
        signals.push_back({.signal = signal, .in_outbox = in_outbox});
        return signal;
    }
    [[nodiscard]] std::string status_of(model::SignalId id) const { return find(id).status; }
    /// "filled", or "refused signal_expired".
    [[nodiscard]] std::string copy_of(model::SignalId id,
                                      model::SubscriptionId subscription) const {
        for (auto const& copy : copies)
            if (copy.signal == id && copy.subscription == subscription)
                return copy.status + (copy.reason.empty() ? "" : " " + copy.reason);
        return "";
    }
    [[nodiscard]] static std::string context_of(model::Subscription const& subscription) {
        return "context of " + subscription.connection.to_string();
    }

    // CopyStore
    [[nodiscard]] ports::Task<Plan> plan(ports::Epoch at, model::Signal signal, Try which,
                                         Planner planner) override {
        ++plans;
        co_await hop();
        step("plan");
        hold(at);
        auto& stored = find(signal.id);
        Plan plan;
        if (stored.status != "queued" && stored.status != "processing") co_return plan;
        for (auto const& other : signals)
            if ((other.status == "queued" || other.cursor) && !other.in_outbox &&
                other.signal.pool == signal.pool && other.signal.market == signal.market &&
                other.signal.symbol == signal.symbol && other.signal.sequence < signal.sequence)
                plan.earlier.push_back(other.signal);
        if (!plan.earlier.empty()) co_return plan;
        for (auto const& [id, leg] : legs) {
            auto const& l = leg.armed.leg;
            if (which == Try::again && l.signal == signal.id && leg.epoch == at && l.attempt == 1 &&
                l.state == model::LegState::armed)
                plan.unsent.push_back(leg.armed);
        }
        bool const is_first = stored.status == "queued" || stored.cursor;
        auto const part = is_first ? part_after(signal.pool, stored.cursor) : Part{};
        plan.planned = planner(candidates(signal, is_first, part));
        for (auto const& copy : plan.planned) keep(signal, copy, at);
        stored.cursor = part.is_last ? std::nullopt : part.last;
        plan.is_whole = part.is_last;
        settle(stored);
        plan.waits = plan.is_whole && is_waiting(signal.id);
        step("plan.committed");
        co_return plan;
    }
    [[nodiscard]] ports::Task<std::vector<model::Signal>> record(
        ports::Epoch at, std::vector<ports::LegRecord> batch, base::Timestamp) override {
        ++records;
        co_await hop();
        step("record");
        hold(at);
        std::set<model::SubscriptionId> ended;
        for (auto const& r : batch) {
            auto& stored = legs.at(r.leg.id);
            ++stored.records;
            if (stored.armed.leg.is_final()) continue;
            stored.armed.leg.state = r.leg.state;
            if (!r.evidence.empty()) stored.evidence = r.evidence;
            for (auto const& fill : r.fills) apply(r.leg, fill);
            if (r.gone) positions[{r.leg.subscription, r.leg.symbol}].quantity = r.gone->left;
            if (!r.leg.is_final()) continue;
            end_copy(r.leg, stored.evidence);
            ended.insert(r.leg.subscription);
        }
        std::vector<model::Signal> released;
        for (auto const& copy : copies)
            if (copy.status == "waiting" && ended.contains(copy.subscription))
                for (auto const& stored : signals)
                    if (stored.signal.id == copy.signal) released.push_back(stored.signal);
        for (auto& stored : signals)
            if (stored.status == "processing") settle(stored);
        step("record.committed");
        co_return released;
    }
    [[nodiscard]] ports::Task<void> rearm(ports::Epoch at, std::vector<model::Leg> batch) override {
        co_await hop();
        step("rearm");
        hold(at);
        for (auto const& leg : batch) {
            auto& stored = legs.at(leg.id);
            if (stored.armed.leg.attempt < leg.attempt)
                rearms.push_back({leg.attempt, clock_.now(), stored.armed.leg.send_not_after});
            else
                ++renewals;
            stored.armed.leg = leg;
            stored.epoch = at;
        }
        step("rearm.committed");
    }
    [[nodiscard]] ports::Task<std::vector<ports::ArmedLeg>> unresolved(ports::Epoch at) override {
        std::vector<ports::ArmedLeg> out;
        for (auto const& [id, leg] : legs)
            if (leg.epoch < at && !leg.armed.leg.is_final()) out.push_back(leg.armed);
        co_return out;
    }

    // SignalStore
    [[nodiscard]] ports::Task<Moved> move_trades(std::size_t limit) override {
        step("move");
        Moved moved;
        for (auto& stored : signals)
            if (stored.in_outbox && moved.moved < limit) {
                stored.in_outbox = false;
                ++moved.moved;
                moved.signals.push_back(stored.signal);
            }
        co_return moved;
    }
    [[nodiscard]] ports::Task<std::vector<model::Signal>> unfinished(std::size_t limit) override {
        co_return those(limit, [](StoredSignal const& s) {
            return s.status == "queued" || s.status == "processing";
        });
    }
    [[nodiscard]] ports::Task<std::vector<model::Signal>> forgotten(base::Timestamp before,
                                                                    std::size_t limit) override {
        co_return those(limit, [&](StoredSignal const& s) {
            return s.status == "queued" && s.signal.accepted_at < before;
        });
    }
    [[nodiscard]] ports::Task<base::Result<Accepted>> accept(ports::Caller, model::PoolId,
                                                             model::SignalRequest,
                                                             model::SignalSource) override {
        co_return base::fail(base::Errc::not_found, "pool_not_found", "No such pool.");
    }
    [[nodiscard]] ports::Task<base::Result<base::Json>> status(ports::Caller, model::PoolId,
                                                               model::SignalId) override {
        co_return base::fail(base::Errc::not_found, "signal_not_found", "No such signal.");
    }
    [[nodiscard]] ports::Task<base::Result<base::Json>> list(ports::Caller, model::PoolId,
                                                             std::string, int) override {
        co_return base::Json::object({{"data", base::Json::array()}, {"next_cursor", nullptr}});
    }

    // LeaseStore
    [[nodiscard]] ports::Task<std::optional<ports::Epoch>> acquire(
        std::string, std::string wanted, std::chrono::milliseconds) override {
        if (!owner.empty() && owner != wanted) co_return std::nullopt;
        owner = wanted;
        co_return ++epoch;
    }
    [[nodiscard]] ports::Task<bool> renew(std::string, ports::Epoch at,
                                          std::chrono::milliseconds) override {
        step("renew");
        co_return at == epoch;
    }
    ports::Task<void> release(std::string, ports::Epoch at) override {
        if (at == epoch) owner.clear();
        co_return;
    }

private:
    /// Others run between a call and its effect, as they do with a database.
    static ports::Task<void> hop() { return net::sleep_for(std::chrono::milliseconds(0)); }
    void step(std::string_view name) const {
        if (on_step) on_step(name);
    }
    void hold(ports::Epoch at) const {
        if (at != epoch) throw ports::Fenced("the lease is no longer held");
    }
    [[nodiscard]] StoredSignal const& find(model::SignalId id) const {
        for (auto const& stored : signals)
            if (stored.signal.id == id) return stored;
        throw std::logic_error("no such signal");
    }
    StoredSignal& find(model::SignalId id) {
        return const_cast<StoredSignal&>(std::as_const(*this).find(id));
    }
    template <class Predicate>
    std::vector<model::Signal> those(std::size_t limit, Predicate wanted) const {
        std::vector<model::Signal> out;
        for (auto const& stored : signals)
            if (!stored.in_outbox && wanted(stored) && out.size() < limit)
                out.push_back(stored.signal);
        return out;
    }
    StoredCopy* copy(model::SignalId signal, model::SubscriptionId subscription) {
        auto const it = std::ranges::find_if(copies, [&](StoredCopy const& c) {
            return c.signal == signal && c.subscription == subscription;
        });
        return it == copies.end() ? nullptr : &*it;
    }
    [[nodiscard]] bool is_going(Place const& place) const {
        return std::ranges::any_of(legs, [&](auto const& entry) {
            auto const& leg = entry.second.armed.leg;
            return !leg.is_final() && Place{leg.subscription, leg.symbol} == place;
        });
    }
    /// Subscriptions after one and up to another; without: from the first, to the last.
    struct Part {
        std::optional<model::SubscriptionId> after{};
        std::optional<model::SubscriptionId> last{};
        bool is_last = true;
        [[nodiscard]] bool has(model::SubscriptionId id) const {
            return (!after || id > *after) && (!last || id <= *last);
        }
    };
    [[nodiscard]] Part part_after(model::PoolId pool,
                                  std::optional<model::SubscriptionId> cursor) const {
        std::set<model::SubscriptionId> ids;
        for (auto const& s : followers)
            if (s.pool == pool && (!cursor || s.id > *cursor)) ids.insert(s.id);
        auto const most = cursor ? part_size : ports::first_part_size(part_size);
        if (ids.size() <= most) return {.after = cursor};
        return {.after = cursor,
                .last = *std::next(ids.begin(), static_cast<std::ptrdiff_t>(most) - 1),
                .is_last = false};
    }
    [[nodiscard]] bool is_waiting(model::SignalId id) const {
        return std::ranges::any_of(
            copies, [&](StoredCopy const& c) { return c.signal == id && c.status == "waiting"; });
    }
    std::vector<ports::PlanCandidate> candidates(model::Signal const& signal, bool is_first,
                                                 Part const& part) {
        std::vector<ports::PlanCandidate> out;
        for (auto const& s : followers) {
            if (!part.has(s.id)) continue;
            Place const place{s.id, signal.symbol};
            auto const* known = copy(signal.id, s.id);
            bool const waits = !is_first && known != nullptr && known->status == "waiting";
            bool const takes =
                s.status == model::SubscriptionStatus::active ||
                (signal.is_reducing() && (!positions[place].quantity.is_zero() || is_going(place)));
            if (s.pool != signal.pool || !(waits || (known == nullptr && is_first && takes)))
                continue;
            ports::PlanCandidate c{.subscription = s,
                                   .portfolio = positions[place],
                                   .venue = "binance",
                                   .credentials = {.context = context_of(s), .fields = {}},
                                   .has_open_leg = is_going(place)};
            if (auto const side = sides_.find(place); side != sides_.end())
                c.held_side = side->second;
            if (waits) {
                c.waiting_copy = known->id;
                c.legs_before = legs_of(known->id);
            }
            out.push_back(std::move(c));
        }
        return out;
    }
    [[nodiscard]] int legs_of(model::CopyId copy) const {
        return static_cast<int>(std::ranges::count_if(
            legs, [&](auto const& entry) { return entry.second.armed.leg.copy == copy; }));
    }
    void keep(model::Signal const& signal, ports::PlannedCopy const& planned, ports::Epoch at) {
        bool const waits = planned.leg ? planned.leg->continues : planned.reason.empty();
        auto const status = waits                     ? "waiting"
                            : planned.leg             ? "open"
                            : legs_of(planned.id) > 0 ? "filled"
                                                      : "refused";
        auto* known = copy(signal.id, planned.subscription.id);
        if (known == nullptr) {
            copies.push_back({planned.id, signal.id, planned.subscription.id, "", ""});
            known = &copies.back();
        }
        known->status = status;
        known->reason = planned.reason;
        if (planned.leg || (known->status == "refused" && signal.is_reducing()))
            positions[{planned.subscription.id, signal.symbol}].target_quantity =
                planned.target_after;
        if (planned.leg) legs[planned.leg->id] = {{*planned.leg, planned.credentials}, at, "", 0};
    }
    void apply(model::Leg const& leg, ports::VenueFill const& fill) {
        if (!fills_.insert(fill.venue_trade_id).second) return;
        auto& position = positions[{leg.subscription, leg.symbol}];
        auto const fee =
            fill.fee_asset == leg.base_asset ? base::Quantity{fill.fee} : base::Quantity{};
        sides_[{leg.subscription, leg.symbol}] = leg.position_side;
        position.quantity += leg.side == model::Side::buy ? fill.quantity - fee : -fill.quantity;
    }
    void end_copy(model::Leg const& leg, std::string const& evidence) {
        auto* ended = copy(leg.signal, leg.subscription);
        ended->status = leg.continues ? "waiting" : to_string(leg.state);
        if (!leg.continues && leg.state != model::LegState::filled) ended->reason = evidence;
    }
    void settle(StoredSignal& stored) {
        bool const is_over = std::ranges::none_of(copies, [&](StoredCopy const& c) {
            return c.signal == stored.signal.id && (c.status == "open" || c.status == "waiting");
        });
        stored.status = is_over && !stored.cursor ? "completed" : "processing";
    }

    base::Clock const& clock_;
    std::set<std::string> fills_;
    std::map<Place, model::PositionSide> sides_;  ///< that the last orders named
};

}  // namespace obscura::test
