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
    leg.seq = candidate.legs_before;
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
    leg.position_side = order.position_side;
    leg.leverage = order.leverage;
    leg.continues = order.continues;
    leg.client_order_id = model::client_order_id_of(leg.id);
    leg.send_not_after = context.now + context.config.legs.send_window;
    if (!leg.reduce_only) leg.give_up_at = signal.accepted_at + context.config.open_lifetime;
    return leg;
}

/// When an open stops being tried: measured from the leader's fill where we know it.
base::Timestamp give_up_at(PlanContext const& context) {
    auto const& signal = context.signal;
    auto const since =
        std::min(signal.accepted_at, signal.leader_executed_at.value_or(signal.accepted_at));
    return since + context.config.open_lifetime;
}

base::Decimal fee_of(PlanContext const& context) {
    bool const is_spot = context.signal.market == model::Market::spot;
    return is_spot ? context.config.taker_fee : context.config.futures_taker_fee;
}

/// Until when an open waits for what the venue does not tell. A signal may be older than that when
/// it is first looked at here: its conductor died, or the closing leg of its flip took long.
base::Timestamp patient_until(PlanContext const& context) {
    return std::max(context.signal.accepted_at, context.begun_at) + context.config.quote_patience;
}

bool is_holding(PlanContext const& context, ports::PlanCandidate const& candidate) {
    auto const held = candidate.portfolio.quantity;
    return context.signal.market == model::Market::spot ? held.is_positive() : !held.is_zero();
}

/// Whether a signal without a quote is to be planned again once the venue has told more.
bool waits_for(Quote const& quote, PlanContext const& context,
               ports::PlanCandidate const& candidate) {
    bool const holds = is_holding(context, candidate);
    if (context.signal.is_reducing() && (holds || !context.signal.may_open()))
        return !quote.is_listed && holds;
    bool const is_silent = !quote.is_listed || (quote.instrument && !quote.price);
    return is_silent && context.now < patient_until(context);
}

/// How the account keeps its positions. While it holds one it cannot change that, and what it holds
/// tells; before that it must be asked.
AccountMode mode_for(PlanContext const& context, ports::PlanCandidate const& candidate) {
    using model::PositionMode;
    if (context.signal.market == model::Market::spot)
        return {.is_asked = true, .mode = PositionMode::one_way};
    if (is_holding(context, candidate))
        return {.is_asked = true,
                .mode = candidate.held_side == model::PositionSide::both ? PositionMode::one_way
                                                                         : PositionMode::hedge};
    if (!context.mode_of) return {};
    return context.mode_of(candidate.subscription.connection);
}

/// What it takes to ask the account; nullopt when there is no asking any more.
std::optional<FuturesAccount> to_ask(PlanContext const& context,
                                     ports::PlanCandidate const& candidate,
                                     AccountMode const& known) {
    if (known.is_asked || context.now >= patient_until(context)) return std::nullopt;
    return FuturesAccount{.connection = candidate.subscription.connection,
                          .venue = candidate.venue,
                          .environment = candidate.subscription.environment,
                          .credentials = candidate.credentials};
}

ports::PlannedCopy answer(PlanContext const& context, ports::PlanCandidate const& candidate,
                          std::vector<FuturesAccount>& unasked) {
    ports::PlannedCopy copy;
    copy.id = candidate.waiting_copy.value_or(model::CopyId::make(context.now, context.random));
    copy.subscription = candidate.subscription;
    if (candidate.has_open_leg) return copy;

    // A venue or environment that is not served has no quote: the instrument is then unknown.
    static Quote const none;
    auto const quote = context.quotes.find(candidate.subscription.environment);
    bool const served = quote != context.quotes.end() && candidate.venue == context.signal.venue;
    auto const market = (served ? quote->second : none).view(fee_of(context));
    if (!context.signal.is_reducing() && context.now >= give_up_at(context)) {
        copy.reason = to_string(model::RefusalReason::signal_expired);
        copy.target_after = candidate.portfolio.target_quantity;
        return copy;
    }
    if (served && waits_for(quote->second, context, candidate))
        throw VenueSilent("the venue has not told its instruments or a price");

    auto const known = mode_for(context, candidate);
    auto subscription = candidate.subscription;
    subscription.position_mode = known.mode.value_or(model::PositionMode::one_way);
    auto portfolio = candidate.portfolio;
    portfolio.is_aimed = candidate.legs_before > 0;
    auto const decision =
        decide(subscription, portfolio, context.signal, market, context.now, give_up_at(context));
    copy.target_after = decision.target_after;
    if (auto const* reason = std::get_if<model::RefusalReason>(&decision.outcome)) {
        copy.reason = to_string(*reason);
        return copy;
    }
    if (!known.mode) {
        if (auto account = to_ask(context, candidate, known))
            unasked.push_back(std::move(*account));
        copy.reason = to_string(model::RefusalReason::position_mode_unknown);
        copy.target_after = candidate.portfolio.target_quantity;
        return copy;
    }
    auto const& order = std::get<model::OrderPlan>(decision.outcome);
    copy.leg = leg_of(context, candidate, copy.id, order, *market.instrument);
    copy.limit_bound = order.limit_bound.value_or("");
    copy.reserved = order.reserved;
    copy.credentials = candidate.credentials;
    return copy;
}

}  // namespace

std::vector<ports::PlannedCopy> plan_copies(PlanContext const& context,
                                            std::vector<ports::PlanCandidate> const& candidates) {
    std::vector<ports::PlannedCopy> planned;
    planned.reserve(candidates.size());
    std::vector<FuturesAccount> unasked;
    for (auto const& candidate : candidates) planned.push_back(answer(context, candidate, unasked));
    if (!unasked.empty()) throw ModesUnknown(std::move(unasked));
    return planned;
}

}  // namespace obscura::conductor
