#include "app/bench_signals.hpp"

#include "app/bench_child.hpp"
#include "app/bench_cpu.hpp"
#include "app/bench_loader.hpp"

namespace obscura::app::bench {
namespace {

constexpr std::size_t pool_count = 10;
constexpr std::size_t followers_each = 100;
constexpr std::size_t signals_each = 10;  // a run: buy, sell, buy, ...: they end as they began
constexpr std::size_t signal_count = pool_count * signals_each;
constexpr std::size_t execution_count = signal_count * followers_each;
constexpr std::size_t connections = 4;

/// Signals of all pools in turn, so that those of one pool arrive in their order.
std::vector<std::string> signal_requests(World const& world, std::vector<std::string> const& ids,
                                         int run) {
    std::vector<std::string> requests;
    for (std::size_t i = 0; i < signal_count; ++i) {
        auto const reference = "run" + std::to_string(run) + "-" + std::to_string(i);
        bool const buys = i / pool_count % 2 == 0;
        auto const body = base::Json::object({{"symbol", "BTCUSDT"},
                                              {"side", buys ? "buy" : "sell"},
                                              {"quantity", "0.2"},
                                              {"external_trade_id", reference}});
        requests.push_back(render_request(
            "POST", "/v2/pools/" + ids[i % pool_count] + "/signals", "gateway",
            {"Authorization: Bearer " + world.tenant_key(), "Content-Type: application/json"},
            body.dump()));
    }
    return requests;
}

net::Task<double> run_signals(World& world, std::vector<std::string> const& ids, int run) {
    auto const since = world.clock().now();
    auto requests = signal_requests(world, ids, run);
    auto const sent = co_await send_all(world, "signals", "gateway", std::move(requests),
                                        {.connections = connections});
    expect_only(sent, 202, "the gateway");
    auto const filled = co_await world.recorded(ids, since, signal_count);
    if (filled != static_cast<std::int64_t>(execution_count))
        throw BenchFailure(std::to_string(filled) + " of " + std::to_string(execution_count) +
                           " copies were filled");
    std::chrono::duration<double> const took = world.clock().now() - sent.started;
    co_return static_cast<double>(filled) / took.count();
}

}  // namespace

net::Task<std::vector<Row>> measure_signals(World& world, int runs) {
    co_await world.grow(pool_count * followers_each);
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < pool_count; ++i) {
        ids.push_back(co_await world.add_partner_pool("signals-" + std::to_string(i)));
        co_await world.subscribe(ids.back(), i * followers_each, followers_each);
    }
    Row row{.id = "signals.sustained",
            .description = "copies ordered, filled and recorded a second; " +
                           std::to_string(signal_count) + " signals by REST for " +
                           std::to_string(pool_count) + " pools of " +
                           std::to_string(followers_each) +
                           "; PostgreSQL, Redis, venue and load on the same cores",
            .unit = "/s",
            .better = Better::higher};
    std::vector<SpentCpu> spent;
    for (int run = -1; run < runs; ++run) {
        auto const before = spent_cpu(world.stack());
        auto const rate = co_await run_signals(world, ids, run);
        if (run < 0) continue;
        row.runs.push_back(rate);
        auto const after = spent_cpu(world.stack());
        spent.push_back(per_thing(before, after, static_cast<double>(execution_count)));
    }
    row.peer = {
        .name = "the system before this one, as published", .version = "docs", .runs = {100}};
    row.target = Target{.of = Target::Of::ours, .bound = 10'000};
    auto rows = cpu_rows("signals", "copy", spent);
    rows.insert(rows.begin(), std::move(row));
    co_return rows;
}

}  // namespace obscura::app::bench
