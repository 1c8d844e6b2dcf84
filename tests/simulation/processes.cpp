#include "simulation/processes.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace obscura::simulation {
namespace {

net::Task<void> stop_and_exit(conductor::Engine& engine, Node& node) {
    co_await engine.stop();
    node.kill();
}

}  // namespace

ConductorProcess::ConductorProcess(Node& node, conductor::EngineConfig config, ConductorPorts ports,
                                   base::Random& random, base::Secret const& gateway_key,
                                   std::shared_ptr<void> planted)
    : node_(node),
      planted_(std::move(planted)),
      engine_(node.io().get_executor(), std::move(config),
              {*ports.leases,
               *ports.signals,
               *ports.copies,
               *ports.signer,
               {{{"binance", model::Market::spot}, ports.venue},
                {{"binance", model::Market::futures}, ports.futures}}},
              node.clock(), random, metrics_, [&node] { node.kill(); }),
      router_(conductor::make_router(
          {.engine = engine_,
           .signals = *ports.signals,
           .clock = node.clock(),
           .metrics = metrics_,
           .served = {.futures = true},
           .gateway_key = gateway_key,
           .check_database = []() -> net::Task<std::string> { co_return std::string(); }})) {
    engine_.start();
}

void ConductorProcess::terminate() {
    boost::asio::co_spawn(node_.io(), stop_and_exit(engine_, node_), boost::asio::detached);
}

SentinelProcess::SentinelProcess(Node& node, SentinelPorts ports, std::shared_ptr<void> planted)
    : planted_(std::move(planted)),
      ingest_(
          node.io().get_executor(), {}, *ports.store, *ports.publisher,
          [this](model::ConnectionId connection) { return roster_.traders_of(connection); },
          metrics_, node.clock()),
      roster_(node.io().get_executor(), std::chrono::seconds(5), *ports.directory, *ports.store,
              {{"binance",
                {{model::Market::spot, ports.feeds}, {model::Market::futures, ports.futures}}}},
              ingest_, metrics_),
      scope_(node.io().get_executor()) {
    scope_.spawn("ingest", ingest_.run());
    scope_.spawn("roster", roster_.run());
}

}  // namespace obscura::simulation
