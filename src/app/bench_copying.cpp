#include "app/bench_copying.hpp"

#include "app/bench_child.hpp"
#include "net/runtime.hpp"

#include <chrono>

namespace obscura::app::bench {
namespace {

using namespace std::chrono_literals;

double ms_after(base::Timestamp begin, base::Timestamp end) {
    return std::chrono::duration<double, std::milli>(end - begin).count();
}

/// The venue has the orders before the record says so.
net::Task<store::SignalStages> recorded_signal(World& world, Arena const& arena,
                                               base::Timestamp since) {
    base::SystemClock const clock;
    for (auto const deadline = clock.steady() + 60s; clock.steady() < deadline;) {
        auto const signals = co_await world.signals_of({arena.pool}, since);
        if (signals.size() > 1) throw BenchFailure("the leader's one fill is two signals");
        if (signals.size() == 1 && signals[0].is_over() && signals[0].ingested &&
            signals[0].planned && signals[0].last_signed)
            co_return signals[0];
        co_await net::sleep_for(5ms);
    }
    throw BenchFailure("the leader's one fill is no signal that ended within a minute");
}

}  // namespace

void expect_all(FanOut const& found, std::size_t size, char const* whose) {
    if (found.orders != size)
        throw BenchFailure(std::string(whose) + ": " + std::to_string(found.orders) + " of " +
                           std::to_string(size) + " orders");
}

net::Task<Arena> make_arena(World& world, std::string name, std::size_t size) {
    Arena arena{.size = size, .leader = {}, .pool = {}};
    arena.leader = co_await world.add_leader(name);
    arena.pool = co_await world.add_curated_pool(name, arena.leader.trader);
    co_await world.subscribe(arena.pool, 0, size);
    co_return arena;
}

net::Task<Copied> copy_once(World& world, Arena const& arena, std::string side) {
    auto const order = co_await world.trade(arena.leader, side, leader_quantity);
    auto const accepted = co_await world.settled(order.id, arena.size);
    Copied copied;
    copied.orders = fan_out(accepted, world.follower_prefix(), side, order.filled_at);
    expect_all(copied.orders, arena.size, "the copies");
    auto const signal = co_await recorded_signal(world, arena, order.filled_at);
    copied.ingested_ms = ms_after(order.filled_at, signal.ingested.value());
    copied.accepted_ms = ms_after(order.filled_at, signal.accepted);
    copied.planned_ms = ms_after(order.filled_at, signal.planned.value());
    copied.signed_ms = ms_after(order.filled_at, signal.last_signed.value());
    co_return copied;
}

}  // namespace obscura::app::bench
