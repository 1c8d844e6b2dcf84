#include "simulation/workload.hpp"

#include "simulation/faults.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace obscura::simulation {
namespace {

using base::Decimal;
using base::Money;
using base::Quantity;

/// The leaders' last orders: most faults have struck by then.
constexpr microseconds last_orders = fault_window + 12s;

Quantity sized(std::string const& symbol, std::int64_t units) {
    return Quantity{Decimal::from_scaled(units, symbol == "BTCUSDT" ? 2 : 1)};
}

}  // namespace

Workload::Workload(World& world, Record& record)
    : world_(world), record_(record), random_(world.dice("ids").next()) {
    auto dice = world.dice("workload");
    tenant = make<model::TenantId>();
    add_pools(3);
    tenants_pool = record_.pools.back().id;
    std::vector<model::PoolId> both{record_.pools[0].id};
    if (dice.chance(60)) both.push_back(record_.pools[1].id);
    add_leader(both);
    add_leader({record_.pools[1].id});
    for (auto const& pool : record_.pools)
        for (auto n = dice.between(1, 3); n > 0; --n) add_follower(pool.id, dice);
    for (std::size_t leader = 0; leader < leads.size(); ++leader) {
        plan_leader(leader, "BTCUSDT", dice);
        if (dice.chance(60)) plan_leader(leader, "ETHUSDT", dice);
    }
    plan_tenant(dice);
    auto contracts = world.dice("workload of futures");
    for (std::size_t leader = 0; leader < leads.size(); ++leader)
        if (contracts.chance(60)) plan_contracts(leader, "BTCUSDT", contracts);
    std::ranges::sort(orders, {}, &LeaderOrder::at);
    plan_hands();
}

void Workload::add_pools(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        record_.pools.push_back({.id = make<model::PoolId>(), .tenant = tenant});
}

void Workload::add_leader(std::vector<model::PoolId> pools) {
    ports::LeaderAccount lead;
    lead.tenant = tenant;
    lead.connection = make<model::ConnectionId>();
    lead.traders = {make<model::TraderId>()};
    lead.venue = "binance";
    lead.credential_context = fmt::format("leader-{}", leads.size());
    record_.leaders.push_back(
        {.trader = lead.traders.front(), .connection = lead.connection, .pools = std::move(pools)});
    leads.push_back(std::move(lead));
}

void Workload::add_follower(model::PoolId pool, Dice& dice) {
    Record::Follower follower;
    auto& s = follower.subscription;
    s.id = make<model::SubscriptionId>();
    s.tenant = tenant;
    s.pool = pool;
    s.user = make<model::UserId>();
    s.connection = make<model::ConnectionId>();
    s.total_investment = Money(dice.between(8, 40) * 100);
    if (dice.chance(30)) s.max_loss = Money(dice.between(100, 400));
    if (dice.chance(30)) s.daily_loss_limit = Money{Decimal::from_scaled(dice.between(1, 20), 1)};
    follower.credentials.context = fmt::format("follower-{}", record_.followers.size());
    record_.followers.push_back(std::move(follower));
}

/// In, sometimes more, partly out, out; and once more at the end, when things are calm.
void Workload::plan_leader(std::size_t leader, std::string const& symbol, Dice& dice) {
    auto const add = [&](microseconds at, model::Side side, std::int64_t units) {
        orders.push_back({at, leader, model::Market::spot, symbol, side, sized(symbol, units),
                          static_cast<int>(dice.between(1, 3))});
    };
    auto const gap = [&] {
        return dice.chance(40) ? dice.between(microseconds(2ms), microseconds(300ms))
                               : dice.between(microseconds(300ms), microseconds(5s));
    };
    auto at = dice.between(microseconds(500ms), microseconds(5s));
    for (auto cycles = dice.between(1, 4); cycles > 0; --cycles) {
        auto units = dice.between(4, 40);
        add(at, model::Side::buy, units);
        if (dice.chance(30)) {
            auto const more = dice.between(1, 20);
            add(at += gap(), model::Side::buy, more);
            units += more;
        }
        if (dice.chance(50)) {
            auto const part = dice.between(1, units - 1);
            add(at += gap(), model::Side::sell, part);
            units -= part;
        }
        // The last cycle may stay in over the faults, and be out at the very end.
        if (cycles == 1 && dice.chance(50)) at = std::max(at, last_orders - 2s);
        add(at += gap(), model::Side::sell, units);
        at += gap() + gap();
    }
    at = std::max(at, last_orders);
    add(at += gap(), model::Side::buy, 10);
    add(at += 2s + gap(), model::Side::sell, 10);
}

