#include "app/bench_load.hpp"

#include "net/runtime.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace asio = boost::asio;

namespace obscura::app::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// One run: what its connections share.
struct LoadRun {
    LoadPlan plan;
    LoadResult result{};
    std::size_t next = 0;
    SteadyClock::time_point began{};

    /// When request `index` is to leave.
    [[nodiscard]] SteadyClock::time_point due(std::size_t index) const {
        if (!plan.rate) return SteadyClock::now();
        auto const after = std::chrono::duration<double>(static_cast<double>(index) / *plan.rate);
        return began + std::chrono::duration_cast<SteadyClock::duration>(after);
    }
};

class Connection {
public:
    explicit Connection(asio::any_io_executor executor) : socket_(std::move(executor)) {}

    net::Task<void> open(std::string host, std::uint16_t port) {
        asio::ip::tcp::endpoint const there(asio::ip::make_address(host), port);
        co_await socket_.async_connect(there, asio::use_awaitable);
        socket_.set_option(asio::ip::tcp::no_delay(true));
    }

    /// The status of the answer.
    net::Task<int> exchange(std::string const& request) {
        co_await asio::async_write(socket_, asio::buffer(request), asio::use_awaitable);
        for (;;) {
            if (auto const head = answer_head(received_); head && received_.size() >= head->size) {
                received_.erase(0, head->size);
                co_return head->status;
            }
            auto const before = received_.size();
            received_.resize(before + 16'384);
            auto const got = co_await socket_.async_read_some(
                asio::buffer(received_.data() + before, received_.size() - before),
                asio::use_awaitable);
            received_.resize(before + got);
        }
    }

private:
    asio::ip::tcp::socket socket_;
    std::string received_;
};

net::Task<void> send_in_turn(LoadRun& run, Connection& connection) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    while (run.next < run.plan.count) {
        auto const index = run.next++;
        auto const due = run.due(index);
        if (due > SteadyClock::now()) {
            timer.expires_at(due);
            co_await timer.async_wait(asio::use_awaitable);
        }
        auto const& request = run.plan.requests[index % run.plan.requests.size()];
        auto const status = co_await connection.exchange(request);
        ++run.result.statuses[status];
        std::chrono::duration<double, std::milli> const took = SteadyClock::now() - due;
        run.result.latencies_ms.push_back(took.count());
    }
}

net::Task<void> send_or_count_failure(LoadRun& run, Connection& connection) {
    try {
        co_await send_in_turn(run, connection);
    } catch (std::exception const&) {
        ++run.result.failures;
    }
}

}  // namespace

net::Task<LoadResult> run_load(asio::any_io_executor executor, LoadPlan plan,
                               base::Clock const& clock) {
    if (plan.requests.empty()) throw std::invalid_argument("no requests to send");
    LoadRun run{.plan = std::move(plan)};
    run.result.latencies_ms.reserve(run.plan.count);
    std::vector<std::unique_ptr<Connection>> connections;
    for (std::size_t i = 0; i < run.plan.connections; ++i) {
        connections.push_back(std::make_unique<Connection>(executor));
        co_await connections.back()->open(run.plan.host, run.plan.port);
    }
    net::Scope scope(executor);
    run.result.started = clock.now();
    run.began = SteadyClock::now();
    for (auto& connection : connections)
        scope.spawn("load", send_or_count_failure(run, *connection));
    co_await scope.join();
    run.result.ended = clock.now();
    auto const answered = static_cast<std::int64_t>(run.result.latencies_ms.size());
    run.result.failures =
        std::max(run.result.failures, static_cast<std::int64_t>(run.plan.count) - answered);
    co_return std::move(run.result);
}

}  // namespace obscura::app::bench
