#include "simulation/judge.hpp"

#include "model/intake.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace obscura::simulation {
namespace {

using base::Quantity;

/// An exit that nothing held up is at the venue by then, measured from the signal, the end of the
/// order before it, or the last fault.
constexpr microseconds exit_limit = 12s;
/// Opens that no order of ours was made for may be refused for any reason of model::RefusalReason;
/// exits only because there is nothing that the venue would take.
constexpr std::array<std::string_view, 3> nothing_to_sell{"nothing_to_close", "dust_remains",
                                                          "below_min_notional"};
/// Less than the venue trades, or did when it was left: prices move.
bool is_dust(Quantity quantity, base::Price price) {
    return !quantity.is_positive() ||
           notional(price, quantity, base::Rounding::floor) < base::Money(7);
}

}  // namespace

Judge::Judge(World& world, Venue const& venue, Record const& record, Workload const& workload,
             Faults const& faults)
    : world_(world), venue_(venue), record_(record), workload_(workload), faults_(faults) {}

void Judge::complain(std::string kind, std::string what) {
    world_.note(fmt::format("VIOLATION {}: {}", kind, what));
    violations_.push_back({std::move(kind), std::move(what), world_.now()});
}

void Judge::order_taken(Venue::Order const& order, base::Timestamp expires_at) {
    auto const& client_id = order.request.client_order_id;
    auto& same = orders_[client_id];
    same.push_back(&order);
    if (same.size() > 1)
        return complain(
            "doubled", fmt::format("{} orders of {} on {}", same.size(), client_id, order.account));
    auto const* row = record_.leg_of(client_id);
    if (row == nullptr)
        return complain("not_durable", "the venue took " + client_id + ", which is not committed");
    if (row->leg.send_not_after < expires_at)
        complain("not_durable", client_id + " outlives the window that is committed");
    check_order(order, *row);
}

/// What was ordered is what was planned, and comes in the order of the signals.
void Judge::check_order(Venue::Order const& order, Record::LegRow const& row) {
    auto const& leg = row.leg;
    if (order.account != workload_.account_of(leg.subscription) || order.market != leg.market ||
        order.request.symbol != leg.symbol || order.request.side != leg.side ||
        order.request.quantity != leg.quantity)
        complain("altered", "the order of " + leg.client_order_id + " is not its leg");
    if (leg.market == model::Market::futures && !leg.reduce_only) {
        auto const set = venue_.setting(order.account, leg.symbol);
        if (!set.is_isolated || set.leverage != leg.leverage)
            complain("unprepared", "the account of " + leg.client_order_id + " was not set up");
    }
    auto const sequence = record_.signal_of(leg.signal)->signal.sequence;
    auto& last = last_sequence_[{leg.subscription, leg.market, leg.symbol}];
    if (sequence < last)
        complain("order", fmt::format("signal {} after signal {}, {} of {}", sequence, last,
                                      leg.symbol, order.account));
    last = std::max(last, sequence);
}

bool Judge::is_quiet() const {
    return record_.outbox() == 0 &&
           std::ranges::none_of(record_.signals(),
                                [](Record::SignalRow const& row) {
                                    return row.status == "queued" || row.status == "processing";
                                }) &&
           std::ranges::none_of(record_.legs(),
                                [](auto const& entry) { return !entry.second.leg.is_final(); });
}

void Judge::close() {
    check_trades();
    check_signals();
    check_copies();
    check_legs();
    check_positions();
}

/// Every fill of a leader is recorded once, and nothing else is.
void Judge::check_trades() {
    std::map<std::string, int> recorded;
    for (auto const& trade : record_.trades()) ++recorded[trade.venue_trade_id];
    for (auto const& lead : venue_.leads()) {
        auto const found = recorded.find(lead.trade.venue_trade_id);
        auto const n = found == recorded.end() ? 0 : found->second;
        if (n == 0) complain("lost", "the leader's fill " + lead.trade.venue_trade_id);
        if (n > 1) complain("doubled", "the leader's fill " + lead.trade.venue_trade_id);
        if (found != recorded.end()) recorded.erase(found);
    }
    for (auto const& [id, n] : recorded)
        complain("doubled", "a fill " + id + " that the venue does not know");
}