void Workload::plan_contracts(std::size_t leader, std::string const& symbol, Dice& dice) {
    std::int64_t held = 0;
    auto const go_to = [&](microseconds at, std::int64_t target) {
        if (target == held) return;
        auto const side = target > held ? model::Side::buy : model::Side::sell;
        orders.push_back({at, leader, model::Market::futures, symbol, side,
                          sized(symbol, std::abs(target - held)),
                          static_cast<int>(dice.between(1, 3))});
        held = target;
    };
    auto const gap = [&] {
        return dice.chance(40) ? dice.between(microseconds(2ms), microseconds(300ms))
                               : dice.between(microseconds(300ms), microseconds(5s));
    };
    auto at = dice.between(microseconds(500ms), microseconds(5s));
    for (auto moves = dice.between(2, 8); moves > 0; --moves) {
        auto const units = dice.between(4, 40);
        if (held == 0)
            go_to(at, dice.chance(50) ? units : -units);
        else if (dice.chance(40))
            go_to(at, held > 0 ? -units : units);  // through nothing
        else
            go_to(at, dice.chance(50) ? 0 : held / 2);
        at += gap();
    }
    go_to(at = std::max(at, last_orders), 0);
    // Once more, when things are calm: in, through, out.
    go_to(at += 2s + gap(), -10);
    go_to(at += 2s + gap(), 10);
    go_to(at += 2s + gap(), 0);
}

void Workload::plan_tenant(Dice& dice) {
    auto at = dice.between(microseconds(500ms), microseconds(6s));
    auto n = 0;
    auto const add = [&](std::string const& symbol, model::Side side, std::string const& quantity) {
        auto const id = fmt::format("ext-{}", ++n);
        auto const priority = dice.chance(30) ? "critical" : dice.chance(50) ? "low" : "normal";
        signals.push_back(
            {.at = at,
             .symbol = symbol,
             .body = fmt::format(R"({{"symbol":"{}","side":"{}","quantity":"{}","priority":"{}",)"
                                 R"("external_trade_id":"{}"}})",
                                 symbol, to_string(side), quantity, priority, id),
             .external_id = id});
        at += dice.chance(50) ? microseconds(20ms)
                              : dice.between(microseconds(200ms), microseconds(6s));
    };
    for (auto cycles = dice.between(1, 3); cycles > 0; --cycles) {
        std::string const symbol = dice.chance(50) ? "BTCUSDT" : "ETHUSDT";
        add(symbol, model::Side::buy, "0.4");
        if (dice.chance(40)) add(symbol, model::Side::sell, "0.1");
        add(symbol, model::Side::sell, "1");
    }
}

/// Owners close what they hold, or some of it, behind our back.
void Workload::plan_hands() {
    auto dice = world_.dice("hands");
    for (auto const& follower : record_.followers)
        for (auto const market : {model::Market::spot, model::Market::futures})
            if (dice.chance(25))
                hands.push_back(
                    {.at = dice.between(microseconds(2s), microseconds(fault_window)),
                     .account = follower.credentials.context,
                     .market = market,
                     .symbol = dice.chance(70) ? "BTCUSDT" : "ETHUSDT",
                     .percent = dice.chance(60) ? 100 : static_cast<int>(dice.between(10, 90))});
}

void Workload::start(Venue& venue) {
    for (auto const& hand : hands)
        world_.after(hand.at, [&venue, &hand] {
            venue.close_by_hand(hand.account, hand.market, hand.symbol, hand.percent);
        });
    for (auto const& order : orders)
        world_.after(order.at, [this, &venue, &order] {
            ++started_;
            venue.lead(leads[order.leader].credential_context, order.market, order.symbol,
                       order.side, order.quantity, order.fills);
        });
}

std::string const& Workload::account_of(model::SubscriptionId id) const {
    for (auto const& follower : record_.followers)
        if (follower.subscription.id == id) return follower.credentials.context;
    throw std::logic_error("no such subscription");
}

}  // namespace obscura::simulation
