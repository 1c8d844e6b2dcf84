#include "paper/service.hpp"

#include "base/log.hpp"
#include "paper/prices/live.hpp"
#include "paper/prices/replay.hpp"
#include "paper/prices/synthetic.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <variant>

namespace obscura::paper {
namespace {

constexpr int missed_pings = 3;

/// An answer that is there already, as a handler's.
net::Task<base::Result<net::Response>> ready(net::Response response) { co_return response; }

std::string read_file(std::string const& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error("paper.price_file: " + path + " cannot be read");
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

Service::Service(boost::asio::any_io_executor executor, net::ServerConfig http, Config config,
                 base::Clock const& clock, base::Random& random, base::Metrics& metrics)
    : executor_(executor),
      config_(std::move(config)),
      metrics_(metrics),
      orders_metric_(
          metrics.counter("obscura_paper_orders_total", "Orders that the venue accepted.")),
      fills_metric_(metrics.counter("obscura_paper_fills_total", "Fills of accounts' orders.")),
      exchange_(catalogue_, config_.exchange(), clock, random),
      scope_(executor),
      gate_(exchange_, faults_, scope_, executor),
      private_streams_(PrivateStreams::spot, faults_, scope_),
      futures_streams_(PrivateStreams::futures, faults_, scope_),
      market_streams_(exchange_, futures_streams_, connections_, config_.ping_every * missed_pings),
      events_(exchange_, private_streams_, futures_streams_, market_streams_),
      ws_api_(exchange_, gate_, private_streams_, connections_, scope_, endpoints_,
              config_.ping_every * missed_pings),
      admin_(exchange_, faults_, {&private_streams_, &futures_streams_}, config_.admin(catalogue_)),
      feed_(make_feed()),
      server_(executor, std::move(http), router(), clock, random) {
    exchange_.set_listener([this](Event const& event) { publish(event); });
}

Service::~Service() = default;

std::unique_ptr<PriceFeed> Service::make_feed() {
    if (config_.prices == "replay") {
        auto const csv = read_file(config_.price_file);
        auto feed = ReplayFeed::parse(csv, catalogue_);
        if (!feed) throw std::runtime_error("paper.price_file: " + feed.error().detail);
        return std::make_unique<ReplayFeed>(std::move(*feed));
    }
    if (config_.prices == "binance") {
        return std::make_unique<LiveFeed>(catalogue_, config_.live_origin);
    }
    return std::make_unique<SyntheticFeed>(exchange_.state(), config_.synthetic());
}

net::Router Service::router() {
    net::Router routes;
    routes.set_guard(loopback_guard());
    for (auto const& endpoint : endpoints_) routes.add(gate_.route(endpoint));
    for (auto const* prefix : {"/api", "/fapi", "/sapi", "/dapi"}) {
        for (auto const* method : {"GET", "POST", "PUT", "DELETE"}) {
            routes.add(Gate::nothing_under(method, prefix));
        }
    }
    routes.add_socket(ws_api_.route());
    for (auto& route : market_streams_.routes()) routes.add_socket(std::move(route));
    admin_.add_routes(routes);
    auto const add = [&routes](char const* path, std::function<net::Response()> answer) {
        routes.add({.method = "GET", .pattern = path, .handler = [answer](net::Request&) {
                        return ready(answer());
                    }});
    };
    add("/health", [this] { return health(); });
    add("/livez", [] { return net::text_response(200, "ok\n"); });
    add("/readyz", [] { return net::text_response(200, "ok\n"); });
    add("/metrics",
        [this] { return net::text_response(200, metrics_.expose(), "text/plain; version=0.0.4"); });
    return routes;
}

net::Response Service::health() const {
    auto const& state = exchange_.state();
    return net::json_response(
        200, base::Json::object({{"status", "ok"},
                                 {"service", "paper"},
                                 {"prices", config_.prices},
                                 {"accounts", std::uint64_t{state.accounts().size()}},
                                 {"orders", std::uint64_t{state.order_count()}},
                                 {"evicted_orders", state.evicted_orders()},
                                 {"sockets", std::uint64_t{connections_.size()}},
                                 {"dependencies", base::Json::object()}}));
}

void Service::start() {
    server_.start();
    scope_.spawn("paper.ticks", tick_loop(*this));
    scope_.spawn("paper.pings", ping_loop(*this));
    if (auto* live = dynamic_cast<LiveFeed*>(feed_.get())) {
        scope_.spawn("paper.live_prices", LiveFeed::run(*live));
    }
    base::log::info("paper.listening", {{"port", port()}, {"prices", config_.prices}});
}

net::Task<void> Service::stop() {
    constexpr std::chrono::milliseconds grace(5'000);
    co_await server_.stop(grace);
    co_await scope_.stop();
}

void Service::tick() {
    auto const points = feed_->advance(exchange_.now());
    if (!points.empty()) exchange_.step_prices(points);
    exchange_.change_futures([](FuturesEngine& market, base::Timestamp now, Batch& batch) {
        market.pass_time(now, batch);
    });
}

net::Task<void> Service::tick_loop(Service& service) {
    while (!service.scope_.stopping()) {
        service.tick();
        co_await net::sleep_for(service.config_.tick);
    }
}

net::Task<void> Service::ping_loop(Service& service) {
    while (!service.scope_.stopping()) {
        co_await net::sleep_for(service.config_.ping_every);
        service.connections_.ping();
    }
}

void Service::publish(Event const& event) {
    auto const count = [this](ExecutionType type) {
        if (type == ExecutionType::accepted) orders_metric_.add();
        if (type == ExecutionType::trade) fills_metric_.add();
    };
    if (auto const* spot = std::get_if<ExecutionReport>(&event)) count(spot->type);
    if (auto const* futures = std::get_if<FuturesReport>(&event)) count(futures->type);
    events_.publish(event);
}

}  // namespace obscura::paper
