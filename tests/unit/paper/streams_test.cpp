#include "crypto/base64.hpp"
#include "unit/paper/loopback_venue.hpp"

namespace obscura::paper::test {
namespace {

std::string text(base::Json const& json, char const* key) {
    return std::string(json[key].to_text().value_or("?"));
}

/// The next private event's type and execution type, e.g. "executionReport/TRADE".
std::string next_event(LoopbackVenue& venue, net::WebSocket& socket) {
    auto const message = venue.receive(socket);
    if (message.is_null()) return "";
    auto const& event = message["event"];
    return text(event, "e") + (event.find("x") == nullptr ? "" : "/" + text(event, "x"));
}

/// Whether a socket got anything so far; asks without waiting.
class Listener {
public:
    Listener(boost::asio::io_context& io, net::WebSocket& socket) : io_(io), socket_(socket) {
        auto const on_end = [heard = heard_](std::exception_ptr,
                                             base::Result<std::string> message) {
            *heard = message ? 1 : -1;
        };
        boost::asio::co_spawn(io_, socket_.receive(60s), on_end);
    }
    ~Listener() {
        socket_.abort();
        while (*heard_ == 0 && io_.run_one() > 0) {
        }
    }
    Listener(Listener const&) = delete;
    Listener& operator=(Listener const&) = delete;
    [[nodiscard]] bool heard() const { return *heard_ > 0; }

private:
    boost::asio::io_context& io_;
    net::WebSocket& socket_;
    std::shared_ptr<int> heard_ = std::make_shared<int>(0);
};

TEST(PaperPrivateStream, SeesOrdersFillsAndBalances) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    auto const socket = venue.subscribe(keys);
    ASSERT_EQ(venue.buy(keys, "mine", "0.5").status, 200U);
    auto const created = venue.receive(*socket);
    EXPECT_EQ(created["subscriptionId"].to_int64(), 0);
    EXPECT_EQ(text(created["event"], "x"), "NEW");
    auto const fill = venue.receive(*socket)["event"];
    EXPECT_EQ(text(fill, "x"), "TRADE");
    EXPECT_EQ(text(fill, "X"), "PARTIALLY_FILLED");
    EXPECT_EQ(text(fill, "c"), "mine");
    EXPECT_EQ(text(fill, "s"), "BTCUSDT");
    EXPECT_EQ(text(fill, "l"), "0.40000000");
    EXPECT_EQ(text(fill, "L"), "50000.01000000");
    EXPECT_EQ(text(fill, "n"), "0.00040000");
    EXPECT_EQ(text(fill, "N"), "BTC");
    EXPECT_FALSE(fill["m"].as_bool());
    EXPECT_GT(fill["t"].to_int64().value(), 0);
    EXPECT_EQ(text(venue.receive(*socket)["event"], "X"), "FILLED");
    auto const position = venue.receive(*socket)["event"];
    EXPECT_EQ(text(position, "e"), "outboundAccountPosition");
    EXPECT_EQ(text(position["B"].as_array()[0], "f"), "10.49950000");
}

TEST(PaperPrivateStream, SeesRestingFillsAndCancels) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    auto const socket = venue.subscribe(keys);
    auto const rest = [&](std::string const& id, std::string const& at) {
        auto const answer =
            venue.call(keys, "POST", "/api/v3/order",
                       "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.1"
                       "&price=" +
                           at + "&newClientOrderId=" + id);
        ASSERT_EQ(answer.status, 200U);
        EXPECT_EQ(next_event(venue, *socket), "executionReport/NEW");
        EXPECT_EQ(next_event(venue, *socket), "outboundAccountPosition");
    };
    rest("a", "45000");
    rest("b", "44000");
    venue.set_price("BTCUSDT", "44900");
    auto const fill = venue.receive(*socket)["event"];
    EXPECT_EQ(text(fill, "c"), "a");
    EXPECT_TRUE(fill["m"].as_bool());
    EXPECT_EQ(next_event(venue, *socket), "outboundAccountPosition");
    ASSERT_EQ(venue
                  .call(keys, "DELETE", "/api/v3/order",
                        "symbol=BTCUSDT&origClientOrderId=b&newClientOrderId=why")
                  .status,
              200U);
    auto const canceled = venue.receive(*socket)["event"];
    EXPECT_EQ(text(canceled, "x"), "CANCELED");
    EXPECT_EQ(text(canceled, "c"), "why");
    EXPECT_EQ(text(canceled, "C"), "b");
}

TEST(PaperPrivateStream, BelongsToItsAccountAlone) {
    LoopbackVenue venue;
    auto const a = venue.account("a");
    auto const b = venue.account("b");
    auto const socket = venue.subscribe(a);
    ASSERT_EQ(venue.buy(b, "other").status, 200U);
    ASSERT_EQ(venue.buy(a, "own").status, 200U);
    EXPECT_EQ(text(venue.receive(*socket)["event"], "c"), "own");
}

