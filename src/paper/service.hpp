#pragma once

#include "base/metrics.hpp"
#include "net/runtime.hpp"
#include "net/server.hpp"
#include "paper/admin.hpp"
#include "paper/config.hpp"
#include "paper/exchange.hpp"
#include "paper/faults.hpp"
#include "paper/prices/feed.hpp"
#include "paper/rest/gate.hpp"
#include "paper/stream/event_router.hpp"
#include "paper/stream/market_streams.hpp"
#include "paper/stream/private_streams.hpp"
#include "paper/stream/ws_api.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <vector>

namespace obscura::paper {

/// The venue on a port: everything above, put together. Event-loop thread only.
class Service {
public:
    /// Replays the journal. Throws std::runtime_error or std::system_error when the state folder or
    /// the price file cannot be used.
    Service(boost::asio::any_io_executor executor, net::ServerConfig http, Config config,
            base::Clock const& clock, base::Random& random, base::Metrics& metrics);
    ~Service();
    Service(Service const&) = delete;
    Service& operator=(Service const&) = delete;

    /// Throws std::system_error when the port is taken.
    void start();
    [[nodiscard]] net::Task<void> stop();
    [[nodiscard]] std::uint16_t port() const { return server_.port(); }

    /// One step of the market at the present time; the tick loop calls it.
    void tick();

private:
    [[nodiscard]] net::Router router();
    [[nodiscard]] std::unique_ptr<PriceFeed> make_feed();
    [[nodiscard]] net::Response health() const;
    [[nodiscard]] static net::Task<void> tick_loop(Service& service);
    [[nodiscard]] static net::Task<void> ping_loop(Service& service);
    void publish(Event const& event);

    boost::asio::any_io_executor executor_;
    Config config_;
    base::Metrics& metrics_;
    base::Counter& orders_metric_;
    base::Counter& fills_metric_;
    Catalogue catalogue_;
    std::vector<Endpoint> endpoints_ = all_endpoints();
    Exchange exchange_;
    Faults faults_;
    net::Scope scope_;
    Gate gate_;
    Connections connections_;
    PrivateStreams private_streams_;
    PrivateStreams futures_streams_;
    MarketStreams market_streams_;
    EventRouter events_;
    WsApi ws_api_;
    Admin admin_;
    std::unique_ptr<PriceFeed> feed_;
    net::HttpServer server_;
};

}  // namespace obscura::paper
