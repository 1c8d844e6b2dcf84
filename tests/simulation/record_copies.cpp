// Planning copies and arming legs: what src/store/copy_plan.cpp says in SQL.
#include "simulation/record.hpp"

#include <algorithm>

namespace obscura::simulation {

using base::Money;
using ports::PlannedCopy;

namespace {

bool is_going(Record::CopyRow const& copy) {
    return copy.status == "open" || copy.status == "waiting";
}

}  // namespace

Record::CopyRow const* Record::copy_of(model::SignalId signal,
                                       model::SubscriptionId subscription) const {
    auto const found = std::ranges::find_if(copies_, [&](CopyRow const& c) {
        return c.signal == signal && c.subscription == subscription;
    });
    return found == copies_.end() ? nullptr : &*found;
}
Record::CopyRow* Record::copy_of(model::SignalId signal, model::SubscriptionId subscription) {
    return const_cast<CopyRow*>(std::as_const(*this).copy_of(signal, subscription));
}

Record::LegRow const* Record::leg_of(std::string const& client_order_id) const {
    auto const found = std::ranges::find_if(legs_, [&](auto const& entry) {
        return entry.second.leg.client_order_id == client_order_id;
    });
    return found == legs_.end() ? nullptr : &found->second;
}

ports::ArmedLeg Record::armed(LegRow const& row) const {
    auto const follower = std::ranges::find_if(
        followers, [&](Follower const& f) { return f.subscription.id == row.leg.subscription; });
    return {.leg = row.leg, .credentials = follower->credentials};
}

/// None overtakes: a copy waits for copies of earlier signals that wait.
bool Record::overtakes(model::Signal const& signal, model::SubscriptionId id) const {
    return std::ranges::any_of(copies_, [&](CopyRow const& c) {
        if (c.status != "waiting" || c.subscription != id) return false;
        auto const& earlier = signal_of(c.signal)->signal;
        return earlier.pool == signal.pool && earlier.market == signal.market &&
               earlier.symbol == signal.symbol && earlier.sequence < signal.sequence;
    });
}

std::optional<ports::PlanCandidate> Record::candidate(Follower const& follower,
                                                      model::Signal const& signal, bool is_first,
                                                      base::Timestamp now) const {
    auto const& s = follower.subscription;
    if (s.pool != signal.pool) return std::nullopt;
    Place const place{s.id, signal.market, signal.symbol};
    auto const* known = copy_of(signal.id, s.id);
    ports::PlanCandidate out{
        .subscription = s, .venue = follower.venue, .credentials = follower.credentials};
    for (auto const& [id, row] : legs_)
        if (row.leg.subscription == s.id && !row.leg.is_final()) {
            out.portfolio.open_cost += row.reserved;
            out.has_open_leg =
                out.has_open_leg || Place{s.id, row.leg.market, row.leg.symbol} == place;
        }
    bool const same_symbol = out.has_open_leg;
    for (auto const& [at, position] : positions_)
        if (std::get<model::SubscriptionId>(at) == s.id) {
            out.portfolio.open_cost += position.cost;
            out.portfolio.realised_total += position.realised;
            if (at == place) {
                out.held_side = position.side;
                out.portfolio.quantity = position.quantity;
                out.portfolio.target_quantity = position.target;
            }
        }
    if (auto const day = days_.find({s.id, day_of(now)}); day != days_.end())
        out.portfolio.realised_today = day->second;
    bool const waits = !is_first && known != nullptr && known->status == "waiting";
    using Status = model::SubscriptionStatus;
    bool const exits =
        (s.status == Status::paused || s.status == Status::closing) && signal.is_reducing() &&
        (out.portfolio.quantity.is_positive() || same_symbol ||
         (signal.market == model::Market::futures && out.portfolio.quantity.is_negative()));
    bool const joins = known == nullptr && is_first && (s.status == Status::active || exits);
    if (!waits && !joins) return std::nullopt;
    out.portfolio.is_symbol_in_use = is_in_use(follower, signal);
    if (waits) {
        out.waiting_copy = known->id;
        out.legs_before = legs_of(known->id);
    }
    out.has_open_leg = out.has_open_leg || overtakes(signal, s.id);
    if (s.status != Status::active) out.subscription.status = Status::paused;
    return out;
}

Record::PlanRead Record::plan_read(ports::Epoch epoch, model::Signal const& signal,
                                   base::Timestamp now) const {
    hold(epoch);
    PlanRead read;
    auto const* row = signal_of(signal.id);
    if (row == nullptr) throw std::logic_error("a signal that is not stored was dispatched");
    bool const is_first = row->status == "queued" || row->cursor;
    read.is_over = !is_first && row->status != "processing";
    if (read.is_over) return read;
    for (auto const& other : signals_)
        if (!ignores_lines && (other.status == "queued" || other.cursor) &&
            other.signal.pool == signal.pool && other.signal.market == signal.market &&
            other.signal.symbol == signal.symbol && other.signal.sequence < signal.sequence)
            read.earlier.push_back(other.signal);
    read.is_over = !read.earlier.empty();
    if (read.is_over) return read;
    for (auto const& [id, leg] : legs_)
        if (leg.leg.signal == signal.id && leg.epoch == epoch && leg.leg.attempt == 1 &&
            leg.leg.state == model::LegState::armed)
            read.unsent.push_back(armed(leg));
    auto const after = row->cursor;
    if (is_first) read.cursor = end_of_part(signal.pool, after);
    for (auto const& follower : followers) {
        auto const& id = follower.subscription.id;
        if (is_first && ((after && id <= *after) || (read.cursor && id > *read.cursor))) continue;
        if (auto one = candidate(follower, signal, is_first, now))
            read.candidates.push_back(std::move(*one));
    }
    std::ranges::sort(read.candidates, {},
                      [](ports::PlanCandidate const& c) { return c.subscription.id; });
    return read;
}

void Record::mark_planned(SignalRow& row, base::Timestamp now) {
    std::size_t going = 0;
    std::size_t bad = 0;
    std::size_t filled = 0;
    for (auto const& copy : copies_) {
        if (copy.signal != row.signal.id) continue;
        going += is_going(copy);
        bad += copy.status == "rejected" || copy.status == "alarmed";
        filled += copy.status == "filled";
    }
    row.status = going > 0 || row.cursor ? "processing"
                 : bad == 0              ? "completed"
                 : filled == 0           ? "failed"
                                         : "partial";
    row.completed_at = row.status == "processing" ? std::nullopt : std::optional(now);
}

/// The last subscription of the part after `cursor`; none when that is the last part.
std::optional<model::SubscriptionId> Record::end_of_part(
    model::PoolId pool, std::optional<model::SubscriptionId> cursor) const {
    std::set<model::SubscriptionId> ids;
    for (auto const& [s, venue, credentials] : followers)
        if (s.pool == pool && s.status != model::SubscriptionStatus::closed &&
            (!cursor || s.id > *cursor))
            ids.insert(s.id);
    auto const most = cursor ? part_size : ports::first_part_size(part_size);
    if (ids.size() <= most) return std::nullopt;
    return *std::next(ids.begin(), static_cast<std::ptrdiff_t>(most) - 1);
}

bool Record::is_waiting(model::SignalId signal) const {
    return std::ranges::any_of(
        copies_, [&](CopyRow const& c) { return c.signal == signal && c.status == "waiting"; });
}

bool Record::plan_commit(ports::Epoch epoch, model::Signal const& signal,
                         std::vector<PlannedCopy> const& planned,
                         std::optional<model::SubscriptionId> cursor, base::Timestamp now) {
    hold(epoch);
    for (auto const& copy : planned)
        for (auto const& [id, row] : legs_)
            if (copy.leg && (id == copy.leg->id ||
                             (row.leg.copy == copy.leg->copy && row.leg.seq == copy.leg->seq)))
                throw std::runtime_error("duplicate key value violates a constraint of copy_legs");
    for (auto const& copy : planned) {
        bool const waits = copy.leg ? copy.leg->continues : copy.reason.empty();
        auto const status = waits ? "waiting" : copy.leg ? "open" : "refused";
        auto* known = copy_of(signal.id, copy.subscription.id);
        if (known == nullptr)
            copies_.push_back({copy.id, signal.id, copy.subscription.id, status, copy.reason});
        else if (known->status == "waiting") {
            bool const did_something = !copy.leg && !waits && legs_of(known->id) > 0;
            known->status = did_something ? "filled" : status;
            known->reason = copy.reason;
        }
        bool const is_refused = std::string_view(status) == "refused";
        if (copy.leg || (is_refused && signal.is_reducing()))
            positions_[{copy.subscription.id, signal.market, signal.symbol}].target =
                copy.target_after;
        if (!copy.leg) continue;
        auto leg = *copy.leg;
        leg.state = model::LegState::armed;
        leg.attempt = 1;
        leg.give_up_at.reset();
        if (!leg.reduce_only) leg.give_up_at = signal.accepted_at + open_lifetime_;
        legs_[leg.id] = {
            .leg = leg, .reserved = leg.reduce_only ? Money{} : copy.reserved, .epoch = epoch};
    }
    auto& row = row_of(signal.id);
    row.cursor = cursor;
    mark_planned(row, now);
    return !cursor && is_waiting(signal.id);
}

int Record::legs_of(model::CopyId copy) const {
    return static_cast<int>(
        std::ranges::count_if(legs_, [&](auto const& e) { return e.second.leg.copy == copy; }));
}

/// Another subscription of the account holds the contract, or has an order in it.
bool Record::is_in_use(Follower const& by, model::Signal const& signal) const {
    if (signal.market == model::Market::spot) return false;
    return std::ranges::any_of(followers, [&](Follower const& other) {
        auto const& s = other.subscription;
        if (s.connection != by.subscription.connection || s.id == by.subscription.id) return false;
        Place const place{s.id, signal.market, signal.symbol};
        auto const position = positions_.find(place);
        return (position != positions_.end() && !position->second.quantity.is_zero()) ||
               std::ranges::any_of(legs_, [&](auto const& entry) {
                   auto const& leg = entry.second.leg;
                   return !leg.is_final() &&
                          Place{leg.subscription, leg.market, leg.symbol} == place;
               });
    });
}

}  // namespace obscura::simulation
