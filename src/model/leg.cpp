#include "model/leg.hpp"

#include <algorithm>

namespace obscura::model {
namespace {

using Action = LegStep::Action;
using Kind = LegEvent::Kind;

constexpr std::chrono::milliseconds max_retry_pause{10'000};
constexpr std::chrono::milliseconds max_poll_pause{30'000};

LegStep finish(LegState state, std::string evidence) {
    return {.action = Action::finish, .state = state, .when = {}, .evidence = std::move(evidence)};
}

/// Only called where it is certain that the venue holds no order of this attempt.
LegStep rearm(Leg const& leg, int attempt, std::string const& evidence, base::Timestamp not_before,
              base::Timestamp now) {
    if (leg.give_up_at && std::max(not_before, now) >= *leg.give_up_at)
        return finish(LegState::rejected, "given up, last: " + evidence);
    return {.action = Action::rearm,
            .state = LegState::armed,
            .when = not_before,
            .evidence = evidence,
            .attempt = attempt};
}

/// Likewise, after a sending.
LegStep try_again(Leg const& leg, std::string const& evidence, base::Timestamp not_before,
                  LegPolicy const& policy, base::Timestamp now) {
    int const allowed = leg.reduce_only ? policy.max_attempts_exit : policy.max_attempts_open;
    if (leg.attempt >= allowed)
        return finish(leg.reduce_only ? LegState::alarmed : LegState::rejected,
                      "attempts used up, last: " + evidence);
    return rearm(leg, leg.attempt + 1, evidence, not_before, now);
}

/// Doubles with every attempt up to ten seconds: a venue that is overloaded for minutes must not
/// use up an exit's attempts in seconds.
std::chrono::milliseconds retry_pause(Leg const& leg, LegEvent const& event,
                                      LegPolicy const& policy) {
    auto const doublings = std::min(leg.attempt - 1, 10);
    auto const pause = std::min(policy.retry_pause * (1 << doublings), max_retry_pause);
    return std::max({pause, policy.retry_pause, event.retry_after});
}

/// The longer an order is past its sending, the less often it is asked for: orders that rest, and
/// accounts whose keys were taken back, must not eat the venue's budget.
std::chrono::milliseconds poll_pause(Leg const& leg, LegPolicy const& policy, base::Timestamp now) {
    auto const age =
        std::chrono::duration_cast<std::chrono::milliseconds>(now - leg.send_not_after);
    return std::max(std::min(age / 10, max_poll_pause), policy.poll_pause);
}

LegStep ask(LegState state, base::Timestamp when) {
    return {.action = Action::query, .state = state, .when = when, .evidence = {}};
}

/// Nothing was sent: the same attempt may go out while it has life left.
LegStep resend_or_rearm(Leg const& leg, LegEvent const& event, LegPolicy const& policy,
                        base::Timestamp now) {
    if (!event.retryable) return finish(LegState::rejected, event.evidence);
    // What did not leave us troubled no venue: no growing pauses.
    auto const when = now + std::max(policy.retry_pause, event.retry_after);
    if (when + policy.min_sign_margin < leg.send_not_after)
        return {.action = Action::send,
                .state = LegState::armed,
                .when = when,
                .evidence = event.evidence};
    return rearm(leg, leg.attempt, event.evidence, when, now);
}

LegStep after_absence(Leg const& leg, LegEvent const& event, LegPolicy const& policy,
                      base::Timestamp now) {
    auto const proven_at = leg.send_not_after + policy.clock_error;
    // An order seen once does not become absent: the venue forgot it, or answered from a stale
    // node.
    if (leg.state == LegState::working)
        return ask(LegState::working, now + poll_pause(leg, policy, now));
    if (event.asked_at > proven_at) return try_again(leg, "absent after expiry", now, policy, now);
    return ask(LegState::unknown, std::max(proven_at + std::chrono::milliseconds(1), now));
}

bool is_about_sending(Kind kind) {
    return kind == Kind::not_sent || kind == Kind::throttled || kind == Kind::refused ||
           kind == Kind::lost;
}

}  // namespace

std::string client_order_id_of(LegId id) { return "ob" + id.value.to_hex(); }

bool can_sign(Leg const& leg, LegPolicy const& policy, base::Timestamp now) {
    return now + policy.min_sign_margin < leg.send_not_after;
}

LegStep next_step(Leg const& leg, LegEvent const& event, LegPolicy const& policy,
                  base::Timestamp now) {
    if (leg.is_final()) return finish(leg.state, {});
    // Only an armed leg is sent. Elsewhere such news is of nothing, and the order may be there.
    if (leg.state != LegState::armed && is_about_sending(event.kind))
        return ask(leg.state, now + poll_pause(leg, policy, now));
    switch (event.kind) {
        case Kind::not_sent:
            return resend_or_rearm(leg, event, policy, now);
        case Kind::throttled:
            return try_again(leg, event.evidence, now + retry_pause(leg, event, policy), policy,
                             now);
        case Kind::refused:
            if (!event.retryable) return finish(LegState::rejected, event.evidence);
            return try_again(leg, event.evidence, now + retry_pause(leg, event, policy), policy,
                             now);
        case Kind::lost:
            return ask(LegState::unknown, now);
        case Kind::found_open:
            return ask(LegState::working, now + poll_pause(leg, policy, now));
        case Kind::found_final:
            if (event.executed) return finish(LegState::filled, event.evidence);
            // An exit that the venue ended unfilled leaves a position that nobody closes: alarm.
            return finish(leg.reduce_only ? LegState::alarmed : LegState::rejected, event.evidence);
        case Kind::found_absent:
            return after_absence(leg, event, policy, now);
        case Kind::query_failed:
            return ask(leg.state == LegState::working ? LegState::working : LegState::unknown,
                       now + std::max(poll_pause(leg, policy, now), event.retry_after));
    }
    return finish(LegState::alarmed, "unreachable");
}

LegStep recover(Leg const& leg, base::Timestamp now) {
    return ask(leg.state == LegState::working ? LegState::working : LegState::unknown, now);
}

}  // namespace obscura::model
