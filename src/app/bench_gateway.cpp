#include "app/bench_gateway.hpp"

#include "app/bench_child.hpp"
#include "app/bench_cpu.hpp"
#include "app/bench_loader.hpp"
#include "app/bench_nginx.hpp"

#include <algorithm>

namespace obscura::app::bench {
namespace {

constexpr std::size_t clients = 64;
constexpr int wrk_seconds = 5;
constexpr double paced_seconds = 5;
constexpr double paced_share = 0.5;  // of what nginx reached in its first run

/// One side: where to ask, and with what.
struct Side {
    std::string origin;
    std::string target;
    std::string header;  ///< whole line, "" for none
};

/// A signal to ask for: every question reads it from PostgreSQL, through conductor.
net::Task<std::string> make_signal(World& world, std::string pool) {
    auto body = base::Json::object(
        {{"symbol", "BTCUSDT"}, {"side", "buy"}, {"quantity", "0.1"}, {"external_trade_id", "1"}});
    auto const origin = world.stack().info().url("gateway");
    auto const accepted = co_await world.api().expect(
        "POST", origin, "/v2/pools/" + pool + "/signals", world.tenant_key(), std::move(body));
    co_return text_of(accepted, "signal_id");
}

net::Task<double> closed_loop(World& world, Side side) {
    std::vector<std::string> argv{find_program("wrk"), "-t1", "-c" + std::to_string(clients),
                                  "-d" + std::to_string(wrk_seconds) + "s"};
    if (!side.header.empty()) argv.insert(argv.end(), {"-H", side.header});
    argv.push_back(side.origin + side.target);
    auto const output =
        co_await run_child(world.executor(), argv, world.stack().folder().log("wrk"));
    co_return requests_per_second_in(output);
}

net::Task<LoadResult> paced(World& world, Side side, double rate) {
    std::vector<std::string> headers;
    if (!side.header.empty()) headers.push_back(side.header);
    std::vector<std::string> const requests{
        render_request("GET", side.target, "bench", headers, "")};
    LoadShape const shape{.connections = clients,
                          .count = static_cast<std::size_t>(rate * paced_seconds),
                          .rate = rate};
    auto result = co_await send_to(world, "paced", side.origin, requests, shape);
    expect_only(result, 200, side.origin);
    co_return result;
}

std::string rate_text(double rate) { return figure_text(rate) + " requests/s"; }

}  // namespace

net::Task<std::vector<Row>> measure_gateway(World& world, int runs) {
    auto const pool = co_await world.add_partner_pool("gateway");
    auto const signal = co_await make_signal(world, pool);
    Side const ours{.origin = world.stack().info().url("gateway"),
                    .target = "/v2/pools/" + pool + "/signals/" + signal,
                    .header = "Authorization: Bearer " + world.tenant_key()};
    auto const internal = "/internal/pools/" + pool + "/signals/" + signal;
    auto const version = co_await nginx_version(world);
    Row speed{.id = "gateway.proxy.c64",
              .description =
                  "a signal's status through API key, rate limit and proxy to conductor, "
                  "64 connections",
              .unit = "/s",
              .better = Better::higher};
    speed.peer = {.name = "nginx proxy_pass to the same conductor", .version = version};
    speed.target = Target{.of = Target::Of::ratio, .bound = 1};
    Row p99{.id = "gateway.proxy.p99", .description = "", .unit = "ms"};
    p99.peer = speed.peer;
    p99.target = Target{.of = Target::Of::ours, .bound = 10};
    Distribution mine{.name = "Obscura", .samples = {}};
    Distribution theirs{.name = "nginx", .samples = {}};
    double rate = 0;
    std::vector<SpentCpu> spent;
    for (int run = -1; run < runs; ++run) {
        auto const before = spent_cpu(world.stack());
        auto const through_us = co_await closed_loop(world, ours);
        auto const count = through_us * wrk_seconds;
        if (run >= 0) spent.push_back(per_thing(before, spent_cpu(world.stack()), count));
        // The header that names the caller is good for half a minute: nginx starts anew each time.
        Nginx nginx(world);
        co_await nginx.start();
        Side const peer{.origin = nginx.origin(), .target = internal, .header = ""};
        auto const through_nginx = co_await closed_loop(world, peer);
        if (run < 0) {
            rate = through_nginx * paced_share;
            co_await nginx.stop();
            continue;
        }
        co_await nginx.stop();
        co_await nginx.start();
        auto const peer_paced = co_await paced(world, peer, rate);
        co_await nginx.stop();
        auto const our_paced = co_await paced(world, ours, rate);
        speed.runs.push_back(through_us);
        speed.peer.runs.push_back(through_nginx);
        p99.runs.push_back(quantile(our_paced.latencies_ms, 0.99));
        p99.peer.runs.push_back(quantile(peer_paced.latencies_ms, 0.99));
        std::ranges::copy(our_paced.latencies_ms, std::back_inserter(mine.samples));
        std::ranges::copy(peer_paced.latencies_ms, std::back_inserter(theirs.samples));
    }
    p99.description = "p99 at " + rate_text(rate) + ", from when each was to leave";
    p99.distributions = {std::move(mine), std::move(theirs)};
    auto rows = cpu_rows("gateway", "request", spent);
    rows.insert(rows.begin(), {std::move(speed), std::move(p99)});
    co_return rows;
}

}  // namespace obscura::app::bench
