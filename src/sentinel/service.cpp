#include "sentinel/service.hpp"

#include "base/log.hpp"
#include "sentinel/routes.hpp"

namespace obscura::sentinel {

using net::Task;

namespace {

constexpr int months_ahead = 3;
constexpr std::chrono::milliseconds stop_grace{5'000};

IngestLimits limits_of(Config const& config) {
    return {.max_buffered_trades = config.max_buffered_trades,
            .commit_batch = config.commit_batch,
            .retry_least = config.commit_retry_least,
            .retry_most = config.commit_retry_most};
}

}  // namespace

Service::Service(boost::asio::any_io_executor executor, net::ServerConfig http,
                 Config const& config, base::Secret const& gateway_key, Dependencies dependencies)
    : dependencies_(std::move(dependencies)),
      ingest_(
          executor, limits_of(config), dependencies_.store, dependencies_.publisher,
          [this](model::ConnectionId connection) { return roster_.traders_of(connection); },
          dependencies_.metrics, dependencies_.clock),
      roster_(executor, config.roster_poll_every, dependencies_.directory, dependencies_.store,
              dependencies_.venues, ingest_, dependencies_.metrics),
      server_(executor, std::move(http),
              make_router({.roster = roster_,
                           .ingest = ingest_,
                           .trades = dependencies_.reader,
                           .probes = dependencies_.probes,
                           .metrics = dependencies_.metrics,
                           .clock = dependencies_.clock,
                           .gateway_key = gateway_key}),
              dependencies_.clock, dependencies_.random),
      feeds_(executor),
      committer_(executor),
      upkeep_(executor) {}

void Service::start() {
    server_.start();
    committer_.spawn("ingest", ingest_.run());
    feeds_.spawn("roster", roster_.run());
    upkeep_.spawn("partitions", keep_partitions());
}

Task<void> Service::keep_partitions() {
    while (!upkeep_.stopping()) {
        bool done = false;
        try {
            auto const made = co_await dependencies_.store.ensure_partitions(months_ahead);
            if (made > 0) base::log::info("partitions.made", {{"count", made}});
            done = true;
        } catch (std::exception const& e) {
            base::log::warn("partitions.failed", {{"error", e.what()}});
        }
        if (upkeep_.stopping()) co_return;
        co_await net::sleep_for(done ? std::chrono::hours(24) : std::chrono::minutes(1));
    }
}

Task<void> Service::stop() {
    co_await server_.stop(stop_grace);
    co_await upkeep_.stop();
    roster_.request_stop();
    co_await feeds_.join();
    ingest_.request_stop();
    co_await committer_.join();
}

}  // namespace obscura::sentinel
