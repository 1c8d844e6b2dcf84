#include "model/sizing.hpp"

#include <algorithm>

namespace obscura::model {
namespace {

using base::Decimal;
using base::Money;
using base::Quantity;
using base::Rounding;

constexpr std::int64_t positions_per_investment = 10;

Decision refuse(RefusalReason reason, Quantity target) { return {reason, target}; }

bool is_tradable(Quantity quantity, Instrument const& instrument, base::Price price) {
    return quantity >= instrument.min_quantity && quantity.is_positive() &&
           notional(price, quantity, Rounding::toward_zero) >= instrument.min_notional;
}

/// On the venue's price grid, never worse than what was asked for.
std::optional<base::Price> limit_price_of(Signal const& signal, Instrument const& instrument) {
    if (signal.order_type != OrderType::limit || !signal.price) return std::nullopt;
    if (!instrument.tick.is_positive()) return signal.price;
    return to_step(*signal.price, instrument.tick,
                   signal.side == Side::buy ? Rounding::floor : Rounding::ceiling);
}

Quantity largest_order(Instrument const& instrument, OrderType type) {
    return to_step(instrument.max_quantity_of(type), instrument.step, Rounding::floor);
}

/// The position that an order of a hedged account names: the one that it opens, or that it closes.
PositionSide position_side_of(Subscription const& s, Signal const& signal, bool closes) {
    if (signal.market == Market::spot || s.position_mode == PositionMode::one_way)
        return PositionSide::both;
    bool const is_long = (signal.side == Side::buy) != closes;
    return is_long ? PositionSide::long_side : PositionSide::short_side;
}

/// A position seen in its own direction, so that one rule reduces longs and shorts: what is held is
/// positive, and so is what the leader has of the same kind.
struct Held {
    Quantity quantity{};
    Quantity aim{};
    Quantity leader_before{};
    Quantity leader_after{};

    /// What the orders of a signal's side reduce.
    static Held against(Portfolio const& p, Signal const& signal) {
        // On spot nothing is short.
        if (signal.market == Market::spot && signal.side == Side::buy) return {};
        auto const seen = [&](Quantity q) { return signed_change(opposite(signal.side), q); };
        return {.quantity = seen(p.quantity),
                .aim = std::max(seen(p.target_quantity), Quantity{}),
                .leader_before = seen(signal.leader_before),
                .leader_after = seen(signal.leader_after)};
    }
};

/// What the position aims at once the leader has gone from `leader_before` to `leader_after`.
/// Without a price only a leader who is out altogether is known to be out.
Quantity reduced_target(Held const& held, Instrument const& instrument,
                        std::optional<base::Price> price) {
    bool const is_out = !held.leader_before.is_positive() || !held.leader_after.is_positive() ||
                        (price && !is_tradable(held.leader_after, instrument, *price));
    if (is_out) return Quantity{};
    auto const kept = ratio(held.leader_after, held.leader_before, Rounding::floor);
    return scale(held.aim, std::min(kept, Decimal(1)), Rounding::floor);
}

/// Spot wants the minimum of every order. Contracts waive it for reductions; an account in hedge
/// mode cannot say that it reduces, so that only a whole close is tried there below it.
bool is_too_small(Quantity quantity, Quantity target, Subscription const& s, Signal const& signal,
                  Instrument const& instrument, std::optional<base::Price> price) {
    bool const waived = signal.market == Market::futures &&
                        (s.position_mode == PositionMode::one_way || target.is_zero());
    if (price && !waived) return !is_tradable(quantity, instrument, *price);
    return quantity < instrument.min_quantity || !quantity.is_positive();
}

Decision decide_reduction(Subscription const& s, Portfolio const& p, Signal const& signal,
                          MarketView const& market) {
    auto const held = Held::against(p, signal);
    if (!held.quantity.is_positive()) {
        bool const is_flat = p.quantity.is_zero() || signal.market == Market::spot;
        return refuse(RefusalReason::nothing_to_close, is_flat ? Quantity{} : p.target_quantity);
    }
    auto const& instrument = *market.instrument;
    // A close needs no price to be sized; without one only the venue can tell what is too small.
    bool const has_price = market.price && market.price->is_positive();
    auto const price = has_price ? market.price : std::nullopt;
    auto const target = p.is_aimed ? held.aim : reduced_target(held, instrument, price);
    auto const target_after = signed_change(opposite(signal.side), target);
    auto const wanted = held.quantity - std::min(target, held.quantity);
    auto const rounded = to_step(wanted, instrument.step, Rounding::floor);
    auto const quantity = std::min(rounded, largest_order(instrument, signal.order_type));
    if (is_too_small(quantity, target, s, signal, instrument, price))
        return refuse(
            target.is_zero() ? RefusalReason::dust_remains : RefusalReason::below_min_notional,
            target_after);
    OrderPlan const plan{.side = signal.side,
                         .type = signal.order_type,
                         .quantity = quantity,
                         .limit_price = limit_price_of(signal, instrument),
                         .reduce_only = true,
                         .position_side = position_side_of(s, signal, true),
                         .continues = quantity < rounded};
    return {plan, target_after};
}

struct Budget {
    Money amount{};
    std::optional<std::string_view> bound;
    std::optional<RefusalReason> exhausted;

