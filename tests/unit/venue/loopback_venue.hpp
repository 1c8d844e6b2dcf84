#pragma once

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/random.hpp"
#include "net/runtime.hpp"
#include "net/server.hpp"
#include "net/websocket.hpp"

#include <set>
#include <string>
#include <vector>

namespace obscura::test {

/// The system's clock with a wall that a test can put forward.
class ShiftedClock final : public base::Clock {
public:
    [[nodiscard]] base::Timestamp now() const override { return system_.now() + shift; }
    [[nodiscard]] base::Instant steady() const override { return system_.steady(); }
    std::chrono::microseconds shift{0};

private:
    base::SystemClock system_;
};

/// One account of a Binance-like venue on a loopback port, with the faults that feeds must stand.
class LoopbackVenue {
public:
    LoopbackVenue(boost::asio::any_io_executor executor, base::Clock const& clock)
        : server_(executor, {}, make_router(), clock, random_) {
        server_.start();
    }

    bool rest_is_down = false;
    bool pushes = true;   ///< false: the socket answers but tells no fills
    bool answers = true;  ///< false: the socket takes everything and says nothing
    int copies = 1;       ///< of every pushed fill
    int logins = 0;
    int rest_reads = 0;
    std::string order_answer = "{}";
    unsigned order_status = 200;
    net::Headers order_headers;
    std::string time_answer = "{}";

    [[nodiscard]] std::string rest() const {
        return "http://127.0.0.1:" + std::to_string(server_.port());
    }
    [[nodiscard]] std::string stream() const {
        return "ws://127.0.0.1:" + std::to_string(server_.port()) + "/ws-api/v3";
    }

    void fill(std::int64_t id, base::Timestamp at, std::string const& symbol = "BTCUSDT") {
        history_.push_back({id, at, symbol});
        if (!pushes) return;
        auto const event = base::Json::object({{"e", "executionReport"},
                                               {"x", "TRADE"},
                                               {"s", symbol},
                                               {"S", "BUY"},
                                               {"i", 77},
                                               {"t", id},
                                               {"l", "0.5"},
                                               {"L", "100"},
                                               {"n", "0.01"},
                                               {"N", "USDT"},
                                               {"T", base::to_unix_ms(at)},
                                               {"m", false}});
        auto const text = base::Json::object({{"subscriptionId", 0}, {"event", event}}).dump();
        for (auto* socket : sockets_)
            for (int i = 0; i < copies; ++i) socket->send(text);
    }
    void cut_sockets() {
        for (auto* socket : sockets_) socket->abort();
    }
    [[nodiscard]] net::Task<void> stop() { return server_.stop(std::chrono::milliseconds(0)); }

private:
    struct Fill {
        std::int64_t id;
        base::Timestamp at;
        std::string symbol;
    };

    net::Router make_router() {
        net::Router router;
        router.add({.method = "GET",
                    .pattern = "/api/v3/myTrades",
                    .handler = [this](net::Request& r) { return my_trades(r); }});
        router.add({.method = "POST", .pattern = "/api/v3/order", .handler = [this](net::Request&) {
                        return order();
                    }});
        router.add({.method = "GET",
                    .pattern = "/api/v3/account",
                    .handler = [this](net::Request&) { return order(); }});
        router.add({.method = "GET", .pattern = "/api/v3/time", .handler = [this](net::Request&) {
                        return time();
                    }});
        router.add_socket(
            {.pattern = "/ws-api/v3",
             .handler = [this](net::Request&, net::WebSocket& s) { return serve(s); }});
        return router;
    }
    net::Task<base::Result<net::Response>> order() {
        net::Response response;
        response.status = order_status;
        response.drop = order_status == 0;
        response.body = order_answer;
        response.headers = order_headers;
        co_return response;
    }
    net::Task<base::Result<net::Response>> time() {
        co_return net::text_response(200, time_answer);
    }
    net::Task<base::Result<net::Response>> my_trades(net::Request& request) {
        ++rest_reads;
        if (rest_is_down) co_return net::text_response(500, "");
        auto const number = [&](char const* name) {
            auto const text = request.query_param(name);
            return text ? std::stoll(*text) : -1;
        };
        auto rows = base::Json::array();
        for (auto const& fill : history_) {
            if (fill.symbol != request.query_param("symbol")) continue;
            if (fill.id < number("fromId") || base::to_unix_ms(fill.at) < number("startTime"))
                continue;
            rows.push_back(base::Json::object({{"symbol", fill.symbol},
                                               {"id", fill.id},
                                               {"orderId", 77},
                                               {"price", "100"},
                                               {"qty", "0.5"},
                                               {"commission", "0.01"},
                                               {"commissionAsset", "USDT"},
                                               {"time", base::to_unix_ms(fill.at)},
                                               {"isBuyer", true},
                                               {"isMaker", false}}));
        }
        co_return net::json_response(200, rows);
    }
    net::Task<void> serve(net::WebSocket& socket) {
        for (;;) {
            auto const message = co_await socket.receive(std::chrono::seconds(30));
            if (!message) break;
            if (!answers) continue;
            auto const request = base::parse_json(*message).value();
            if (request["method"].to_text() == "userDataStream.subscribe.signature") {
                ++logins;
                sockets_.insert(&socket);
            }
            socket.send(base::Json::object({{"id", request["id"]}, {"status", 200}}).dump());
        }
        sockets_.erase(&socket);
    }

    base::SeededRandom random_{1};
    std::vector<Fill> history_;
    std::set<net::WebSocket*> sockets_;
    net::HttpServer server_;
};

}  // namespace obscura::test
