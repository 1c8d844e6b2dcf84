#include "app/bench_sentinel.hpp"

#include "app/bench_child.hpp"
#include "app/bench_cpu.hpp"
#include "app/bench_loader.hpp"
#include "app/bench_normalise.hpp"
#include "net/runtime.hpp"
#include "store/redis.hpp"

#include <charconv>

namespace obscura::app::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t leader_count = 8;
constexpr std::size_t walking_orders = 400;  // a run
constexpr auto walking_quantity = "80";      // walks the book's twenty levels: as many fills
constexpr auto small_quantity = "0.01";      // one fill
constexpr std::size_t small_orders = 1'000;  // a run
constexpr double small_rate = 200;           // a second
constexpr auto commit_patience = 120s;

struct Latencies {
    base::Clock const& clock;
    std::vector<double> ms;

    void add(std::string_view payload) {
        auto const trade = base::parse_json(payload);
        auto const received = trade ? (*trade)["received_at"].to_int64() : std::nullopt;
        if (!received) return;
        auto const took = base::to_unix_us(clock.now()) - *received;
        ms.push_back(static_cast<double>(took) / 1'000);
    }
};

/// The value of a counter without labels in the Prometheus text format.
std::int64_t counter_in(std::string const& text, std::string const& name) {
    auto const at = text.find("\n" + name + " ");
    if (at == text.npos) return 0;
    double value = 0;
    auto const begin = at + name.size() + 2;
    std::from_chars(text.data() + begin, text.data() + text.size(), value);
    return static_cast<std::int64_t>(value);
}

net::Task<std::int64_t> committed(World& world) {
    auto const answer =
        co_await world.api().call("GET", world.stack().info().url("sentinel"), "/metrics", "");
    co_return counter_in(answer.body.is_string() ? answer.body.as_string() : "",
                         "sentinel_trades_committed_total");
}

net::Task<void> until_committed(World& world, std::int64_t wanted) {
    for (auto const deadline = world.clock().steady() + commit_patience;
         world.clock().steady() < deadline;) {
        if (co_await committed(world) >= wanted) co_return;
        co_await nap(10ms);
    }
    throw BenchFailure("sentinel did not commit every fill");
}

/// Conductor has planned what the fills became: it does not work on them while latencies are
/// measured.
net::Task<void> until_planned(World& world) {
    for (auto const deadline = world.clock().steady() + commit_patience;
         world.clock().steady() < deadline;) {
        auto const answer =
            co_await world.api().call("GET", world.stack().info().url("conductor"), "/health", "");
        if (answer.body["queued_signals"] == base::Json(0)) co_return;
        co_await nap(50ms);
    }
    throw BenchFailure("conductor does not come to its end");
}

/// Until each leader has a feed and all are live.
net::Task<void> until_followed(World& world, std::size_t feeds) {
    for (auto const deadline = world.clock().steady() + commit_patience;
         world.clock().steady() < deadline;) {
        auto const health =
            co_await world.api().expect("GET", world.stack().info().url("sentinel"), "/health", "");
        bool const is_live = health["feeds_live"] == base::Json(true);
        if (is_live && health["feeds"].as_array().size() >= feeds) co_return;
        co_await nap(50ms);
    }
    throw BenchFailure("the leaders' feeds do not become live");
}

std::vector<std::string> orders_of(World const& world, std::vector<Leader> const& all,
                                   std::size_t count, char const* quantity) {
    std::vector<std::string> requests;
    for (std::size_t i = 0; i < count; ++i)
        requests.push_back(world.signed_order(all[i % all.size()].account,
                                              i / all.size() % 2 == 0 ? "BUY" : "SELL", quantity));
    return requests;
}

/// Fills a second from the first order to the commit of the last fill.
net::Task<double> ingest_once(World& world, std::vector<Leader> const& all) {
    auto const before = co_await committed(world);
    auto requests = orders_of(world, all, walking_orders, walking_quantity);
    auto const sent = co_await send_all(world, "sentinel-fills", "paper", std::move(requests),
                                        {.connections = leader_count});
    expect_only(sent, 200, "the venue");
    auto const fills = static_cast<std::int64_t>(walking_orders * 20);
    co_await until_committed(world, before + fills);
    std::chrono::duration<double> const took = world.clock().now() - sent.started;
    co_return static_cast<double>(fills) / took.count();
}

net::Task<std::vector<double>> latencies_once(World& world, std::vector<Leader> const& all) {
    Latencies latencies{.clock = world.clock(), .ms = {}};
    std::vector<std::string> channels;
    for (auto const& leader : all) channels.push_back("trades." + leader.trader);
    net::Event is_subscribed(world.executor());
    store::RedisSubscriber subscriber(
        world.executor(), {.url = base::Secret(world.stack().info().redis_url)}, channels, {},
        [&](std::string_view, std::string_view payload) { latencies.add(payload); },
        [&] { is_subscribed.notify(); });
    if (!co_await is_subscribed.wait(10s)) throw BenchFailure("Redis does not answer");
    auto const before = co_await committed(world);
    auto requests = orders_of(world, all, small_orders, small_quantity);
    auto const sent = co_await send_all(world, "sentinel-latency", "paper", std::move(requests),
                                        {.connections = leader_count, .rate = small_rate});
    expect_only(sent, 200, "the venue");
    co_await until_committed(world, before + static_cast<std::int64_t>(small_orders));
    for (int look = 0; look < 100 && latencies.ms.size() < small_orders; ++look) co_await nap(10ms);
    subscriber.close();
    if (latencies.ms.size() < small_orders)
        throw BenchFailure("only " + std::to_string(latencies.ms.size()) + " of " +
                           std::to_string(small_orders) + " fills reached the subscriber");
    co_return latencies.ms;
}

}  // namespace

