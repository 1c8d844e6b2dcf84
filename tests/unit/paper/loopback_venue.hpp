#pragma once

#include "base/metrics.hpp"
#include "crypto/hmac.hpp"
#include "net/client.hpp"
#include "net/websocket.hpp"
#include "paper/service.hpp"
#include "support/coroutine.hpp"
#include "unit/paper/market.hpp"
#include "unit/paper/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace obscura::paper::test {

using namespace std::chrono_literals;

/// The service on a loopback port with a clock that the test holds, and a small signing client.
/// Prices move at `tick()` only; BTCUSDT is frozen at 50,000.
class LoopbackVenue {
public:
    struct Keys {
        std::string account, api_key, secret, private_key;
    };
    struct Answer {
        unsigned status = 0;  ///< 0: no answer
        base::Json body;
        net::Headers headers;
    };

    explicit LoopbackVenue(Config config = {}) {
        config.state_directory = folder_.path().string();
        config.tick = 60'000ms;
        config_ = config;
        start();
        set_price("BTCUSDT", "50000");
    }
    ~LoopbackVenue() { stop(); }

    /// A new process on the same state folder.
    void restart() {
        stop();
        start();
    }

    Answer send(std::string method, std::string target, std::string body = "",
                net::Headers headers = {}) {
        net::Request request{.method = std::move(method),
                             .target = std::move(target),
                             .headers = std::move(headers),
                             .body = std::move(body)};
        auto const response = obscura::test::run(io, client_->fetch(origin(), request, 5'000ms));
        if (!response) return {};
        auto json = base::parse_json(response->body);
        return {response->status, json ? *json : base::Json(), response->headers};
    }
    Answer admin(std::string method, std::string path, std::string body = "") {
        net::Headers headers;
        if (!body.empty()) headers.add("Content-Type", "application/json");
        return send(std::move(method), std::move(path), std::move(body), std::move(headers));
    }
    void set_price(std::string const& symbol, std::string const& at) {
        auto const answer = admin("POST", "/admin/price",
                                  R"({"symbol":")" + symbol + R"(","price":")" + at + R"("})");
        ASSERT_EQ(answer.status, 200U);
    }
    std::string fault(std::string const& json) {
        auto const answer = admin("POST", "/admin/faults", "[" + json + "]");
        EXPECT_EQ(answer.status, 201U) << answer.body.dump();
        return answer.body["ids"].as_array().at(0).as_string();
    }
    Keys account(std::string const& label, std::string const& key_type = "hmac") {
        auto const answer = admin("POST", "/admin/accounts",
                                  R"({"label":")" + label + R"(","key_type":")" + key_type +
                                      R"(","balances":{"USDT":"1000000","BTC":"10"}})");
        EXPECT_TRUE(answer.status == 201 || answer.status == 200) << answer.body.dump();
        auto const text = [&](char const* key) {
            return std::string(answer.body[key].to_text().value_or(""));
        };
        return {text("account_id"), text("api_key"), text("secret"), text("private_key")};
    }
    std::string now_ms() const { return std::to_string(base::to_unix_ms(clock.now())); }

    /// A signed request: POST in the body, others in the query.
    Answer call(Keys const& keys, std::string const& method, std::string const& path,
                std::string params) {
        if (params.find("timestamp=") == std::string::npos) {
            params += (params.empty() ? "" : "&") + std::string("timestamp=") + now_ms();
        }
        params += "&signature=" + crypto::hmac_sha256_hex(keys.secret, params);
        net::Headers headers{{"X-MBX-APIKEY", keys.api_key}};
        if (method != "POST") return send(method, path + "?" + params, "", headers);
        headers.add("Content-Type", "application/x-www-form-urlencoded");
        return send(method, path, params, headers);
    }
    Answer buy(Keys const& keys, std::string const& client_id, std::string const& amount = "0.1") {
        return call(keys, "POST", "/api/v3/order",
                    "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=" + amount +
                        "&newClientOrderId=" + client_id);
    }
    std::size_t orders_in_ledger() {
        return admin("GET", "/admin/ledger").body["orders"].as_array().size();
    }

    std::unique_ptr<net::WebSocket> connect(std::string const& path) {
        net::ClientConfig config{.allowed_origins = {"*"}};
        auto socket = obscura::test::run(
            io, net::connect_websocket("ws://127.0.0.1:" + std::to_string(service_->port()) + path,
                                       config, 5'000ms));
        EXPECT_TRUE(socket);
        return std::move(*socket);
    }
    /// The next message, or null when none comes in time. Frames of the protocol itself do not
    /// count as life here, so the socket is then broken off.
    base::Json receive(net::WebSocket& socket) {
        boost::asio::steady_timer limit(io, 5s);
        limit.async_wait([&socket](boost::system::error_code error) {
            if (!error) socket.abort();
        });
        auto const message = obscura::test::run(io, socket.receive(60s));
        return message ? base::parse_json(*message).value() : base::Json();
    }
    /// `{id, method, params}` and its reply; pushes that come before it are dropped.
    base::Json ask(net::WebSocket& socket, std::string const& method, std::string const& params) {
        EXPECT_TRUE(
            socket.send(R"({"id":"1","method":")" + method + R"(","params":{)" + params + "}}"));
        while (true) {
            auto message = receive(socket);
            if (message.is_null() || message.find("id") != nullptr) return message;
        }
    }
    /// Parameters of a WebSocket call with an HMAC signature; `sorted` is k=v joined by '&'.
    std::string signed_params(Keys const& keys, std::string const& extra_json = "",
                              std::string const& extra_sorted = "") const {
        auto const bytes = "apiKey=" + keys.api_key + extra_sorted + "&timestamp=" + now_ms();
        return R"("apiKey":")" + keys.api_key + R"(","timestamp":)" + now_ms() + extra_json +
               R"(,"signature":")" + crypto::hmac_sha256_hex(keys.secret, bytes) + "\"";
    }
    std::unique_ptr<net::WebSocket> subscribe(Keys const& keys) {
        auto socket = connect("/ws-api/v3");
        auto const reply = ask(*socket, "userDataStream.subscribe.signature", signed_params(keys));
        EXPECT_EQ(reply["status"].to_int64(), 200) << reply.dump();
        return socket;
    }

    Service& service() { return *service_; }
    boost::asio::io_context io;
    base::ManualClock clock{start_time};

private:
    std::string origin() const { return "http://127.0.0.1:" + std::to_string(service_->port()); }
    void start() {
        service_ = std::make_unique<Service>(io.get_executor(), net::ServerConfig{}, config_, clock,
                                             random_, metrics_);
        service_->start();
        client_ = std::make_unique<net::HttpClient>(
            io.get_executor(), net::ClientConfig{.allowed_origins = {"*"}}, clock);
    }
    void stop() {
        client_->close();
        obscura::test::run(io, service_->stop());
        client_.reset();
        service_.reset();
    }

    TemporaryFolder folder_;
    Config config_;
    base::SeededRandom random_{11};
    base::Metrics metrics_;
    std::unique_ptr<Service> service_;
    std::unique_ptr<net::HttpClient> client_;
};

}  // namespace obscura::paper::test
