#include "conductor/planner.hpp"

#include <algorithm>

namespace obscura::conductor {
namespace {

model::Leg leg_of(PlanContext const& context, ports::PlanCandidate const& candidate,
                  model::CopyId copy, model::OrderPlan const& order,
                  model::Instrument const& instrument) {
    auto const& signal = context.signal;
    model::Leg leg;
    leg.id = model::LegId::make(context.now, context.random);
    leg.tenant = candidate.subscription.tenant;
    leg.copy = copy;
    leg.signal = signal.id;
    leg.subscription = candidate.subscription.id;
    leg.connection = candidate.subscription.connection;
    leg.user = candidate.subscription.user;
    leg.venue = candidate.venue;
    leg.environment = candidate.subscription.environment;
    leg.market = signal.market;
    leg.symbol = signal.symbol;
    leg.base_asset = instrument.base_asset;
    leg.quote_asset = instrument.quote_asset;
    leg.side = order.side;
    leg.type = order.type;
    leg.quantity = order.quantity;
    leg.limit_price = order.limit_price;
    leg.reduce_only = order.reduce_only;
    leg.client_order_id = model::client_order_id_of(leg.id);
    leg.send_not_after = context.now + context.config.legs.send_window;
    if (!leg.reduce_only) leg.give_up_at = signal.accepted_at + context.config.open_lifetime;
    return leg;
}

/// What an open may cost at most while nobody knows yet: its notional and the fee on it.
base::Money reserved_for(model::Leg const& leg, model::MarketView const& market) {
    if (leg.side != model::Side::buy || !market.price) return base::Money{};
    auto const cost = notional(*market.price, leg.quantity, base::Rounding::ceiling);
    return cost + scale(cost, market.taker_fee, base::Rounding::ceiling);
}

/// When an open stops being tried: measured from the leader's fill where we know it.
base::Timestamp give_up_at(PlanContext const& context) {
    auto const& signal = context.signal;
    auto const since =
        std::min(signal.accepted_at, signal.leader_executed_at.value_or(signal.accepted_at));
    return since + context.config.open_lifetime;
}

/// Whether a signal without a quote is to be planned again once the venue has told more.
bool waits_for(Quote const& quote, PlanContext const& context,
               ports::PlanCandidate const& candidate) {
    if (context.signal.is_reducing())
        return !quote.is_listed && candidate.portfolio.quantity.is_positive();
    bool const is_silent = !quote.is_listed || (quote.instrument && !quote.price);
    return is_silent && context.now < context.signal.accepted_at + context.config.quote_patience;
}

ports::PlannedCopy answer(PlanContext const& context, ports::PlanCandidate const& candidate) {
    ports::PlannedCopy copy;
    copy.id = candidate.waiting_copy.value_or(model::CopyId::make(context.now, context.random));
    copy.subscription = candidate.subscription;
    if (candidate.has_open_leg) return copy;

    // A venue or environment that is not served has no quote: the instrument is then unknown.
    static Quote const none;
    auto const quote = context.quotes.find(candidate.subscription.environment);
    bool const served = quote != context.quotes.end() && candidate.venue == context.signal.venue;
    auto const market = (served ? quote->second : none).view(context.config.taker_fee);
    if (!context.signal.is_reducing() && context.now >= give_up_at(context)) {
        copy.reason = to_string(model::RefusalReason::signal_expired);
        copy.target_after = candidate.portfolio.target_quantity;
        return copy;
    }
    if (served && waits_for(quote->second, context, candidate))
        throw VenueSilent("the venue has not told its instruments or a price");

    auto const decision =
        decide(candidate.subscription, candidate.portfolio, context.signal, market, context.now);
    copy.target_after = decision.target_after;
    if (auto const* reason = std::get_if<model::RefusalReason>(&decision.outcome)) {
        copy.reason = to_string(*reason);
        return copy;
    }
    auto const& order = std::get<model::OrderPlan>(decision.outcome);
    copy.leg = leg_of(context, candidate, copy.id, order, *market.instrument);
    copy.limit_bound = order.limit_bound.value_or("");
    copy.reserved = reserved_for(*copy.leg, market);
    copy.credentials = candidate.credentials;
    return copy;
}

}  // namespace

std::vector<ports::PlannedCopy> plan_copies(PlanContext const& context,
                                            std::vector<ports::PlanCandidate> const& candidates) {
    std::vector<ports::PlannedCopy> planned;
    planned.reserve(candidates.size());
    for (auto const& candidate : candidates) planned.push_back(answer(context, candidate));
    return planned;
}

}  // namespace obscura::conductor
