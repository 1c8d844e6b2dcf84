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
    int listen_keys = 0;           ///< created so far; the last one is in force
    int renewals = 0;              ///< of the listen key
    bool knows_listen_key = true;  ///< false: it has forgotten the key, and says so
    std::string last_request;      ///< method and target of the last order, setting or public read
    std::string order_answer = "{}";
    unsigned order_status = 200;
    net::Headers order_headers;
    std::string time_answer = "{}";
    unsigned time_status = 200;
    int time_reads = 0;
    std::string prices_answer = "[]";

    [[nodiscard]] std::string rest() const {
        return "http://127.0.0.1:" + std::to_string(server_.port());
    }
    [[nodiscard]] std::string stream() const {
        return "ws://127.0.0.1:" + std::to_string(server_.port()) + "/ws-api/v3";
    }
    [[nodiscard]] std::string futures_stream() const {
        return "ws://127.0.0.1:" + std::to_string(server_.port()) + "/private/ws";
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
        push(sockets_, base::Json::object({{"subscriptionId", 0}, {"event", event}}));
        auto order = event;
        order.set("ps", "BOTH");
        order.set("rp", "0");
        push(futures_sockets_, base::Json::object({{"e", "ORDER_TRADE_UPDATE"}, {"o", order}}));
    }
    /// As Binance does when a listen key has come to its end.
    void expire_listen_key() {
        push(futures_sockets_,
             base::Json::object({{"e", "listenKeyExpired"}, {"E", 1}, {"listenKey", "gone"}}));
    }
    void cut_sockets() {
        for (auto* socket : sockets_) socket->abort();
        for (auto* socket : futures_sockets_) socket->abort();
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
        add_futures(router);
        router.add_socket(
            {.pattern = "/ws-api/v3",
             .handler = [this](net::Request&, net::WebSocket& s) { return serve(s); }});
        return router;
    }
    void add_futures(net::Router& router) {
        auto const answer = [&](std::string method, std::string pattern) {
            router.add({.method = std::move(method),
                        .pattern = std::move(pattern),
                        .handler = [this](net::Request& r) { return order_of(r); }});
        };
        for (auto const* path : {"/fapi/v1/order", "/fapi/v1/algoOrder"})
            for (auto const* method : {"POST", "GET", "DELETE"}) answer(method, path);
        answer("POST", "/fapi/v1/leverage");
        answer("POST", "/fapi/v1/marginType");
        answer("GET", "/fapi/v3/positionRisk");
        answer("GET", "/fapi/v1/accountConfig");
        answer("GET", "/fapi/v1/exchangeInfo");
        router.add({.method = "GET", .pattern = "/fapi/v1/time", .handler = [this](net::Request&) {
                        return time();
                    }});
        router.add({.method = "GET",
                    .pattern = "/fapi/v2/ticker/price",
                    .handler = [this](net::Request& r) { return prices(r); }});
        router.add({.method = "GET",
                    .pattern = "/fapi/v1/userTrades",
                    .handler = [this](net::Request& r) { return my_trades(r); }});
        for (auto const* method : {"POST", "PUT"})
            router.add({.method = method,
                        .pattern = "/fapi/v1/listenKey",
                        .handler = [this](net::Request& r) { return listen_key(r); }});
        router.add_socket(
            {.pattern = "/private/ws",
             .handler = [this](net::Request& r, net::WebSocket& s) { return listen(r, s); }});
    }
    net::Task<base::Result<net::Response>> order_of(net::Request& request) {
        last_request = request.method + " " + request.target;
        return order();
    }
    net::Task<base::Result<net::Response>> prices(net::Request& request) {
        last_request = request.method + " " + request.target;
        co_return net::text_response(200, prices_answer);
    }
    net::Task<base::Result<net::Response>> listen_key(net::Request& request) {
        if (rest_is_down) co_return net::text_response(500, "");
        if (request.method == "POST") {
            ++listen_keys;
            knows_listen_key = true;
            co_return net::json_response(200, base::Json::object({{"listenKey", key()}}));
        }
        ++renewals;
        if (knows_listen_key) co_return net::json_response(200, base::Json::object());
        co_return net::json_response(
            400, base::Json::object({{"code", -1125}, {"msg", "This listenKey does not exist."}}));
    }
    [[nodiscard]] std::string key() const { return "key+" + std::to_string(listen_keys); }
    net::Task<void> listen(net::Request& request, net::WebSocket& socket) {
        // Binance lets anybody in and pushes nothing to who has no key.
        if (request.query_param("listenKey") == key()) {
            ++logins;
            futures_sockets_.insert(&socket);
        }
        while (true) {
            auto const message = co_await socket.receive(std::chrono::seconds(30));
            if (!message) break;
        }
        futures_sockets_.erase(&socket);
    }
    void push(std::set<net::WebSocket*> const& sockets, base::Json const& message) const {
        auto const text = message.dump();
        for (auto* socket : sockets)
            for (int i = 0; i < copies; ++i) socket->send(text);
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
        ++time_reads;
        auto response = net::text_response(time_status, time_answer);
        if (time_status == 429) response.headers.set("Retry-After", "60");
        co_return response;
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
                                               {"isMaker", false},
                                               // Futures say the same in other words.
                                               {"side", "BUY"},
                                               {"maker", false},
                                               {"positionSide", "BOTH"},
                                               {"realizedPnl", "0"}}));
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
    std::set<net::WebSocket*> futures_sockets_;
    net::HttpServer server_;
};

}  // namespace obscura::test