TEST(PaperPrivateStream, BadLoginsAreRefused) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    auto const socket = venue.connect("/ws-api/v3");
    auto const refused = [&](std::string const& params) {
        return venue.ask(*socket, "userDataStream.subscribe.signature", params)["error"]["code"]
            .to_int64();
    };
    auto const good = venue.signed_params(keys);
    EXPECT_EQ(refused(good.substr(0, good.size() - 3) + "00\""), -1022);
    EXPECT_EQ(refused(R"("apiKey":"x","timestamp":1,"signature":"s")"), -2014);
    venue.clock.advance(5'001ms);
    EXPECT_EQ(refused(good), -1021);
    EXPECT_EQ(venue.ask(*socket, "userDataStream.subscribe", "")["error"]["code"].to_int64(),
              -2015);
    EXPECT_EQ(venue.ask(*socket, "no.such", "")["error"]["code"].to_int64(), -1000);
    ASSERT_TRUE(socket->send("not json"));
    EXPECT_EQ(venue.receive(*socket)["error"]["code"].to_int64(), -1000);
}

TEST(PaperPrivateStream, UnsubscribeEndsIt) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    auto const socket = venue.subscribe(keys);
    EXPECT_EQ(venue.ask(*socket, "userDataStream.unsubscribe", R"("subscriptionId":0)")["status"]
                  .to_int64(),
              200);
    ASSERT_EQ(venue.buy(keys, "x").status, 200U);
    EXPECT_EQ(venue.ask(*socket, "ping", "")["status"].to_int64(), 200);
}

TEST(PaperWsApi, PlacesQueriesAndCancels) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    auto const socket = venue.connect("/ws-api/v3");
    auto const bytes = "apiKey=" + keys.api_key +
                       "&newClientOrderId=w1&price=40000&quantity=0.1&side=BUY&symbol=BTCUSDT"
                       "&timeInForce=GTC&timestamp=" +
                       venue.now_ms() + "&type=LIMIT";
    auto const placed = venue.ask(
        *socket, "order.place",
        R"("symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","quantity":"0.1",
           "price":"40000","newClientOrderId":"w1","apiKey":")" +
            keys.api_key + R"(","timestamp":)" + venue.now_ms() + R"(,"signature":")" +
            crypto::hmac_sha256_hex(keys.secret, bytes) + "\"");
    ASSERT_EQ(placed["status"].to_int64(), 200) << placed.dump();
    EXPECT_EQ(text(placed["result"], "status"), "NEW");
    ASSERT_EQ(placed["rateLimits"].as_array().size(), 3U);
    EXPECT_EQ(text(placed["rateLimits"].as_array()[0], "rateLimitType"), "ORDERS");
    EXPECT_EQ(venue.orders_in_ledger(), 1U);
    auto const status = venue.ask(*socket, "order.status",
                                  venue.signed_params(keys, R"(,"symbol":"BTCUSDT","orderId":1)",
                                                      "&orderId=1&symbol=BTCUSDT"));
    EXPECT_EQ(text(status["result"], "clientOrderId"), "w1");
    auto const canceled = venue.ask(*socket, "order.cancel",
                                    venue.signed_params(keys, R"(,"symbol":"BTCUSDT","orderId":1)",
                                                        "&orderId=1&symbol=BTCUSDT"));
    EXPECT_EQ(text(canceled["result"], "status"), "CANCELED");
    EXPECT_TRUE(venue.ask(*socket, "time", "")["result"]["serverTime"].is_number());
}

TEST(PaperWsApi, SessionLogonIsForEd25519) {
    LoopbackVenue venue;
    auto const hmac = venue.account("h");
    auto const ed = venue.account("e", "ed25519");
    auto const socket = venue.connect("/ws-api/v3");
    EXPECT_EQ(
        venue.ask(*socket, "session.logon", venue.signed_params(hmac))["error"]["code"].to_int64(),
        -4056);
    auto const key = crypto::Ed25519PrivateKey::from_pem(ed.private_key);
    auto const bytes = "apiKey=" + ed.api_key + "&timestamp=" + venue.now_ms();
    auto const logged_on = venue.ask(
        *socket, "session.logon",
        R"("apiKey":")" + ed.api_key + R"(","timestamp":)" + venue.now_ms() + R"(,"signature":")" +
            crypto::base64_encode(key->sign(std::string_view(bytes))) + "\"");
    ASSERT_EQ(logged_on["status"].to_int64(), 200) << logged_on.dump();
    EXPECT_EQ(text(logged_on["result"], "apiKey"), ed.api_key);
    EXPECT_EQ(
        venue.ask(*socket, "userDataStream.subscribe", "")["result"]["subscriptionId"].to_int64(),
        0);
    auto const account = venue.ask(*socket, "account.status", R"("timestamp":)" + venue.now_ms());
    EXPECT_EQ(account["status"].to_int64(), 200) << account.dump();
    EXPECT_EQ(venue.ask(*socket, "session.logout", "")["status"].to_int64(), 200);
    EXPECT_EQ(venue.ask(*socket, "account.status", R"("timestamp":)" + venue.now_ms())["status"]
                  .to_int64(),
              401);
}

