#include "model/leg.hpp"

#include <algorithm>

namespace obscura::model {
namespace {

using Action = LegStep::Action;
using Kind = LegEvent::Kind;
using std::chrono::milliseconds;

constexpr milliseconds max_retry_pause{10'000};
constexpr milliseconds max_poll_pause{30'000};

constexpr milliseconds max_window{60'000};  // Binance takes no longer recvWindow

LegStep finish(LegState state, std::string evidence) {
    return {.action = Action::finish, .state = state, .evidence = std::move(evidence)};
}

/// Only called where it is certain that the venue holds no order of this attempt.
LegStep rearm(int attempt, std::string const& evidence, milliseconds after, LegTime const& now) {
    if (now.left && after >= *now.left)
        return finish(LegState::rejected, "given up, last: " + evidence);
    return {.action = Action::rearm,
            .state = LegState::armed,
            .after = after,
            .evidence = evidence,
            .attempt = attempt};
}

/// Likewise, after a sending.
LegStep try_again(Leg const& leg, std::string const& evidence, milliseconds after,
                  LegPolicy const& policy, LegTime const& now) {
    int const allowed = leg.reduce_only ? policy.max_attempts_exit : policy.max_attempts_open;
    if (leg.attempt >= allowed)
        return finish(leg.reduce_only ? LegState::alarmed : LegState::rejected,
                      "attempts used up, last: " + evidence);
    return rearm(leg.attempt + 1, evidence, after, now);
}

/// Doubles with every try up to ten seconds.
milliseconds growing_pause(int tries, LegPolicy const& policy) {
    auto const doublings = std::clamp(tries - 1, 0, 10);
    auto const pause = std::min(policy.retry_pause * (1 << doublings), max_retry_pause);
    return std::max(pause, policy.retry_pause);
}

/// A venue that is overloaded for minutes must not use up an exit's attempts in seconds.
milliseconds retry_pause(Leg const& leg, LegEvent const& event, LegPolicy const& policy) {
    return std::max(growing_pause(leg.attempt, policy), event.retry_after);
}

/// The longer an order is past its sending, the less often it is asked for: orders that rest, and
/// accounts whose keys were taken back, must not eat the venue's budget.
milliseconds poll_pause(LegPolicy const& policy, LegTime const& now) {
    return std::max(std::min(now.age / 10, max_poll_pause), policy.poll_pause);
}

LegStep ask(LegState state, milliseconds after) {
    return {.action = Action::query, .state = state, .after = after, .evidence = {}};
}

/// Nothing was sent: the same attempt may go out while it has life left.
LegStep resend_or_rearm(Leg const& leg, LegEvent const& event, LegPolicy const& policy,
                        LegTime const& now) {
    if (!event.retryable) return finish(LegState::rejected, event.evidence);
    // What did not leave us troubled no venue: no growing pauses.
    auto const after = std::max(policy.retry_pause, event.retry_after);
    auto then = now.venue;
    if (then) then->latest += after;
    if (can_sign(leg, policy, then))
        return {.action = Action::send,
                .state = LegState::armed,
                .after = after,
                .evidence = event.evidence};
    return rearm(leg.attempt, event.evidence, after, now);
}

LegStep after_absence(Leg const& leg, LegEvent const& event, LegPolicy const& policy,
                      LegTime const& now) {
    // An order seen once does not become absent: the venue forgot it, or answered from a stale
    // node.
    if (leg.state == LegState::working) return ask(LegState::working, poll_pause(policy, now));
    if (event.asked_after && is_past_expiry(leg, policy, *event.asked_after))
        return try_again(leg, "absent after expiry", milliseconds(0), policy, now);
    if (!now.venue) return ask(LegState::unknown, poll_pause(policy, now));
    auto const proven_at = leg.send_not_after + policy.clock_error;
    // Past it by our reckoning: the venue has yet to say so.
    if (now.venue->earliest > proven_at) return ask(LegState::unknown, policy.retry_pause);
    auto const wait = std::chrono::ceil<milliseconds>(proven_at - now.venue->earliest);
    return ask(LegState::unknown, std::min(wait + milliseconds(1), max_poll_pause));
}

/// The venue has ended the order. A limit is its giver's word: what it does not reach is left. At
/// the market a book was too thin for a moment, and somebody wants to be out.
LegStep after_end(Leg const& leg, LegEvent const& event, LegPolicy const& policy) {
    bool const is_short = !event.executed || event.in_part;
    auto const state = event.executed ? LegState::filled : LegState::rejected;
    if (!is_short || !leg.reduce_only || (event.executed && leg.type == OrderType::limit)) {
        auto step = finish(state, event.evidence);
        step.continues = leg.continues && state == LegState::filled;
        return step;
    }
    // An exit that the venue ended unfilled leaves a position that nobody closes: alarm.
    bool const may_go_on = leg.type == OrderType::market && leg.seq + 1 < policy.max_legs;
    auto step = finish(may_go_on ? state : LegState::alarmed, event.evidence);
    step.continues = may_go_on;
    return step;
}

bool is_about_sending(Kind kind) {
    return kind == Kind::not_sent || kind == Kind::throttled || kind == Kind::refused ||
           kind == Kind::lost || kind == Kind::holds_enough || kind == Kind::holds_less ||
           kind == Kind::holds_who_knows;
}

}  // namespace

std::string client_order_id_of(LegId id) { return "ob" + id.value.to_hex(); }

base::Timestamp window_end(LegPolicy const& policy, VenueTime const& now) {
    // The request counts from the earliest: a time stamp ahead of the venue's clock is refused.
    return std::min(now.latest + policy.send_window, now.earliest + max_window);
}

bool can_sign(Leg const& leg, LegPolicy const& policy, std::optional<VenueTime> const& now) {
    if (!now) return false;
    bool const has_life = now->latest + policy.min_sign_margin < leg.send_not_after;
    auto const longest = now->latest + policy.send_window + policy.clock_error;
    return has_life && leg.send_not_after <= longest;
}

bool is_past_expiry(Leg const& leg, LegPolicy const& policy, base::Timestamp told) {
    return told > leg.send_not_after + policy.clock_error;
}

LegStep next_step(Leg const& leg, LegEvent const& event, LegPolicy const& policy,
                  LegTime const& now) {
    if (leg.is_final())
        return {.action = Action::finish, .state = leg.state, .continues = leg.continues};
    // Only an armed leg is sent. Elsewhere such news is of nothing, and the order may be there.
    if (leg.state != LegState::armed && is_about_sending(event.kind))
        return ask(leg.state, poll_pause(policy, now));
    switch (event.kind) {
        case Kind::not_sent:
            return resend_or_rearm(leg, event, policy, now);
        case Kind::throttled:
            return try_again(leg, event.evidence, retry_pause(leg, event, policy), policy, now);
        case Kind::refused:
            if (!event.retryable && event.lacks_holdings && leg.reduce_only)
                return {.action = Action::look, .state = leg.state, .evidence = event.evidence};
            if (!event.retryable) return finish(LegState::rejected, event.evidence);
            return try_again(leg, event.evidence, retry_pause(leg, event, policy), policy, now);
        case Kind::lost:
            return ask(LegState::unknown, milliseconds(0));
        case Kind::found_open:
            return ask(LegState::working, poll_pause(policy, now));
        case Kind::found_final:
            return after_end(leg, event, policy);
        case Kind::found_absent:
            return after_absence(leg, event, policy, now);
        case Kind::holds_enough:
            return finish(LegState::rejected, event.evidence);
        case Kind::holds_less: {
            // What is left, if anything, is decided on anew.
            bool const may_go_on = leg.seq + 1 < policy.max_legs;
            auto step = finish(may_go_on ? LegState::rejected : LegState::alarmed, event.evidence);
            step.continues = may_go_on;
            return step;
        }
        case Kind::holds_who_knows:
            return {.action = Action::look,
                    .state = leg.state,
                    .after = std::max(poll_pause(policy, now), event.retry_after)};
        case Kind::query_failed:
            return ask(leg.state == LegState::working ? LegState::working : LegState::unknown,
                       std::max(poll_pause(policy, now), event.retry_after));
    }
    return finish(LegState::alarmed, "unreachable");
}

milliseconds first_pause(Leg const& leg, LegPolicy const& policy) {
    return leg.reduce_only && leg.seq > 0 ? growing_pause(leg.seq, policy) : milliseconds(0);
}

LegStep recover(Leg const& leg) {
    return ask(leg.state == LegState::working ? LegState::working : LegState::unknown,
               milliseconds(0));
}

}  // namespace obscura::model
