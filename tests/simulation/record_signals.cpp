// Lease, trades, signals: what src/store/{lease,trade,signal}_store.cpp say in SQL.
#include "simulation/record.hpp"

#include "model/intake.hpp"

#include <algorithm>

namespace obscura::simulation {

using model::Signal;
using model::Trade;

std::int64_t day_of(base::Timestamp t) {
    return std::chrono::floor<std::chrono::days>(t).time_since_epoch().count();
}

std::optional<ports::Epoch> Record::acquire(std::string const&, std::string const& owner,
                                            std::chrono::milliseconds ttl, base::Timestamp db_now) {
    if (lease_.epoch > 0 && lease_.expires_at >= db_now && lease_.owner != owner)
        return std::nullopt;
    lease_ = {.owner = owner, .epoch = lease_.epoch + 1, .expires_at = db_now + ttl};
    return lease_.epoch;
}

bool Record::renew(std::string const&, ports::Epoch epoch, std::chrono::milliseconds ttl,
                   base::Timestamp db_now) {
    if (epoch != lease_.epoch) return false;
    lease_.expires_at = db_now + ttl;
    return true;
}

void Record::release(std::string const&, ports::Epoch epoch, base::Timestamp db_now) {
    if (epoch == lease_.epoch) lease_.expires_at = db_now;
}

void Record::hold(ports::Epoch epoch) const {
    if (epoch != lease_.epoch)
        throw ports::Fenced("the lease is no longer held at epoch " + std::to_string(epoch));
}

std::vector<Trade> Record::append(ports::FeedDelivery batch) {
    std::vector<Trade> fresh;
    for (auto& trade : batch.trades)
        if (trade_ids_.insert(trade.id).second) fresh.push_back(std::move(trade));
    for (auto const& trade : fresh) {
        trades_.push_back(trade);
        if (outbox_keys_.insert(model::venue_identity(trade)).second) outbox_.push_back(trade);
    }
    for (auto const& cursor : batch.cursors) {
        auto& kept = cursors_.try_emplace({cursor.connection, cursor.market, cursor.symbol}, cursor)
                         .first->second;
        kept.last_trade_id = std::max(kept.last_trade_id, cursor.last_trade_id);
    }
    return fresh;
}

std::vector<ports::FeedCursor> Record::cursors(model::ConnectionId connection) const {
    std::vector<ports::FeedCursor> out;
    for (auto const& [key, cursor] : cursors_)
        if (cursor.connection == connection) out.push_back(cursor);
    return out;
}

/// Every trade of the account's line that the inbox knows, but for those coming now: the position
/// is what they make in the order in which they happened.
model::PositionCount Record::count_of(Trade const& like,
                                      std::set<model::TradeId> const& coming) const {
    std::vector<model::CountedFill> known;
    for (auto const& trade : trades_)
        if (trade.connection == like.connection && trade.market == like.market &&
            trade.symbol == like.symbol && trade.position_side == like.position_side &&
            !coming.contains(trade.id) && inbox_.contains(model::source_id_of(trade)))
            known.push_back(model::counted(trade));
    return {model::position_kind(like.market, like.position_side), base::Quantity{},
            std::move(known)};
}

ports::SignalStore::Moved Record::move_trades(std::size_t limit, base::Timestamp now,
                                              base::Random& random) {
    ports::SignalStore::Moved moved;
    moved.moved = std::min(limit, outbox_.size());
    std::vector<Trade> taken(outbox_.begin(),
                             outbox_.begin() + static_cast<std::ptrdiff_t>(moved.moved));
    outbox_.erase(outbox_.begin(), outbox_.begin() + static_cast<std::ptrdiff_t>(moved.moved));
    for (auto const& trade : taken) outbox_keys_.erase(model::venue_identity(trade));

    // Fills of one line are counted as they happened; the others keep their places.
    std::map<std::tuple<model::ConnectionId, model::Market, std::string>, std::vector<std::size_t>>
        lines;
    for (std::size_t i = 0; i < taken.size(); ++i)
        lines[{taken[i].connection, taken[i].market, taken[i].symbol}].push_back(i);
    for (auto const& [line, at] : lines) {
        std::vector<Trade> fills;
        for (auto const i : at) fills.push_back(taken[i]);
        std::ranges::sort(fills, model::happened_before, model::counted);
        for (std::size_t i = 0; i < at.size(); ++i) taken[at[i]] = fills[i];
    }

    std::set<model::TradeId> coming;
    std::set<std::string> fresh;
    for (auto const& trade : taken)
        if (!inbox_.contains(model::source_id_of(trade))) {
            fresh.insert(model::source_id_of(trade));
            coming.insert(trade.id);
        }
    std::map<LeaderPlace, model::PositionCount> counts;
    for (auto const& trade : taken) {
        if (fresh.erase(model::source_id_of(trade)) == 0) continue;
        for (auto const& pool : pools) {
            auto const leader = std::ranges::find_if(leaders, [&](Leader const& l) {
                return l.connection == trade.connection &&
                       std::ranges::find(l.pools, pool.id) != l.pools.end();
            });
            if (leader == leaders.end() || (pool.status != "active" && pool.status != "paused"))
                continue;
            auto const who = leader->trader.to_string();
            LeaderPlace const key{pool.id, who, trade.market, trade.symbol, trade.position_side};
            auto count = counts.find(key);
            if (count == counts.end()) count = counts.emplace(key, count_of(trade, coming)).first;
            auto const move = count->second.add(model::counted(trade));
            auto signal = model::signal_from_trade(trade, pool.tenant, pool.id, leader->trader,
                                                   move, model::SignalId::make(now, random), now);
            if (pool.status == "active" || signal.is_reducing())
                moved.signals.push_back(std::move(signal));
        }
    }
    for (auto const& trade : taken) inbox_.insert(model::source_id_of(trade));
    for (auto& signal : moved.signals) {
        signal.sequence = ++last_sequence_;
        bool const is_idle = std::ranges::none_of(followers, [&](Follower const& f) {
            return f.subscription.pool == signal.pool &&
                   f.subscription.status != model::SubscriptionStatus::closed;
        });
        if (is_idle) moved.idle_pools.insert(signal.pool);
        signals_.push_back({.signal = signal,
                            .status = is_idle ? "completed" : "queued",
                            .completed_at = is_idle ? std::optional(now) : std::nullopt,
                            .stored_at = clock()});
    }
    for (auto const& [key, count] : counts) leader_positions_[key] = count.quantity();
    return moved;
}

base::Result<ports::SignalStore::Accepted> Record::accept(
    ports::Caller const& caller, model::PoolId pool, model::SignalRequest const& request,
    model::SignalSource source, base::Timestamp now, base::Random& random) {
    auto const found = std::ranges::find_if(
        pools, [&](Pool const& p) { return p.id == pool && p.tenant == caller.tenant; });
    if (found == pools.end())
        return base::fail(base::Errc::not_found, "pool_not_found", "No such pool.");
    ports::SignalStore::Accepted accepted;
    auto& answer = accepted.answer;
    answer.pool = pool;
    answer.estimated_subscribers = std::ranges::count_if(followers, [&](Follower const& f) {
        return f.subscription.pool == pool &&
               f.subscription.status == model::SubscriptionStatus::active;
    });
    answer.external_trade_id = request.external_trade_id;
    auto const id = model::SignalId::make(now, random);
    auto const source_id =
        request.external_trade_id ? "x:" + *request.external_trade_id : "r:" + id.value.to_hex();
    auto const body = request.body.dump_canonical();
    auto const reach = caller.is_test_key ? model::Environment::paper : model::Environment::live;
    for (auto const& row : signals_) {
        if (row.signal.pool != pool || row.signal.source_id != source_id ||
            row.signal.environment != reach)
            continue;
        if (row.body != body)
            return base::fail(base::Errc::conflict, "external_trade_id_reused",
                              "This external_trade_id came before with another body.");
        answer.id = row.signal.id;
        answer.queued_at = row.signal.accepted_at;
        answer.priority = row.signal.priority;
        answer.was_known = true;
        return accepted;
    }
    if (found->status != "active")
        return base::fail(base::Errc::conflict, "pool_not_active",
                          "The pool is " + found->status + "; activate it first.");
    Signal s;
    s.id = id;
    s.tenant = caller.tenant;
    s.pool = pool;
    s.sequence = ++last_sequence_;
    s.source = source;
    s.source_id = source_id;
    s.leader_ref = (reach == model::Environment::live ? "x:" : "xp:") + request.external_trader_ref;
    s.symbol = request.symbol;
    s.side = request.side;
    s.quantity = request.quantity;
    s.price = request.price;
    s.order_type = request.order_type;
    s.venue = request.venue;
    s.market = request.market;
    s.environment = reach;
    s.reduce_only = request.reduce_only;
    s.leverage = request.leverage;
    s.margin_mode = request.margin_mode;
    s.stop_loss_pct = request.stop_loss_pct;
    s.take_profit_pct = request.take_profit_pct;
    s.priority = request.priority;
    s.expires_at = request.expires_at;
    if (request.max_age_ms) s.expires_at = now + std::chrono::milliseconds(*request.max_age_ms);
    s.accepted_at = now;
    auto& position = leader_positions_[{pool, s.leader_ref, s.market, s.symbol, s.position_side}];
    s.leader_before = position;
    s.leader_after = model::leader_after(s);
    position = s.leader_after;
    signals_.push_back({.signal = s, .body = body, .stored_at = clock()});
    answer.id = id;
    answer.queued_at = now;
    answer.priority = s.priority;
    accepted.signal = std::move(s);
    return accepted;
}

std::vector<Signal> Record::unfinished(std::size_t limit) const {
    std::vector<Signal> out;
    for (auto const* status : {"processing", "queued"})
        for (auto const& row : signals_)
            if (row.status == status && out.size() < limit) out.push_back(row.signal);
    return out;
}

std::vector<Signal> Record::forgotten(base::Timestamp before, base::Timestamp now,
                                      std::size_t limit) const {
    std::vector<Signal> out;
    for (auto const& row : signals_)
        if (row.status == "queued" &&
            (row.signal.accepted_at < before || row.signal.accepted_at > now) && out.size() < limit)
            out.push_back(row.signal);
    return out;
}

Record::SignalRow const* Record::signal_of(model::SignalId id) const {
    auto const found =
        std::ranges::find_if(signals_, [&](SignalRow const& row) { return row.signal.id == id; });
    return found == signals_.end() ? nullptr : &*found;
}

Record::SignalRow& Record::row_of(model::SignalId id) {
    auto const* row = signal_of(id);
    if (row == nullptr) throw std::logic_error("a signal that is not stored was dispatched");
    return const_cast<SignalRow&>(*row);
}

}  // namespace obscura::simulation
