#include "engine_walk.hpp"

#include "support/fakes/sample_trade.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace obscura::test {
namespace {

using base::Decimal;
using base::Money;
using base::Quantity;
using model::LegState;

template <class T>
ports::Task<void> keep(ports::Task<T> task, std::optional<T>& out) {
    out.emplace(co_await std::move(task));
}

std::string seconds(base::Timestamp t) {
    return std::to_string(base::to_unix_ms(t) - base::to_unix_ms(EngineWorld::start));
}

}  // namespace

template <class T>
T EngineWalk::await(ports::Task<T> task) {
    std::optional<T> out;
    world_.run(keep(std::move(task), out));
    return std::move(*out);
}

EngineWalk::EngineWalk(EngineWorld& world, std::uint64_t seed) : world_(world), dice_(seed) {
    for (int i = 0; i < 4; ++i) {
        model::Subscription s;
        s.id = EngineWorld::id<model::SubscriptionId>(10 + i);
        s.tenant = world.tenant;
        s.user = world.user;
        s.connection = EngineWorld::id<model::ConnectionId>(20 + i % 3);  // two share an account
        s.pool = i < 3 ? world.pool : world.second_pool;
        s.total_investment = Money(1'000 + i);
        if (i == 1) s.max_loss = Money(100);
        if (i == 2) s.daily_loss_limit = Money(20);
        world.subscribe(s);
        followers_.push_back(std::move(s));
    }
    epoch_ = await(world_.leases().acquire("conductor", "me", std::chrono::hours(1))).value();
}

std::string EngineWalk::step() {
    world_.advance(std::chrono::milliseconds(100));
    try {
        switch (below(16)) {
            case 0:
            case 1:
                return do_append();
            case 2:
            case 3:
                return do_move();
            case 4:
                return do_accept();
            case 5:
            case 6:
            case 7:
            case 8:
                return do_plan();
            case 9:
            case 10:
            case 11:
            case 12:
                return do_record();
            case 13:
                return do_rearm();
            case 14:
                return below(3) == 0 ? do_lease() : do_reads();
            default:
                return do_status();
        }
    } catch (ports::Fenced const&) {
        return "fenced";
    }
}

std::string EngineWalk::name_of(model::SubscriptionId id) const {
    for (std::size_t i = 0; i < followers_.size(); ++i)
        if (followers_[i].id == id) return fmt::format("f{}", i);
    return "?";
}
std::string EngineWalk::name_of(model::SignalId id) const {
    for (auto const& signal : signals_)
        if (signal.id == id) return fmt::format("s{}", signal.sequence);
    return "?";
}
void EngineWalk::know(model::Signal const& signal) {
    for (auto const& known : signals_)
        if (known.id == signal.id) return;
    signals_.push_back(signal);
}

std::string EngineWalk::tell(std::vector<model::Signal> const& signals) {
    std::string text;
    for (auto const& s : signals) {
        know(s);
        text += fmt::format(
            " [{} {} {} {} {} {} {} x{} {} to {} {} {} {} {}]", s.sequence,
            s.pool == world_.pool ? "p" : "q", s.source_id, to_string(s.side), to_string(s.market),
            s.symbol, to_string(s.position_side), s.leverage.value_or(0),
            s.leader_before.to_string(), s.leader_after.to_string(), s.quantity.to_string(),
            s.price ? s.price->to_string() : "-", static_cast<int>(s.priority), s.leader_ref);
    }
    return text;
}

ports::Epoch EngineWalk::some_epoch() { return below(12) == 0 ? epoch_ - 1 : epoch_; }

void EngineWalk::be_of_futures(model::Trade& trade, std::int64_t number) {
    using model::PositionSide;
    trade.market = model::Market::futures;
    trade.fee_asset = "USDT";
    trade.position_side = number % 6 == 0   ? PositionSide::long_side
                          : number % 6 == 1 ? PositionSide::short_side
                                            : PositionSide::both;
    if (number % 4 != 1) trade.realised_pnl = Money(number % 4 == 0 ? 3 : 0);
}

std::string EngineWalk::do_append() {
    ports::FeedDelivery batch;
    for (auto n = 1 + below(3); n > 0; --n) {
        auto const number = static_cast<std::int64_t>(1 + below(40));
        auto trade = sample_trade(number);
        trade.tenant = world_.tenant;
        trade.connection = world_.lead;
        // What a fill is follows from its number: the same again is the same.
        trade.symbol = number % 3 == 0 ? "ETHUSDT" : "BTCUSDT";
        trade.side = number % 5 < 3 ? model::Side::buy : model::Side::sell;
        trade.quantity = Quantity{Decimal::from_scaled(number, 2)};
        trade.fee = Decimal::from_scaled(number, 5);
        trade.fee_asset = number % 4 == 0 ? "BNB" : trade.side == model::Side::buy ? "BTC" : "USDT";
        if (number > 25) be_of_futures(trade, number);
        trade.executed_at = EngineWorld::start + std::chrono::milliseconds(100 * (number / 2));
        batch.trades.push_back(std::move(trade));
    }
    batch.cursors.push_back({world_.tenant, world_.lead, model::Market::spot, "BTCUSDT",
                             static_cast<std::int64_t>(below(40))});
    std::string text = "append:";
    for (auto const& fresh : await(world_.trades().append(std::move(batch))))
        text += " " + fresh.venue_trade_id;
    for (auto const& cursor : await(world_.trades().cursors(world_.lead)))
        text += fmt::format(" {}={}", cursor.symbol, cursor.last_trade_id);
    return text;
}

std::string EngineWalk::do_move() {
    auto const moved = await(world_.signals().move_trades(1 + below(4)));
    return fmt::format("move {}:{}", moved.moved, tell(moved.signals));
}

std::string EngineWalk::do_accept() {
    auto const n = below(6);
    auto const body =
        fmt::format(R"({{"symbol":"{}","side":"{}","quantity":"{}","external_trade_id":"e{}"{}}})",
                    n % 2 == 0 ? "BTCUSDT" : "ETHUSDT", below(3) == 0 ? "sell" : "buy", 1 + n, n,
                    n < 3 ? "" : R"(,"platform":"futures","leverage":3,"margin_mode":"isolated")");
    auto request =
        model::signal_request_from_json(base::parse_json(body).value(), {.futures = true}).value();
    auto const pool = below(8) == 0   ? EngineWorld::id<model::PoolId>(99)
                      : below(2) == 0 ? world_.pool
                                      : world_.second_pool;
    ports::Caller const caller{.tenant = world_.tenant, .is_test_key = true};
    auto const answer =
        await(world_.signals().accept(caller, pool, std::move(request), model::SignalSource::rest));
    if (!answer) return "accept: " + answer.error().reason;
    auto const& told = answer->answer;
    if (told.was_known)
        return fmt::format("accept: known {} {}", name_of(told.id), told.estimated_subscribers);
    return fmt::format("accept: {} subscribers{}", told.estimated_subscribers,
                       tell({answer->signal}));
}

std::vector<ports::PlannedCopy> EngineWalk::answers(
    model::Signal const& signal, std::vector<ports::PlanCandidate> const& candidates,
    std::uint64_t seed, std::string& told) {
    base::SeededRandom dice(seed);
    std::vector<ports::PlannedCopy> out;
    for (auto const& c : candidates) {
        auto const& p = c.portfolio;
        told += fmt::format(" ({} {} {} {} {} {} {} {} {}{}{}{})", name_of(c.subscription.id),
                            p.quantity.to_string(), p.target_quantity.to_string(),
                            p.open_cost.to_string(), p.realised_total.to_string(),
                            p.realised_today.to_string(), c.credentials.context.size(),
                            c.legs_before, to_string(c.held_side), c.waiting_copy ? " waits" : "",
                            c.has_open_leg ? " open" : "",
                            c.portfolio.is_symbol_in_use ? " in use" : "");
        auto const made = made_ + static_cast<int>(out.size()) * 2;
        ports::PlannedCopy copy;
        copy.id = c.waiting_copy.value_or(EngineWorld::id<model::CopyId>(made));
        copy.subscription = c.subscription;
        copy.credentials = c.credentials;
        copy.target_after = Quantity{Decimal::from_scaled(1 + static_cast<int>(dice.below(9)), 3)};
        bool const refuses = dice.below(4) == 0;
        if (!c.has_open_leg && refuses) copy.reason = "refused_here";
        if (!c.has_open_leg && !refuses) {
            model::Leg leg;
            leg.id = EngineWorld::id<model::LegId>(made + 1);
            leg.tenant = c.subscription.tenant;
            leg.copy = copy.id;
            leg.signal = signal.id;
            leg.subscription = c.subscription.id;
            leg.connection = c.subscription.connection;
            leg.user = c.subscription.user;
            leg.venue = "binance";
            leg.market = signal.market;
            leg.symbol = signal.symbol;
            leg.seq = c.legs_before;
            if (signal.market == model::Market::futures) {
                leg.position_side = dice.below(2) == 0 ? model::PositionSide::both
                                                       : model::PositionSide::short_side;
                leg.leverage = 1 + static_cast<int>(dice.below(5));
            }
            leg.continues = signal.is_reducing() && dice.below(2) == 0;
            leg.base_asset = signal.symbol.substr(0, 3);
            leg.quote_asset = "USDT";
            leg.side = signal.side;
            leg.quantity = Quantity{Decimal::from_scaled(2 + static_cast<int>(dice.below(6)), 3)};
            leg.reduce_only = signal.is_reducing();
            leg.client_order_id = model::client_order_id_of(leg.id);
            leg.send_not_after = EngineWorld::start + std::chrono::seconds(5);
            copy.leg = std::move(leg);
            copy.reserved = Money(10 + static_cast<int>(dice.below(50)));
        }
        out.push_back(std::move(copy));
    }
    return out;
}

std::string EngineWalk::do_plan() {
    if (signals_.empty()) return "plan nothing";
    auto signal = signals_[below(signals_.size())];
    // Often what the last call left to be planned: else every line would soon stand still.
    if (below(3) != 0 && next_) signal = *next_;
    next_.reset();
    auto const seed = dice_.next_u64();
    std::string told;
    bool const breaks = below(10) == 0;
    ports::CopyStore::Planner planner = [&](std::vector<ports::PlanCandidate> const& candidates) {
        auto out = answers(signal, candidates, seed, told);
        if (breaks) throw std::domain_error("the planner broke");
        return out;
    };
    using Try = ports::CopyStore::Try;
    auto const which = below(2) == 0 ? Try::first : Try::again;
    ports::CopyStore::Plan plan;
    try {
        plan = await(world_.copies().plan(some_epoch(), signal, which, std::move(planner)));
    } catch (std::domain_error const&) {
        return "plan broke:" + told;
    }
    made_ += 20;
    if (!plan.is_whole) next_ = signal;
    if (!plan.earlier.empty()) next_ = plan.earlier.front();
    for (auto const& copy : plan.planned)
        if (copy.leg) legs_.push_back(*copy.leg);
    std::vector<std::string> unsent;
    for (auto const& armed : plan.unsent)
        unsent.push_back(fmt::format("{} {} {}", name_of(armed.leg.subscription),
                                     armed.leg.quantity.to_string(), armed.leg.client_order_id));
    std::ranges::sort(unsent);
    return fmt::format("plan {}:{}{}{} unsent {} earlier{}; {}; {}", name_of(signal.id), told,
                       plan.is_whole ? "" : " and more", plan.waits ? " waits" : "",
                       fmt::join(unsent, ","), tell(plan.earlier), world_.signal_status(signal.id),
                       world_.copies_of(signal.id));
}

ports::LegRecord EngineWalk::outcome_of(model::Leg leg) {
    ports::LegRecord r{.leg = std::move(leg)};
    static constexpr std::array states{LegState::unknown, LegState::working,  LegState::filled,
                                       LegState::filled,  LegState::rejected, LegState::alarmed};
    r.leg.state = states[below(states.size())];
    auto const parts = r.leg.state == LegState::filled    ? 2U
                       : r.leg.state == LegState::working ? 1U
                       : r.leg.state == LegState::alarmed ? below(2)
                                                          : 0U;
    // What an exit was planned as is not always how it ends.
    if (r.leg.is_final()) r.leg.continues = r.leg.reduce_only && below(3) == 0;
    bool const cut = below(5) == 0;
    for (std::uint64_t i = 0; i < parts; ++i) {
        ports::VenueFill fill;
        fill.venue_trade_id = std::to_string(++fills_);
        fill.price = base::Price{Decimal::from_scaled(50'000'00 + 100 * static_cast<int>(i), 2)};
        fill.quantity = Quantity{Decimal::from_scaled(cut ? 500 : 1'000, 6)};
        bool const buys = r.leg.side == model::Side::buy;
        fill.fee = buys ? Decimal::from_scaled(1, 6) : Decimal::from_scaled(5, 2);
        fill.fee_asset = below(4) == 0 ? "BNB" : buys ? r.leg.base_asset : r.leg.quote_asset;
        fill.executed_at = EngineWorld::start + std::chrono::seconds(1);
        r.executed_quantity += fill.quantity;
        r.executed_quote += notional(fill.price, fill.quantity, base::Rounding::half_even);
        r.fills.push_back(std::move(fill));
    }
    if (!r.fills.empty()) r.venue_order_id = "4711";
    if (below(2) == 0) r.evidence = "evidence " + std::to_string(below(9));
    if (r.leg.state == LegState::rejected && r.leg.reduce_only && below(2) == 0)
        r.gone = gone(r.leg);
    return r;
}

/// What an account tells whose position is smaller than the record's, and now and then is not.
ports::Gone EngineWalk::gone(model::Leg const& leg) {
    ports::Gone out;
    auto const left = Quantity{Decimal::from_scaled(static_cast<int>(below(3)), 3)};
    out.left = model::signed_change(opposite(leg.side), left);
    for (auto n = below(4); n > 0; --n) {
        model::Trade trade;
        trade.symbol = leg.symbol;
        // Now and then one that was booked with an order of ours.
        bool const is_known = fills_ > 0 && below(4) == 0;
        auto const number =
            is_known ? 1 + static_cast<int>(below(static_cast<std::uint64_t>(fills_))) : ++fills_;
        trade.venue_trade_id = std::to_string(number);
        trade.side = below(5) == 0 ? opposite(leg.side) : leg.side;
        trade.position_side = leg.position_side;
        trade.price = base::Price{Decimal::from_scaled(48'000 + static_cast<int>(below(9)), 0)};
        trade.quantity = Quantity{Decimal::from_scaled(1 + static_cast<int>(below(3)), 3)};
        trade.fee = Decimal::from_scaled(3, 2);
        trade.fee_asset = below(3) == 0 ? "BNB" : "USDT";
        trade.executed_at =
            EngineWorld::start + std::chrono::milliseconds(500 * static_cast<int>(1 + below(6)));
        out.trades.push_back(std::move(trade));
    }
    return out;
}

std::string EngineWalk::do_record() {
    if (legs_.empty()) return "record nothing";
    std::vector<ports::LegRecord> batch;
    std::set<model::LegId> in_batch;
    for (auto n = 1 + below(3); n > 0; --n) {
        auto one = !records_.empty() && below(4) == 0 ? records_[below(records_.size())]
                                                      : outcome_of(legs_[below(legs_.size())]);
        if (in_batch.insert(one.leg.id).second) batch.push_back(std::move(one));
    }
    for (auto const& r : batch) records_.push_back(r);
    auto const epoch = some_epoch();
    std::vector<std::string> released;
    for (auto const& signal : await(world_.copies().record(epoch, batch, world_.now())))
        released.push_back(name_of(signal.id));
    std::ranges::sort(released);
    std::string text = fmt::format("record: released {}", fmt::join(released, ","));
    for (auto const& r : batch)
        text += fmt::format("; {} | {} | {} | {}", world_.leg(r.leg.id),
                            world_.copies_of(r.leg.signal), world_.signal_status(r.leg.signal),
                            world_.position(r.leg.subscription, r.leg.market, r.leg.symbol));
    return text;
}

std::string EngineWalk::do_rearm() {
    if (legs_.empty()) return "rearm nothing";
    auto leg = legs_[below(legs_.size())];
    leg.attempt = 1 + static_cast<int>(below(4));
    leg.send_not_after = EngineWorld::start + std::chrono::seconds(20);
    std::vector<model::Leg> batch{leg};
    world_.run(world_.copies().rearm(some_epoch(), std::move(batch)));
    return "rearm: " + world_.leg(leg.id);
}

std::string EngineWalk::do_lease() {
    auto const owner = below(2) == 0 ? "me" : "you";
    auto const epoch = await(world_.leases().acquire("conductor", owner, std::chrono::hours(1)));
    if (epoch) epoch_ = *epoch;
    auto const stays =
        await(world_.leases().renew("conductor", some_epoch(), std::chrono::hours(1)));
    return fmt::format("lease {}: {} {}", owner, epoch ? *epoch : -1, stays);
}

std::string EngineWalk::do_reads() {
    std::vector<std::string> legs;
    for (auto const& armed : await(world_.copies().unresolved(epoch_)))
        legs.push_back(fmt::format(
            "{} {} {} {} {} {} {} {} {} x{} {} {}", name_of(armed.leg.subscription),
            armed.leg.client_order_id, to_string(armed.leg.state), armed.leg.attempt,
            armed.leg.quantity.to_string(), seconds(armed.leg.send_not_after),
            armed.leg.reduce_only, to_string(armed.leg.market), to_string(armed.leg.position_side),
            armed.leg.leverage, armed.leg.continues, armed.leg.seq));
    std::ranges::sort(legs);
    auto const unfinished = await(world_.signals().unfinished(1 + below(5)));
    auto const forgotten = await(world_.signals().forgotten(world_.now(), 1 + below(5)));
    return fmt::format("unresolved {}; unfinished{}; forgotten{}", fmt::join(legs, ","),
                       tell(unfinished), tell(forgotten));
}

std::string EngineWalk::do_status() {
    using Status = model::SubscriptionStatus;
    auto const& s = followers_[below(followers_.size())];
    auto const status = below(3) == 0 ? Status::paused : Status::active;
    world_.set_status(s.id, status);
    return name_of(s.id) + (status == Status::active ? " active" : " paused");
}

std::string EngineWalk::dump() {
    std::string text;
    for (auto const& s : followers_)
        for (auto const market : {model::Market::spot, model::Market::futures})
            for (auto const* symbol : {"BTCUSDT", "ETHUSDT"})
                text += fmt::format("{} {} {}: {}\n", name_of(s.id), to_string(market), symbol,
                                    world_.position(s.id, market, symbol));
    for (auto const& leg : legs_) text += world_.leg(leg.id) + "\n";
    for (auto const& signal : signals_)
        text += fmt::format("{}: {}: {}\n", signal.sequence, world_.signal_status(signal.id),
                            world_.copies_of(signal.id));
    return text;
}

}  // namespace obscura::test
