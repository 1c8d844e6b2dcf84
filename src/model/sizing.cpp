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

/// What the position aims at once the leader has gone from `leader_before` to `leader_after`.
/// Without a price only a leader who is out altogether is known to be out.
Quantity reduced_target(Portfolio const& portfolio, Signal const& signal,
                        Instrument const& instrument, std::optional<base::Price> price) {
    bool const is_out = !signal.leader_before.is_positive() || !signal.leader_after.is_positive() ||
                        (price && !is_tradable(signal.leader_after, instrument, *price));
    if (is_out) return Quantity{};
    auto const aim = std::max(portfolio.target_quantity, Quantity{});
    auto const kept = ratio(signal.leader_after, signal.leader_before, Rounding::floor);
    return scale(aim, std::min(kept, Decimal(1)), Rounding::floor);
}

Decision decide_reduction(Portfolio const& portfolio, Signal const& signal,
                          MarketView const& market) {
    if (!portfolio.quantity.is_positive())
        return refuse(RefusalReason::nothing_to_close, Quantity{});
    auto const& instrument = *market.instrument;
    // A close needs no price to be sized; without one only the venue can tell what is too small.
    bool const has_price = market.price && market.price->is_positive();
    auto const price = has_price ? market.price : std::nullopt;
    auto const target = reduced_target(portfolio, signal, instrument, price);
    auto const wanted = portfolio.quantity - std::min(target, portfolio.quantity);
    auto const quantity =
        std::min(to_step(wanted, instrument.step, Rounding::floor),
                 to_step(instrument.max_quantity, instrument.step, Rounding::floor));
    bool const too_small = has_price
                               ? !is_tradable(quantity, instrument, *price)
                               : quantity < instrument.min_quantity || !quantity.is_positive();
    if (too_small)
        return refuse(
            target.is_zero() ? RefusalReason::dust_remains : RefusalReason::below_min_notional,
            target);
    OrderPlan const plan{.side = Side::sell,
                         .type = signal.order_type,
                         .quantity = quantity,
                         .limit_price = limit_price_of(signal, instrument),
                         .reduce_only = true};
    return {plan, target};
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

Budget open_budget(Subscription const& s, Portfolio const& p, Decimal taker_fee) {
    Budget budget{.amount = Money{divide(s.total_investment.value,
                                         Decimal(positions_per_investment), Rounding::floor)},
                  .bound = {},
                  .exhausted = {}};
    // Buying x costs x and its fee.
    auto const left = s.total_investment - p.open_cost;
    budget.cap(Money{divide(left.value, Decimal(1) + taker_fee, Rounding::floor)},
               "total_investment_usd", RefusalReason::investment_exhausted);
    if (s.max_loss) {
        auto const lost = std::max(-p.realised_total, Money{});
        auto const may_lose = *s.max_loss - lost - p.open_cost;
        // And selling what is left of it costs a fee again: all of that may be lost.
        auto const with_fees = Decimal(1) + taker_fee + taker_fee;
        budget.cap(Money{divide(may_lose.value, with_fees, Rounding::floor)}, "max_loss_usd",
                   RefusalReason::max_loss_reached);
    }
    return budget;
}

std::optional<RefusalReason> refusal_before_sizing(Subscription const& s, Portfolio const& p,
                                                   Signal const& signal, MarketView const& market,
                                                   base::Timestamp now) {
    if (signal.expires_at && now >= *signal.expires_at) return RefusalReason::signal_expired;
    if (s.status != SubscriptionStatus::active) return RefusalReason::subscription_paused;
    if (!market.instrument->is_trading) return RefusalReason::instrument_not_trading;
    if (!market.price || !market.price->is_positive()) return RefusalReason::no_price;
    if (is_tradable(p.quantity, *market.instrument, *market.price))
        return RefusalReason::position_already_open;
    if (is_tradable(signal.leader_before, *market.instrument, *market.price))
        return RefusalReason::leader_position_already_open;
    // Nothing that is to be followed grew (see model::followed).
    if (signal.leader_after <= signal.leader_before) return RefusalReason::fill_out_of_order;
    if (s.profit_target && p.realised_total >= *s.profit_target)
        return RefusalReason::profit_target_reached;
    if (s.daily_loss_limit && -p.realised_today >= *s.daily_loss_limit)
        return RefusalReason::daily_loss_limit_reached;
    return std::nullopt;
}

Decision decide_open(Subscription const& s, Portfolio const& p, Signal const& signal,
                     MarketView const& market, base::Timestamp now) {
    auto const keep = p.target_quantity;
    if (auto const reason = refusal_before_sizing(s, p, signal, market, now))
        return refuse(*reason, keep);
    auto const& instrument = *market.instrument;
    auto const budget = open_budget(s, p, market.taker_fee);
    if (budget.exhausted) return refuse(*budget.exhausted, keep);
    auto const limit_price = limit_price_of(signal, instrument);
    auto const price = limit_price.value_or(*market.price);
    if (!price.is_positive()) return refuse(RefusalReason::no_price, keep);
    auto const unrounded = quantity_for(budget.amount, price, Rounding::floor);
    auto const quantity =
        to_step(std::min(unrounded, instrument.max_quantity), instrument.step, Rounding::floor);
    if (!is_tradable(quantity, instrument, price))
        return refuse(RefusalReason::below_min_notional, keep);
    OrderPlan const plan{.side = Side::buy,
                         .type = signal.order_type,
                         .quantity = quantity,
                         .limit_price = limit_price,
                         .limit_bound = budget.bound};
    return {plan, quantity};
}

/// Money that is not real is never copied with money that is more so.
bool is_mismatch(Environment leader, Environment follower) {
    if (leader == Environment::paper) return follower != Environment::paper;
    return leader == Environment::testnet && follower == Environment::live;
}

}  // namespace

std::string_view to_string(RefusalReason reason) {
    switch (reason) {
        case RefusalReason::signal_expired:
            return "signal_expired";
        case RefusalReason::subscription_paused:
            return "subscription_paused";
        case RefusalReason::environment_mismatch:
            return "environment_mismatch";
        case RefusalReason::instrument_unknown:
            return "instrument_unknown";
        case RefusalReason::instrument_not_trading:
            return "instrument_not_trading";
        case RefusalReason::no_price:
            return "no_price";
        case RefusalReason::position_already_open:
            return "position_already_open";
        case RefusalReason::leader_position_already_open:
            return "leader_position_already_open";
        case RefusalReason::fill_out_of_order:
            return "fill_out_of_order";
        case RefusalReason::nothing_to_close:
            return "nothing_to_close";
        case RefusalReason::below_min_notional:
            return "below_min_notional";
        case RefusalReason::dust_remains:
            return "dust_remains";
        case RefusalReason::max_loss_reached:
            return "max_loss_reached";
        case RefusalReason::profit_target_reached:
            return "profit_target_reached";
        case RefusalReason::daily_loss_limit_reached:
            return "daily_loss_limit_reached";
        case RefusalReason::investment_exhausted:
            return "investment_exhausted";
    }
    return "?";
}

Decision decide(Subscription const& subscription, Portfolio const& portfolio, Signal const& signal,
                MarketView const& market, base::Timestamp now) {
    if (is_mismatch(signal.environment, subscription.environment))
        return refuse(RefusalReason::environment_mismatch, portfolio.target_quantity);
    if (market.instrument == nullptr)
        return refuse(RefusalReason::instrument_unknown, portfolio.target_quantity);
    if (signal.is_reducing()) return decide_reduction(portfolio, signal, market);
    return decide_open(subscription, portfolio, signal, market, now);
}

}  // namespace obscura::model