/// Every fill is one signal in each pool that follows; every acknowledged request is one.
void Judge::check_signals() {
    std::map<std::pair<model::PoolId, std::string>, int> made;
    for (auto const& row : record_.signals()) {
        ++made[{row.signal.pool, row.signal.source_id}];
        if (row.status == "queued" || row.status == "processing")
            complain("unresolved", fmt::format("signal {} is {}", row.signal.sequence, row.status));
    }
    if (record_.outbox() > 0)
        complain("unresolved", fmt::format("{} rows in the outbox", record_.outbox()));
    auto const expect_one = [&](model::PoolId pool, std::string const& source) {
        auto const n = made[{pool, source}];
        if (n == 0) complain("lost", "no signal of " + source);
        if (n > 1) complain("doubled", fmt::format("{} signals of {}", n, source));
    };
    for (auto const& trade : record_.trades())
        for (auto const& leader : record_.leaders)
            if (leader.connection == trade.connection)
                for (auto const& pool : leader.pools) expect_one(pool, model::source_id_of(trade));
    for (auto const& id : acknowledged_) expect_one(workload_.tenants_pool, "x:" + id);
    for (auto const& signal : workload_.signals)
        if (!acknowledged_.contains(signal.external_id))
            complain("unresolved", "the tenant was never told of " + signal.external_id);
}

/// Every signal has one copy on each active subscription of its pool, and it has ended.
void Judge::check_copies() {
    for (auto const& row : record_.signals())
        for (auto const& follower : record_.followers) {
            auto const& s = follower.subscription;
            if (s.pool != row.signal.pool) continue;
            std::size_t n = 0;
            for (auto const& copy : record_.copies())
                if (copy.signal == row.signal.id && copy.subscription == s.id) {
                    ++n;
                    check_copy(row, copy);
                }
            auto const which = fmt::format("copy of signal {} on {}", row.signal.sequence,
                                           follower.credentials.context);
            if (n == 0) complain("lost", "no " + which);
            if (n > 1) complain("doubled", which);
        }
}

void Judge::check_copy(Record::SignalRow const& row, Record::CopyRow const& copy) {
    auto const which = fmt::format("copy of signal {} on {}", row.signal.sequence,
                                   workload_.account_of(copy.subscription));
    if (copy.status == "open" || copy.status == "waiting")
        complain("unresolved", which + " is " + copy.status);
    if (copy.status == "alarmed") complain("alarmed", which + ": " + copy.reason);
    // Of a flip that found nothing to close only the open was refused.
    if (copy.status == "refused" && row.signal.is_reducing() && !row.signal.may_open() &&
        std::ranges::find(nothing_to_sell, copy.reason) == nothing_to_sell.end())
        complain("exit_blocked", which + ": " + copy.reason);
    if (copy.status == "rejected" && row.signal.is_reducing() && !row.signal.may_open())
        complain("exit_blocked", which + ": " + copy.reason);
}

void Judge::check_legs() {
    std::map<model::CopyId, std::map<int, Record::LegRow const*>> copies;
    for (auto const& [id, row] : record_.legs()) {
        if (!copies[row.leg.copy].emplace(row.leg.seq, &row).second)
            complain("doubled", "two legs of a copy");
        check_leg(row);
    }
    for (auto const& [copy, legs] : copies) check_sequence(legs);
    for (auto const& [client_id, orders] : orders_)
        if (record_.leg_of(client_id) == nullptr)
            complain("doubled", "an order " + client_id + " that belongs to no leg");
}