net::Task<std::vector<Row>> measure_sentinel(World& world, int runs) {
    std::vector<Leader> all;
    for (std::size_t i = 0; i < leader_count; ++i) {
        auto const name = "sentinel-" + std::to_string(i);
        all.push_back(co_await world.add_leader(name));
        // A leader that nobody's pool has is not followed.
        (void)co_await world.add_curated_pool(name, all.back().trader);
    }
    co_await until_followed(world, leader_count);
    Row durable{.id = "sentinel.durable",
                .description =
                    "fills normalised and committed a second, with the venue that makes "
                    "them, PostgreSQL and conductor on the same cores",
                .unit = "/s",
                .better = Better::higher};
    auto const at = "from the bytes at the socket to a subscriber of Redis, " +
                    figure_text(small_rate) + " fills/s";
    Row p50{.id = "sentinel.latency.p50", .description = "median, " + at, .unit = "ms"};
    Row p99{.id = "sentinel.latency.p99", .description = "p99, " + at, .unit = "ms"};
    p50.target = Target{.of = Target::Of::ours, .bound = 1};
    p99.target = Target{.of = Target::Of::ours, .bound = 5};
    Distribution latencies{.name = "socket to Redis", .samples = {}};
    (void)co_await ingest_once(world, all);
    std::vector<SpentCpu> spent;
    for (int run = 0; run < runs; ++run) {
        auto const before = spent_cpu(world.stack());
        durable.runs.push_back(co_await ingest_once(world, all));
        co_await until_planned(world);
        spent.push_back(per_thing(before, spent_cpu(world.stack()), walking_orders * 20.0));
        auto const some = co_await latencies_once(world, all);
        p50.runs.push_back(quantile(some, 0.5));
        p99.runs.push_back(quantile(some, 0.99));
        latencies.samples.insert(latencies.samples.end(), some.begin(), some.end());
    }
    p99.distributions.push_back(std::move(latencies));
    auto rows = cpu_rows("sentinel", "fill", spent);
    rows.insert(rows.begin(),
                {measure_normalisation(runs), std::move(p50), std::move(p99), std::move(durable)});
    co_return rows;
}

}  // namespace obscura::app::bench
