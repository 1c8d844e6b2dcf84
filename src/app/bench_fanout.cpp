#include "app/bench_fanout.hpp"

#include "app/bench_child.hpp"
#include "app/bench_copying.hpp"
#include "app/bench_loader.hpp"

#include <chrono>

namespace obscura::app::bench {
namespace {

constexpr auto peer_quantity = "0.002";
constexpr std::size_t peer_connections = 96;  // as many as conductor has orders in flight
constexpr std::size_t target_size = 1'000;
constexpr double target_ratio = 2.5;

/// What the runs of one size showed.
struct Copies {
    std::size_t size = 0;
    std::vector<Copied> ours{};
    std::vector<FanOut> peers{};
};

net::Task<FanOut> post_once(World& world, Arena const& arena) {
    auto const before = co_await world.last_order_id();
    std::vector<std::string> requests;
    for (std::size_t i = 0; i < arena.size; ++i)
        requests.push_back(world.signed_order(world.followers()[i].account, "BUY", peer_quantity));
    auto const result =
        co_await send_all(world, "bare-loop", "paper", requests, {.connections = peer_connections});
    auto const accepted = co_await world.accepted_after(before);
    // The ledger tells whole milliseconds: the start is cut to one as the ends are.
    auto const began = std::chrono::floor<std::chrono::milliseconds>(result.started);
    auto const found = fan_out(accepted, world.follower_prefix(), "BUY", began);
    expect_all(found, arena.size, "the bare loop");
    co_return found;
}

Row row_of(Copies const& copies, bool last) {
    auto const pick = [last](FanOut const& found) { return last ? found.last_ms : found.first_ms; };
    auto const size = std::to_string(copies.size);
    Row row{.id = std::string("fanout.") + (last ? "last." : "first.") + size,
            .description = "from the leader's fill to the " + std::string(last ? "last" : "first") +
                           " of " + size + " followers' orders accepted, by the venue's ledger",
            .unit = "ms"};
    for (auto const& copied : copies.ours) row.runs.push_back(pick(copied.orders));
    row.peer = {.name = "bare loop: orders signed beforehand, 96 connections", .version = "1"};
    for (auto const& found : copies.peers) row.peer.runs.push_back(pick(found));
    if (last && copies.size == target_size)
        row.target = Target{.of = Target::Of::ratio, .bound = target_ratio};
    return row;
}

/// Where the time goes; nobody else has these stages.
Row stage_row(Copies const& copies, std::string stage, std::string meaning,
              double Copied::* reached) {
    Row row{.id = "fanout." + stage + "." + std::to_string(copies.size),
            .description = "from the leader's fill until " + meaning,
            .unit = "ms"};
    for (auto const& copied : copies.ours) row.runs.push_back(copied.*reached);
    return row;
}

}  // namespace

net::Task<std::vector<Row>> measure_fanout(World& world, std::vector<std::size_t> const& sizes,
                                           int runs) {
    std::vector<Row> rows;
    for (auto const size : sizes) {
        co_await world.grow(size);
        auto const arena = co_await make_arena(world, "fanout-" + std::to_string(size), size);
        Copies copies{.size = size};
        for (int run = -1; run < runs; ++run) {
            auto const bought = co_await copy_once(world, arena, "BUY");
            (void)co_await copy_once(world, arena, "SELL");
            auto const posted = co_await post_once(world, arena);
            if (run < 0) continue;  // the first warms connections, caches and statistics
            copies.ours.push_back(bought);
            copies.peers.push_back(posted);
        }
        rows.push_back(
            stage_row(copies, "ingested", "sentinel has its bytes", &Copied::ingested_ms));
        rows.push_back(
            stage_row(copies, "accepted", "its signal is committed", &Copied::accepted_ms));
        rows.push_back(
            stage_row(copies, "planned", "conductor plans its copies", &Copied::planned_ms));
        rows.push_back(
            stage_row(copies, "signed", "citadel has signed the last order", &Copied::signed_ms));
        rows.push_back(row_of(copies, false));
        rows.push_back(row_of(copies, true));
    }
    co_return rows;
}

}  // namespace obscura::app::bench
