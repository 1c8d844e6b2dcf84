// What the venues grant: their limits, as they publish them and as they tell.
#include "conductor/order_desk.hpp"

namespace obscura::conductor {

model::RateBudget& OrderDesk::budget_of(model::Leg const& leg) {
    return budgets_.try_emplace({leg.venue, leg.environment}, config_.limits).first->second;
}

std::chrono::milliseconds OrderDesk::reserve(model::Leg const& leg, std::int64_t weight,
                                             std::int64_t orders, model::BudgetUse use) {
    auto& budget = budget_of(leg);
    model::BudgetTime const now{.venue = clock_.now(), .steady = clock_.steady()};
    auto const venue = ports_.venues.find(leg.venue);
    auto const told =
        venue == ports_.venues.end() ? std::nullopt : venue->second->weight_used(leg.environment);
    if (told) {
        auto const age = std::chrono::floor<std::chrono::microseconds>(now.steady - told->at);
        budget.observe_weight(told->weight, now.venue - age);
    }
    return budget.reserve(leg.connection.to_string(), weight, orders, use, now);
}

void OrderDesk::pause(model::Leg const& leg, ports::Throttled const& throttled) {
    auto& budget = budget_of(leg);
    auto const until = clock_.steady() + throttled.retry_after;
    if (throttled.whose == ports::Throttled::Whose::account)
        budget.pause_account(leg.connection.to_string(), until);
    else
        budget.pause_until(until);
}

}  // namespace obscura::conductor
