// An exit that the venue refused since there is nothing to close: what the account holds is asked
// for, and what is gone from it is told to the record.
#include "conductor/order_desk.hpp"

#include "base/log.hpp"

#include <algorithm>

namespace obscura::conductor {
namespace {

using namespace std::chrono_literals;
using model::LegEvent;
using Kind = LegEvent::Kind;

constexpr std::int64_t holding_weight =
    20;                               // Binance spot: GET account 20; futures: positionRisk 5
constexpr int newest_trades = 1'000;  // as many as Binance gives at once

/// Of what the account holds, as much as the leg may close.
base::Quantity to_close(model::Leg const& leg, base::Quantity held) {
    return std::max(model::signed_change(opposite(leg.side), held), base::Quantity{});
}

}  // namespace

base::Task<void> OrderDesk::look(model::LegId id) {
    LegEvent event{.kind = Kind::holds_who_knows};
    try {
        event = co_await look_at(id);
    } catch (std::exception const& e) {
        base::log::warn("orders.look_failed", {{"leg", id.to_string()}, {"detail", e.what()}});
    }
    --queries_in_flight_;
    if (halted_) co_return;  // the next owner finds it armed, and is refused again
    apply(id, event);
}

/// A position is written off on the venue's refusal and on two looks that agree: one alone may be
/// behind.
base::Task<LegEvent> OrderDesk::look_at(model::LegId id) {
    auto const held = co_await read_holding(id);
    auto& tracked = *find(id);
    auto const& leg = tracked.armed.leg;
    if (!held) {
        auto const wait = held.error().retry_after;
        if (wait) pause(leg, {.retry_after = *wait});
        co_return LegEvent{.kind = Kind::holds_who_knows, .retry_after = wait.value_or(0s)};
    }
    auto const left = to_close(leg, *held);
    auto const evidence = tracked.refusal + " (the account holds " + left.to_string() + ")";
    if (left >= leg.quantity) co_return LegEvent{.kind = Kind::holds_enough, .evidence = evidence};
    if (std::exchange(tracked.looked, left) != left)
        co_return LegEvent{.kind = Kind::holds_who_knows};
    auto trades = co_await list_trades(id, {.symbol = leg.symbol,
                                            .from_id = std::nullopt,
                                            .venue_order_id = std::nullopt,
                                            .start_time = std::nullopt,
                                            .limit = newest_trades});
    if (!trades) {
        auto const wait = trades.error().retry_after;
        if (wait) pause(leg, {.retry_after = *wait});
        co_return LegEvent{.kind = Kind::holds_who_knows, .retry_after = wait.value_or(0s)};
    }
    base::log::warn("orders.closed_elsewhere",
                    {{"leg", id.to_string()}, {"symbol", leg.symbol}, {"left", left.to_string()}});
    find(id)->gone = ports::Gone{.left = model::signed_change(opposite(leg.side), left),
                                 .trades = std::move(*trades)};
    co_return LegEvent{.kind = Kind::holds_less, .evidence = evidence};
}

base::Task<base::Result<base::Quantity>> OrderDesk::read_holding(model::LegId id) {
    auto& tracked = *find(id);
    auto const& leg = tracked.armed.leg;
    if (reserve(leg, holding_weight, 0, model::BudgetUse::exit_or_query) > 0ms)
        co_return base::fail(base::Errc::unavailable, "no_budget", "no budget");
    model::VenueOperation operation = model::ReadAccount{};
    if (leg.market == model::Market::futures)
        operation = model::ReadPositions{.symbol = leg.symbol};
    std::vector<ports::SignItem> items;
    items.push_back(sign_item(tracked, std::move(operation), std::nullopt));
    auto requests = co_await requests_.make(std::move(items));
    if (!requests) co_return std::unexpected(requests.error());
    if (!requests->front()) co_return std::unexpected(requests->front().error());
    co_return co_await venue_of(leg).holding(
        std::move(*requests->front()),
        {.symbol = leg.symbol, .base_asset = leg.base_asset, .position_side = leg.position_side});
}

}  // namespace obscura::conductor
