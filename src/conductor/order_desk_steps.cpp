// Carrying out what model::next_step decides, when it is due.
#include "conductor/order_desk.hpp"

#include "base/failpoint.hpp"
#include "base/log.hpp"

#include <algorithm>

namespace obscura::conductor {
namespace {

using namespace std::chrono_literals;
using model::LegEvent;
using Kind = LegEvent::Kind;

constexpr std::size_t max_queries_in_flight = 64;

}  // namespace

void OrderDesk::apply(model::LegId id, LegEvent const& event) {
    auto& tracked = *find(id);
    auto& leg = tracked.armed.leg;
    auto const before = leg.state;
    auto const step = model::next_step(leg, event, config_.legs, time_of(tracked));
    // `armed` becomes durable again only by a rearm; what is recorded here is what was learned.
    if (step.action == model::LegStep::Action::look && event.kind == Kind::refused)
        tracked.refusal = event.evidence;
    if (step.action == model::LegStep::Action::rearm)
        tracked.next_attempt = step.attempt;
    else
        leg.state = step.state;
    if (step.action == model::LegStep::Action::finish) leg.continues = step.continues;
    bool const news = leg.state != before || tracked.fills.size() > tracked.recorded_fills;
    if (step.action == model::LegStep::Action::finish ||
        (news && leg.state != model::LegState::armed))
        record(tracked, step.evidence);
    if (step.action == model::LegStep::Action::finish) {
        // What an account was found to be may be what its venue did not like.
        if (leg.state == model::LegState::rejected) accounts_.erase(leg.connection);
        legs_.erase(id);
        return;
    }
    agenda_.put(id, step.action, clock_.steady() + step.after);
    agenda_event_.notify();
}

base::Task<void> OrderDesk::agenda_loop() {
    using Action = model::LegStep::Action;
    while (!scope_->stopping() && !halted_) {
        Batch to_rearm;
        for (auto const& [id, action] : agenda_.due(clock_.steady())) {
            auto* tracked = find(id);
            if (tracked == nullptr) continue;
            if (action == Action::rearm)
                to_rearm.push_back(id);
            else if (action == Action::send)
                (tracked->armed.leg.reduce_only ? ready_exits_ : ready_opens_).push_back(id);
            else if (queries_in_flight_ >= max_queries_in_flight)
                agenda_.put(id, action, clock_.steady() + 50ms);
            else {
                ++queries_in_flight_;
                scope_->spawn("orders.query", action == Action::look ? look(id) : query(id));
            }
        }
        if (!to_rearm.empty()) co_await rearm(std::move(to_rearm));
        ready_event_.notify();
        auto const next = agenda_.next();
        auto pause = std::chrono::milliseconds(1'000);
        if (next)
            pause = std::clamp(
                std::chrono::ceil<std::chrono::milliseconds>(*next - clock_.steady()), 1ms, pause);
        (void)co_await agenda_event_.wait(pause);
    }
}

base::Task<void> OrderDesk::rearm(Batch batch) {
    std::vector<model::Leg> next;
    std::erase_if(batch, [&](model::LegId id) {
        auto const& tracked = *find(id);
        auto const time = time_of(tracked);
        if (time.left && *time.left <= 0ms) {
            // An open whose time is over while the database was away is not bought late at another
            // price.
            apply(id, {.kind = Kind::not_sent, .retryable = false, .evidence = "given up unsent"});
            return true;
        }
        if (!time.venue) {
            agenda_.put(id, model::LegStep::Action::rearm,
                        clock_.steady() + config_.legs.retry_pause);
            return true;
        }
        auto& leg = next.emplace_back(tracked.armed.leg);
        leg.state = model::LegState::armed;
        leg.attempt = tracked.next_attempt;
        leg.send_not_after = model::window_end(config_.legs, *time.venue);
        return false;
    });
    if (batch.empty()) co_return;
    bool done = false;
    try {
        base::failpoint("conductor.before_rearm");
        co_await ports_.copies.rearm(epoch_, next);
        base::failpoint("conductor.after_rearm");
        done = true;
    } catch (ports::Fenced const& e) {
        fenced(e.what());
    } catch (std::exception const& e) {
        base::log::warn("orders.rearm_failed", {{"legs", batch.size()}, {"detail", e.what()}});
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (!done) {
            agenda_.put(batch[i], model::LegStep::Action::rearm,
                        clock_.steady() + config_.legs.retry_pause);
            continue;
        }
        rearmed_.add();
        auto& tracked = *find(batch[i]);
        tracked.armed.leg = next[i];
        tracked.since = clock_.steady();
        (next[i].reduce_only ? ready_exits_ : ready_opens_).push_back(batch[i]);
    }
}

}  // namespace obscura::conductor
