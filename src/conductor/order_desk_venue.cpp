// What the venues grant, as they publish it and as they tell, and what time it is there.
#include "conductor/order_desk.hpp"

#include "base/log.hpp"

namespace obscura::conductor {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t time_weight = 1;  // Binance spot: GET time 1
constexpr auto clock_every = 15s;        // the clocks part by 15 ms in that time at most
constexpr auto clock_retry = 1s;
constexpr auto clock_spacing = 100ms;  // however many orders ask for it

}  // namespace

OrderDesk::Place& OrderDesk::place(PlaceKey const& key) {
    auto const found = places_.find(key);
    if (found != places_.end()) return found->second;
    bool const is_spot = key.first.market == model::Market::spot;
    Place made{.budget = model::RateBudget(is_spot ? config_.limits : config_.futures_limits),
               .clock = {}};
    return places_.emplace(key, std::move(made)).first->second;
}

std::chrono::milliseconds OrderDesk::reserve(PlaceKey const& key, std::string const& account,
                                             std::int64_t weight, std::int64_t orders,
                                             model::BudgetUse use) {
    auto& there = place(key);
    auto const time = there.clock.at(clock_.steady());
    model::BudgetTime const now{.venue = time ? time->earliest : clock_.now(),
                                .steady = clock_.steady()};
    auto const venue = ports_.venues.find(key.first);
    auto const told =
        venue == ports_.venues.end() ? std::nullopt : venue->second->weight_used(key.second);
    if (told) {
        auto const age = std::chrono::floor<std::chrono::microseconds>(now.steady - told->at);
        there.budget.observe_weight(told->weight, now.venue - age);
    }
    return there.budget.reserve(account, weight, orders, use, now);
}

std::chrono::milliseconds OrderDesk::reserve(model::Leg const& leg, std::int64_t weight,
                                             std::int64_t orders, model::BudgetUse use) {
    return reserve(key_of(leg), leg.connection.to_string(), weight, orders, use);
}

void OrderDesk::pause(model::Leg const& leg, ports::Throttled const& throttled) {
    auto& budget = place_of(leg).budget;
    auto const until = clock_.steady() + throttled.retry_after;
    if (throttled.whose == ports::Throttled::Whose::account)
        budget.pause_account(leg.connection.to_string(), until);
    else
        budget.pause_until(until);
}

base::Timestamp OrderDesk::window_of(model::Leg const& leg) {
    auto const time = place_of(leg).clock.at(clock_.steady());
    return time ? model::window_end(config_.legs, *time) : base::Timestamp{};
}

bool OrderDesk::can_sign(model::Leg const& leg) {
    return model::can_sign(leg, config_.legs, place_of(leg).clock.at(clock_.steady()));
}

model::LegTime OrderDesk::time_of(Tracked const& tracked) {
    using std::chrono::milliseconds;
    auto const now = clock_.steady();
    model::LegTime time{.venue = place_of(tracked.armed.leg).clock.at(now),
                        .age = std::chrono::floor<milliseconds>(now - tracked.since)};
    if (tracked.give_up) time.left = std::chrono::floor<milliseconds>(*tracked.give_up - now);
    return time;
}

base::Task<bool> OrderDesk::read_clock(PlaceKey key) {
    auto& there = place(key);
    auto const venue = ports_.venues.find(key.first);
    if (there.is_being_read || venue == ports_.venues.end()) co_return false;
    if (reserve(key, "", time_weight, 0, model::BudgetUse::exit_or_query) > 0ms) co_return false;
    there.is_being_read = true;
    std::string broken;
    try {
        auto const asked = clock_.steady();
        auto const told = co_await venue->second->server_time(key.second);
        if (told)
            there.clock.observe(*told, asked, clock_.steady());
        else
            broken = told.error().detail;
        if (!told && told.error().retry_after)
            there.budget.pause_until(clock_.steady() + *told.error().retry_after);
    } catch (std::exception const& e) {
        broken = e.what();
    }
    there.is_being_read = false;
    bool const is_read = broken.empty();
    if (!is_read)
        base::log::warn("orders.clock_unread", {{"venue", key.first.venue},
                                                {"market", to_string(key.first.market)},
                                                {"environment", to_string(key.second)},
                                                {"detail", broken}});
    co_return is_read;
}

/// Orders live by the venues' clocks: each is read from time to time, and soon again when it could
/// not be, or when the last two readings contradict each other.
base::Task<void> OrderDesk::clock_loop() {
    for (auto const& [venue, port] : ports_.venues)
        for (auto const environment : config_.environments) (void)place({venue, environment});
    while (!scope_->stopping() && !halted_) {
        std::vector<PlaceKey> keys;
        for (auto const& [key, there] : places_) keys.push_back(key);
        std::chrono::milliseconds pause = clock_every;
        for (auto const& key : keys) {
            bool const was_read = co_await read_clock(key);
            if (!was_read || !place(key).clock.told()) pause = clock_retry;
        }
        co_await net::sleep_for(clock_spacing);
        (void)co_await clock_event_.wait(pause);
    }
}

}  // namespace obscura::conductor