    void cap(Money limit, std::string_view name, RefusalReason when_none) {
        if (limit >= amount) return;
        amount = limit;
        bound = name;
        if (!amount.is_positive()) exhausted = when_none;
    }
};

/// Fees of a position, in and out, as a fraction of what it ties up: they are on the notional.
Decimal fee_share(Decimal taker_fee, int leverage) {
    return multiply(taker_fee, Decimal(leverage), Rounding::ceiling);
}

/// What a position may tie up: the whole of it on spot, its isolated margin on futures.
Budget open_budget(Subscription const& s, Portfolio const& p, Market market, Decimal fee) {
    Budget budget{.amount = Money{divide(s.total_investment.value,
                                         Decimal(positions_per_investment), Rounding::floor)},
                  .bound = {},
                  .exhausted = {}};
    // Tying up x loses x at worst, and the fee of coming in. The fee of going out is lost too: it
    // counts against the investment where the position cannot pay it itself.
    auto const with_fee = Decimal(1) + fee;
    auto const with_fees = with_fee + fee;
    auto const left = s.total_investment - p.open_cost;
    budget.cap(
        Money{divide(left.value, market == Market::spot ? with_fee : with_fees, Rounding::floor)},
        "total_investment_usd", RefusalReason::investment_exhausted);
    if (s.max_loss) {
        auto const lost = std::max(-p.realised_total, Money{});
        auto const may_lose = *s.max_loss - lost - p.open_cost;
        budget.cap(Money{divide(may_lose.value, with_fees, Rounding::floor)}, "max_loss_usd",
                   RefusalReason::max_loss_reached);
    }
    return budget;
}

/// The leader comes from nothing, or from the other direction, into one of the signal's side.
std::optional<RefusalReason> refusal_of_move(Signal const& signal, Instrument const& instrument,
                                             base::Price price) {
    auto const before = signed_change(signal.side, signal.leader_before);
    auto const after = signed_change(signal.side, signal.leader_after);
    if (is_tradable(before, instrument, price)) return RefusalReason::leader_position_already_open;
    // Nothing that is to be followed grew (see model::followed).
    if (after <= before || !after.is_positive()) return RefusalReason::fill_out_of_order;
    return std::nullopt;
}

std::optional<RefusalReason> refusal_before_sizing(Subscription const& s, Portfolio const& p,
                                                   Signal const& signal, MarketView const& market,
                                                   base::Timestamp now) {
    auto const& instrument = *market.instrument;
    if (signal.expires_at && now >= *signal.expires_at) return RefusalReason::signal_expired;
    if (s.status != SubscriptionStatus::active) return RefusalReason::subscription_paused;
    if (!instrument.is_trading) return RefusalReason::instrument_not_trading;
    if (!market.price || !market.price->is_positive()) return RefusalReason::no_price;
    if (signal.market == Market::futures) {
        if (signal.margin_mode == MarginMode::cross) return RefusalReason::cross_margin_refused;
        if (p.is_symbol_in_use) return RefusalReason::symbol_in_use;
    }
    auto const held = signal.market == Market::spot ? p.quantity : p.quantity.abs();
    if (is_tradable(held, instrument, *market.price)) return RefusalReason::position_already_open;
    if (auto const reason = refusal_of_move(signal, instrument, *market.price)) return reason;
    if (s.profit_target && p.realised_total >= *s.profit_target)
        return RefusalReason::profit_target_reached;
    if (s.daily_loss_limit && -p.realised_today >= *s.daily_loss_limit)
        return RefusalReason::daily_loss_limit_reached;
    return std::nullopt;
}

/// The most that an order loses: of spot what it costs and the fee of buying, as it is booked; of a
/// contract its margin and both fees.
Money reserve_for(Market market, base::Price price, Quantity quantity, int leverage,
                  Decimal taker_fee) {
    auto const size = notional(price, quantity, Rounding::ceiling);
    auto const fee = scale(size, taker_fee, Rounding::ceiling);
    if (market == Market::spot) return size + fee;
    return Money{divide(size.value, Decimal(leverage), Rounding::ceiling)} + fee + fee;
}

Decision decide_open(Subscription const& s, Portfolio const& p, Signal const& signal,
                     MarketView const& market, base::Timestamp now) {
    auto const keep = p.target_quantity;
    if (auto const reason = refusal_before_sizing(s, p, signal, market, now))
        return refuse(*reason, keep);
    auto const& instrument = *market.instrument;
    int const leverage = signal.market == Market::spot
                             ? 1
                             : std::clamp(signal.leverage.value_or(1), 1, max_leverage);
    auto const budget = open_budget(s, p, signal.market, fee_share(market.taker_fee, leverage));
    if (budget.exhausted) return refuse(*budget.exhausted, keep);
    auto const limit_price = limit_price_of(signal, instrument);
    auto const price = limit_price.value_or(*market.price);
    if (!price.is_positive()) return refuse(RefusalReason::no_price, keep);
    auto const size = scale(budget.amount, Decimal(leverage), Rounding::floor);
    auto const unrounded = quantity_for(size, price, Rounding::floor);
    auto const quantity = std::min(to_step(unrounded, instrument.step, Rounding::floor),
                                   largest_order(instrument, signal.order_type));
    if (!is_tradable(quantity, instrument, price))
        return refuse(RefusalReason::below_min_notional, keep);
    OrderPlan const plan{
        .side = signal.side,
        .type = signal.order_type,
        .quantity = quantity,
        .limit_price = limit_price,
        .limit_bound = budget.bound,
        .position_side = position_side_of(s, signal, false),
        .leverage = leverage,
        .reserved = reserve_for(signal.market, price, quantity, leverage, market.taker_fee)};
    return {plan, signed_change(signal.side, quantity)};
}

/// Money that is not real is never copied with money that is more so.
bool is_mismatch(Environment leader, Environment follower) {
    if (leader == Environment::paper) return follower != Environment::paper;
    return leader == Environment::testnet && follower == Environment::live;
}

std::optional<RefusalReason> refusal_of_place(Subscription const& s, Signal const& signal,
                                              Instrument const* instrument) {
    if (is_mismatch(signal.environment, s.environment)) return RefusalReason::environment_mismatch;
    if (instrument == nullptr || instrument->market != signal.market)
        return RefusalReason::instrument_unknown;
    auto const kind =
        signal.market == Market::spot ? InstrumentKind::spot : InstrumentKind::linear_perpetual;
    if (instrument->kind != kind) return RefusalReason::instrument_not_supported;
    return std::nullopt;
}

}  // namespace

Decision decide(Subscription const& subscription, Portfolio const& portfolio, Signal const& signal,
                MarketView const& market, base::Timestamp now, base::Timestamp opens_until) {
    if (auto const reason = refusal_of_place(subscription, signal, market.instrument))
        return refuse(*reason, portfolio.target_quantity);
    bool const opens = signal.may_open();
    // A leader in hedge mode who opens the one position says nothing about her other one: it is not
    // closed for that, least of all turned round by what hedges a part of it.
    bool const turns = signal.position_side == PositionSide::both &&
                       Held::against(portfolio, signal).quantity.is_positive();
    if (turns || !opens) {
        auto decision = decide_reduction(subscription, portfolio, signal, market);
        if (!opens) return decision;
        if (auto* plan = std::get_if<OrderPlan>(&decision.outcome)) {
            plan->continues = true;
            return decision;
        }
        // What is left of the other side is less than the venue trades.
    }
    if (now >= opens_until) return refuse(RefusalReason::signal_expired, portfolio.target_quantity);
    return decide_open(subscription, portfolio, signal, market, now);
}

}  // namespace obscura::model
