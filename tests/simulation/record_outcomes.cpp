// What became of legs: fills, positions, the ends of copies and signals, as
// src/store/copy_record.cpp says it in SQL.
#include "simulation/record.hpp"

#include "model/contract_position.hpp"

#include <algorithm>

namespace obscura::simulation {

using base::Decimal;
using base::Money;
using base::Quantity;
using base::Rounding;
using model::Leg;
using ports::LegRecord;

namespace {

/// amount * part / whole, rounded once, as numeric does it.
Money part_of(Money amount, Quantity part, Quantity whole) {
    auto const twice = amount.value.raw() * part.value.raw() * 2;
    auto const divisor = whole.value.raw();
    return Money{Decimal::from_raw((twice + divisor) / (2 * divisor))};
}

}  // namespace

/// Of spot, by subscription and symbol: what one batch of new fills does to a position, as one.
void Record::apply_fills(std::vector<LegRecord> const& records) {
    struct Move {
        Quantity delta{};
        Quantity sold{};
        Money paid{};
        Money got{};
        std::optional<base::Timestamp> at;
    };
    std::map<Place, Move> moves;
    for (auto const& r : records)
        for (auto const& fill : r.fills) {
            if (r.leg.market != model::Market::spot ||
                !fills_.insert({r.leg.connection, r.leg.market, r.leg.symbol, fill.venue_trade_id})
                     .second)
                continue;
            auto& move = moves[{r.leg.subscription, r.leg.market, r.leg.symbol}];
            bool const buys = r.leg.side == model::Side::buy;
            auto const quote = notional(fill.price, fill.quantity, Rounding::half_even);
            auto const base_fee = fill.fee_asset == r.leg.base_asset ? fill.fee : Decimal{};
            auto const quote_fee = fill.fee_asset == r.leg.quote_asset ? Money{fill.fee} : Money{};
            move.delta += (buys ? fill.quantity : -fill.quantity) - Quantity{base_fee};
            if (buys)
                move.paid += quote + quote_fee;
            else {
                move.got += quote - quote_fee;
                move.sold += fill.quantity;
            }
            move.at = std::min(move.at.value_or(fill.executed_at), fill.executed_at);
        }
    for (auto const& [place, move] : moves) {
        auto const found = positions_.find(place);
        if (found == positions_.end()) continue;
        auto& p = found->second;
        Money released{};
        if (move.sold.is_positive() && p.quantity.is_positive()) {
            released = move.sold >= p.quantity ? p.cost : part_of(p.cost, move.sold, p.quantity);
        }
        p.quantity += move.delta;
        p.cost += move.paid - released;
        if (!move.sold.is_positive()) continue;
        p.realised += move.got - released;
        days_[{std::get<model::SubscriptionId>(place), day_of(*move.at)}] += move.got - released;
    }
}

/// One fill at a time, in the order given.
void Record::apply_contract_fills(std::vector<LegRecord> const& records) {
    for (auto const& r : records)
        for (auto const& fill : r.fills) {
            auto const& leg = r.leg;
            if (leg.market != model::Market::futures ||
                !fills_.insert({leg.connection, leg.market, leg.symbol, fill.venue_trade_id})
                     .second)
                continue;
            auto const found = positions_.find({leg.subscription, leg.market, leg.symbol});
            if (found == positions_.end()) continue;
            auto& p = found->second;
            auto const fee = fill.fee_asset == leg.quote_asset ? Money{fill.fee} : Money{};
            auto const outcome =
                model::after_fill({p.quantity, p.entry_quote, p.cost}, {.side = leg.side,
                                                                        .price = fill.price,
                                                                        .quantity = fill.quantity,
                                                                        .fee = fee,
                                                                        .leverage = leg.leverage});
            p.quantity = outcome.position.quantity;
            p.entry_quote = outcome.position.entry_quote;
            p.cost = outcome.position.worst_loss;
            p.realised += outcome.realised;
            p.side = leg.position_side;
            if (!leg.reduce_only) p.leverage = leg.leverage;
            days_[{leg.subscription, day_of(fill.executed_at)}] += outcome.realised;
        }
}

/// What took away that which is gone, as src/store/gone_positions.cpp finds it.
void Record::add_gone(LegRecord& record) const {
    auto const& leg = record.leg;
    auto const row = legs_.find(leg.id);
    Place const place{leg.subscription, leg.market, leg.symbol};
    auto const position = positions_.find(place);
    if (row == legs_.end() || row->second.leg.is_final() || position == positions_.end()) return;
    model::HeldElsewhere held{.market = leg.market,
                              .position_side = leg.position_side,
                              .symbol = leg.symbol,
                              .quote_asset = leg.quote_asset,
                              .quantity = position->second.quantity,
                              .left = record.gone->left,
                              .cost = position->second.cost,
                              .entry_quote = position->second.entry_quote,
                              .opened_at = {},
                              .ours = {}};
    if (auto const at = last_fills_.find({place, opposite(leg.side)}); at != last_fills_.end())
        held.opened_at = at->second;
    for (auto const& trade : record.gone->trades)
        if (fills_.contains({leg.connection, leg.market, leg.symbol, trade.venue_trade_id}))
            held.ours.insert(trade.venue_trade_id);
    ports::add_foreign_fills(record, held, clock());
}

void Record::note_opens(std::vector<LegRecord> const& records) {
    for (auto const& r : records)
        for (auto const& fill : r.fills) {
            if (fill.is_foreign) continue;
            Place const place{r.leg.subscription, r.leg.market, r.leg.symbol};
            auto& last = last_fills_[{place, r.leg.side}];
            last = std::max(last, fill.executed_at);
        }
}

void Record::end_leg(LegRow& row) {
    auto const& leg = row.leg;
    auto const copy = std::ranges::find_if(copies_, [&](CopyRow const& c) {
        return c.id == leg.copy && (c.status == "open" || c.status == "waiting");
    });
    if (!leg.is_final() || copy == copies_.end() || leg.seq + 1 < legs_of(leg.copy)) return;
    // An open that got less than it aimed at: reductions are measured from what it got.
    auto const position = positions_.find({leg.subscription, leg.market, leg.symbol});
    if (copy->status == "open" && !leg.reduce_only && row.executed_quantity < leg.quantity &&
        position != positions_.end()) {
        auto& target = position->second.target;
        target = leg.side == model::Side::buy ? std::min(target, row.executed_quantity)
                                              : std::max(target, -row.executed_quantity);
    }
    copy->status = leg.continues ? "waiting" : to_string(leg.state);
    copy->reason = leg.continues || leg.state == model::LegState::filled ? "" : row.evidence;
}

std::vector<model::Signal> Record::record(ports::Epoch epoch, std::vector<LegRecord> records) {
    if (records.empty()) return {};
    hold(epoch);
    for (auto& r : records)
        if (r.gone) add_gone(r);
    std::set<model::SubscriptionId> subscriptions;
    for (auto const& r : records) {
        if (r.leg.is_final()) subscriptions.insert(r.leg.subscription);
        auto const found = legs_.find(r.leg.id);
        if (found == legs_.end() || found->second.leg.is_final()) continue;
        auto& row = found->second;
        row.leg.state = r.leg.state;
        row.leg.continues = r.leg.continues;
        if (!r.venue_order_id.empty()) row.venue_order_id = r.venue_order_id;
        row.executed_quantity = std::max(row.executed_quantity, r.executed_quantity);
        row.executed_quote = std::max(row.executed_quote, r.executed_quote);
        if (!r.evidence.empty()) row.evidence = r.evidence;
        row.ended_at = r.leg.is_final() ? std::optional(clock()) : std::nullopt;
    }
    note_opens(records);
    apply_fills(records);
    apply_contract_fills(records);
    for (auto const& r : records)
        if (auto const found = legs_.find(r.leg.id); r.leg.is_final() && found != legs_.end())
            end_leg(found->second);
    // Of each subscription and symbol the earliest: none overtakes.
    std::map<Place, model::Signal const*> earliest;
    for (auto const& copy : copies_) {
        if (copy.status != "waiting" || !subscriptions.contains(copy.subscription)) continue;
        auto const& signal = signal_of(copy.signal)->signal;
        auto& first = earliest[{copy.subscription, signal.market, signal.symbol}];
        if (first == nullptr || signal.sequence < first->sequence) first = &signal;
    }
    std::map<model::SignalId, model::Signal const*> released;
    for (auto const& [place, signal] : earliest) released[signal->id] = signal;
    std::vector<model::Signal> out;
    for (auto const& [id, signal] : released) out.push_back(*signal);
    return out;
}

void Record::end_signals(ports::Epoch epoch, std::vector<LegRecord> const& records,
                         base::Timestamp now) {
    hold(epoch);
    for (auto const& r : records) {
        if (!r.leg.is_final()) continue;
        auto& row = row_of(r.leg.signal);
        if (row.status == "processing") mark_planned(row, now);
    }
}

void Record::rearm(ports::Epoch epoch, std::vector<Leg> const& legs) {
    hold(epoch);
    std::vector<LegRow*> rows;
    for (auto const& leg : legs) {
        auto const found = legs_.find(leg.id);
        auto const state =
            found == legs_.end() ? model::LegState::alarmed : found->second.leg.state;
        bool const is_open = state == model::LegState::armed || state == model::LegState::unknown;
        if (!is_open || found->second.leg.attempt > leg.attempt)
            throw ports::Fenced("a leg to be armed again is no longer open");
        rows.push_back(&found->second);
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i]->leg.state = model::LegState::armed;
        rows[i]->leg.attempt = legs[i].attempt;
        rows[i]->leg.send_not_after = legs[i].send_not_after;
        rows[i]->epoch = epoch;
    }
}

std::vector<ports::ArmedLeg> Record::unresolved(ports::Epoch epoch) const {
    std::vector<ports::ArmedLeg> out;
    for (auto const& [id, row] : legs_)
        if (!row.leg.is_final() && row.epoch < epoch) out.push_back(armed(row));
    return out;
}

}  // namespace obscura::simulation