/// One leg follows another of its copy only when that one continues, and after its end.
void Judge::check_sequence(std::map<int, Record::LegRow const*> const& legs) {
    Record::LegRow const* before = nullptr;
    Quantity closed{};
    for (auto const& [seq, row] : legs) {
        // Whatever it takes to close it, it is no more than the first order said.
        if (row->leg.reduce_only) closed += row->executed_quantity;
        if (closed > legs.begin()->second->leg.quantity)
            complain("doubled", row->leg.client_order_id + " closed more than its copy was to");
        if (before != nullptr && (!before->leg.continues || !before->leg.is_final()))
            complain("doubled",
                     "a leg after " + before->leg.client_order_id + ", which is the last");
        auto const orders = orders_.find(row->leg.client_order_id);
        if (before != nullptr && orders != orders_.end() && before->ended_at &&
            World::start + orders->second.front()->taken_at < *before->ended_at)
            complain("order",
                     row->leg.client_order_id + " went out before the leg before it ended");
        before = row;
    }
}

/// The record's end of a leg is the venue's.
void Judge::check_leg(Record::LegRow const& row) {
    auto const& leg = row.leg;
    if (!leg.is_final())
        return complain("unresolved",
                        fmt::format("leg {} is {}", leg.client_order_id, to_string(leg.state)));
    auto const found = orders_.find(leg.client_order_id);
    Quantity executed{};
    if (found != orders_.end())
        for (auto const* order : found->second) executed += order->executed;
    if (executed != row.executed_quantity)
        complain("lost", fmt::format("{}: the venue executed {}, the record says {} ({})",
                                     leg.client_order_id, executed.to_string(),
                                     row.executed_quantity.to_string(), to_string(leg.state)));
    if (leg.state == model::LegState::filled && !executed.is_positive())
        complain("lost", leg.client_order_id + " is filled, and the venue has no fill of it");
    if (found != orders_.end()) check_exit_in_time(row, *found->second.front());
}

/// An exit waits for the order before it and for faults to pass, and for nothing else.
void Judge::check_exit_in_time(Record::LegRow const& row, Venue::Order const& order) {
    if (!row.leg.reduce_only) return;
    auto const since = [](base::Timestamp t) {
        return std::chrono::duration_cast<microseconds>(t - World::start);
    };
    auto from =
        std::max(since(record_.signal_of(row.leg.signal)->stored_at), faults_.quiet_after());
    for (auto const& [id, other] : record_.legs())
        if (other.leg.subscription == row.leg.subscription && id != row.leg.id && other.ended_at &&
            since(*other.ended_at) <= order.taken_at)
            from = std::max(from, since(*other.ended_at));
    if (order.taken_at > from + exit_limit)
        complain("exit_blocked", fmt::format("{} was sold after {} s", row.leg.client_order_id,
                                             (order.taken_at - from).count() / 1'000'000));
}

/// Positions are what the venue says. Where no leader holds anything, nobody does.
void Judge::check_positions() {
    for (auto const& follower : record_.followers)
        for (auto const* listing : {&venue_.listing, &venue_.contracts})
            for (auto const& instrument : *listing) check_position(follower, instrument);
}

void Judge::check_position(Record::Follower const& follower, model::Instrument const& instrument) {
    auto const& symbol = instrument.symbol;
    auto const& account = follower.credentials.context;
    auto const found =
        record_.positions().find({follower.subscription.id, instrument.market, symbol});
    auto const ours = found == record_.positions().end() ? Quantity{} : found->second.quantity;
    auto const theirs = venue_.held(account, instrument.market, symbol);
    auto const what = fmt::format("{} {}", to_string(instrument.market), symbol);
    if (ours != theirs)
        complain("lost", fmt::format("{} holds {} {}, the record says {}", account,
                                     theirs.to_string(), what, ours.to_string()));
    // A contract pays no fee in what it is of: it is closed to the last.
    bool const is_spot = instrument.market == model::Market::spot;
    if (is_spot ? !is_dust(theirs, venue_.price(symbol)) : !theirs.is_zero())
        complain("exit_blocked",
                 fmt::format("{} still holds {} {}", account, theirs.to_string(), what));
}

}  // namespace obscura::simulation