TEST(PaperEventFaults, DuplicateReorderAndLate) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    auto const socket = venue.subscribe(keys);
    venue.fault(R"({"fault":"duplicate_events","count":1})");
    ASSERT_EQ(venue.buy(keys, "x").status, 200U);
    EXPECT_EQ(next_event(venue, *socket), "executionReport/NEW");
    EXPECT_EQ(next_event(venue, *socket), "executionReport/NEW");
    EXPECT_EQ(next_event(venue, *socket), "executionReport/TRADE");
    EXPECT_EQ(next_event(venue, *socket), "outboundAccountPosition");

    venue.fault(R"({"fault":"reorder_events","count":1,"ms":60000})");
    ASSERT_EQ(venue.buy(keys, "y").status, 200U);
    EXPECT_EQ(next_event(venue, *socket), "executionReport/TRADE");
    EXPECT_EQ(next_event(venue, *socket), "executionReport/NEW");
    EXPECT_EQ(next_event(venue, *socket), "outboundAccountPosition");

    venue.fault(R"({"fault":"late_events","count":1,"ms":20,"match":{"symbol":"BTCUSDT"}})");
    ASSERT_EQ(venue.buy(keys, "z").status, 200U);
    EXPECT_EQ(next_event(venue, *socket), "executionReport/TRADE");
    EXPECT_EQ(next_event(venue, *socket), "outboundAccountPosition");
    EXPECT_EQ(next_event(venue, *socket), "executionReport/NEW");
}

TEST(PaperEventFaults, HeldEventIsReleasedInTime) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    auto const socket = venue.subscribe(keys);
    venue.fault(R"({"fault":"reorder_events","ms":20})");  // every event waits for the next
    ASSERT_EQ(venue.buy(keys, "x").status, 200U);
    EXPECT_EQ(next_event(venue, *socket), "executionReport/NEW");
}

TEST(PaperEventFaults, MutedSocketStaysOpenAndSilentAndTheNextOneWorks) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    auto const muted = venue.subscribe(keys);
    venue.fault(R"({"fault":"mute_socket","count":1,"match":{"account":")" + keys.account +
                R"("}})");
    ASSERT_TRUE(muted->send(R"({"id":1,"method":"ping"})"));
    Listener const listener(venue.io, *muted);
    auto const healthy = venue.subscribe(keys);
    ASSERT_EQ(venue.buy(keys, "x").status, 200U);
    EXPECT_EQ(next_event(venue, *healthy), "executionReport/NEW");
    EXPECT_EQ(venue.ask(*healthy, "ping", "")["status"].to_int64(), 200);
    EXPECT_FALSE(listener.heard());
    EXPECT_TRUE(muted->is_open());
}

TEST(PaperMarketStreams, PushPricesToSubscribers) {
    LoopbackVenue venue;
    auto const socket = venue.connect("/ws/0");
    ASSERT_TRUE(socket->send(
        R"({"method":"SUBSCRIBE","params":["btcusdt@miniTicker","btcusdt@depth"],"id":7})"));
    auto const reply = venue.receive(*socket);
    EXPECT_EQ(reply["id"].to_int64(), 7);
    EXPECT_TRUE(reply["result"].is_null());
    venue.set_price("BTCUSDT", "51000");
    auto const ticker = venue.receive(*socket);
    EXPECT_EQ(text(ticker, "e"), "24hrMiniTicker");
    EXPECT_EQ(text(ticker, "c"), "51000.00000000");
    auto const depth = venue.receive(*socket);
    EXPECT_EQ(text(depth, "e"), "depthUpdate");
    EXPECT_EQ(depth["b"].as_array().size(), 40U);  // 20 gone, 20 new
    ASSERT_TRUE(socket->send(R"({"method":"UNSUBSCRIBE","params":["btcusdt@depth"],"id":8})"));
    EXPECT_EQ(venue.receive(*socket)["id"].to_int64(), 8);
    ASSERT_TRUE(socket->send(R"({"method":"LIST_SUBSCRIPTIONS","id":9})"));
    EXPECT_EQ(venue.receive(*socket)["result"].dump(), R"(["0","btcusdt@miniTicker"])");
    ASSERT_TRUE(socket->send(R"({"method":"DANCE","params":[],"id":10})"));
    EXPECT_EQ(venue.receive(*socket)["error"]["code"].to_int64(), 2);
}

TEST(PaperMarketStreams, CombinedStreamsAreWrappedAndTradesShown) {
    LoopbackVenue venue;
    auto const socket = venue.connect("/stream?streams=btcusdt@trade/ethusdt@bookTicker");
    auto const keys = venue.account("a");
    ASSERT_EQ(venue.buy(keys, "x").status, 200U);
    auto const trade = venue.receive(*socket);
    EXPECT_EQ(text(trade, "stream"), "btcusdt@trade");
    EXPECT_EQ(text(trade["data"], "q"), "0.10000000");
    venue.clock.advance(60s);
    venue.service().tick();
    EXPECT_EQ(text(venue.receive(*socket)["data"], "e"), "trade");
    EXPECT_EQ(text(venue.receive(*socket), "stream"), "ethusdt@bookTicker");
}

}  // namespace
}  // namespace obscura::paper::test
