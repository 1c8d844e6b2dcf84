#include "unit/paper/loopback_venue.hpp"

namespace obscura::paper::test {
namespace {

std::string member(base::Json const& json, char const* key) {
    return std::string(json[key].to_text().value_or("?"));
}

std::string listen_key(LoopbackVenue& venue, LoopbackVenue::Keys const& keys,
                       std::string const& method = "POST") {
    net::Headers const headers{{"X-MBX-APIKEY", keys.api_key}};
    return member(venue.send(method, "/fapi/v1/listenKey", "", headers).body, "listenKey");
}

unsigned order(LoopbackVenue& venue, LoopbackVenue::Keys const& keys, std::string const& more) {
    return venue.call(keys, "POST", "/fapi/v1/order", "symbol=BTCUSDT&" + more).status;
}

TEST(PaperFuturesStream, SeesOrdersFillsAndPositions) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    auto const socket = venue.connect("/private/ws?listenKey=" + listen_key(venue, keys));
    ASSERT_EQ(order(venue, keys, "side=BUY&type=MARKET&quantity=0.1&newClientOrderId=mine"), 200U);
    auto const created = venue.receive(*socket);
    EXPECT_EQ(member(created, "e"), "ORDER_TRADE_UPDATE");
    EXPECT_EQ(member(created["o"], "x"), "NEW");
    EXPECT_EQ(created["o"].find("N"), nullptr);  // no commission, no asset of it
    auto const fill = venue.receive(*socket)["o"];
    EXPECT_EQ(member(fill, "x"), "TRADE");
    EXPECT_EQ(member(fill, "X"), "FILLED");
    EXPECT_EQ(member(fill, "c"), "mine");
    EXPECT_EQ(member(fill, "l"), "0.10000000");
    EXPECT_EQ(member(fill, "L"), "50000.10000000");
    EXPECT_EQ(member(fill, "N"), "USDT");
    EXPECT_EQ(member(fill, "ps"), "BOTH");
    EXPECT_EQ(fill["t"].to_int64(), 1);
    auto const update = venue.receive(*socket);
    EXPECT_EQ(member(update, "e"), "ACCOUNT_UPDATE");
    EXPECT_EQ(member(update["a"], "m"), "ORDER");
    auto const& position = update["a"]["P"].as_array().at(0);
    EXPECT_EQ(member(position, "pa"), "0.10000000");
    EXPECT_EQ(member(position, "mt"), "cross");
}

TEST(PaperFuturesStream, AListenKeyIsAStreamToo) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    auto const key = listen_key(venue, keys);
    EXPECT_EQ(listen_key(venue, keys), key);
    auto const plain = venue.connect("/ws/" + key);
    auto const own = venue.connect("/private/ws/" + key);
    auto const nobody = venue.connect("/private/ws?listenKey=unknown");
    ASSERT_EQ(order(venue, keys, "side=BUY&type=MARKET&quantity=0.1"), 200U);
    EXPECT_EQ(member(venue.receive(*plain), "e"), "ORDER_TRADE_UPDATE");
    EXPECT_EQ(member(venue.receive(*own), "e"), "ORDER_TRADE_UPDATE");
}

TEST(PaperFuturesStream, TheKeyExpiresUnlessItIsKept) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    auto const key = listen_key(venue, keys);
    auto const socket = venue.connect("/private/ws?listenKey=" + key);
    venue.clock.advance(59min);
    EXPECT_EQ(listen_key(venue, keys, "PUT"), key);
    venue.clock.advance(59min);
    venue.service().tick();
    ASSERT_EQ(order(venue, keys, "side=BUY&type=MARKET&quantity=0.1"), 200U);
    EXPECT_EQ(member(venue.receive(*socket), "e"), "ORDER_TRADE_UPDATE");
    venue.clock.advance(2min);
    venue.service().tick();
    auto news = venue.receive(*socket);
    while (!news.is_null() && member(news, "e") != "listenKeyExpired")
        news = venue.receive(*socket);
    EXPECT_EQ(member(news, "listenKey"), key);
    net::Headers const headers{{"X-MBX-APIKEY", keys.api_key}};
    EXPECT_EQ(venue.send("PUT", "/fapi/v1/listenKey", "", headers).body["code"].to_int64(), -1125);
    EXPECT_NE(listen_key(venue, keys), key);
}

TEST(PaperFuturesStream, ASocketMayLeaveAndTakeTheNextKey) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    auto const ask = [&](net::WebSocket& socket, std::string const& method,
                         std::string const& key) {
        EXPECT_TRUE(
            socket.send(R"({"method":")" + method + R"(","params":[")" + key + R"("],"id":1})"));
        EXPECT_EQ(venue.receive(socket)["id"].to_int64(), 1);
    };
    auto const first = listen_key(venue, keys);
    auto const socket = venue.connect("/private/ws/" + first);
    ask(*socket, "UNSUBSCRIBE", first);
    ASSERT_EQ(order(venue, keys, "side=BUY&type=MARKET&quantity=0.1"), 200U);
    ask(*socket, "SUBSCRIBE", first);  // nothing came in between
    net::Headers const headers{{"X-MBX-APIKEY", keys.api_key}};
    ASSERT_EQ(venue.send("DELETE", "/fapi/v1/listenKey", "", headers).status, 200U);
    ASSERT_EQ(order(venue, keys, "side=BUY&type=MARKET&quantity=0.1"), 200U);
    ask(*socket, "SUBSCRIBE", listen_key(venue, keys));
    ASSERT_EQ(order(venue, keys, "side=BUY&type=MARKET&quantity=0.1&newClientOrderId=x"), 200U);
    EXPECT_EQ(member(venue.receive(*socket)["o"], "c"), "x");
}

TEST(PaperFuturesStream, TheKeySurvivesARestart) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    auto const key = listen_key(venue, keys);
    venue.restart();
    EXPECT_EQ(listen_key(venue, keys, "PUT"), key);
}

TEST(PaperFuturesStream, SeesConditionalOrdersToTheirEnd) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    ASSERT_EQ(order(venue, keys, "side=BUY&type=MARKET&quantity=0.1"), 200U);
    auto const socket = venue.connect("/private/ws?listenKey=" + listen_key(venue, keys));
    ASSERT_EQ(venue
                  .call(keys, "POST", "/fapi/v1/algoOrder",
                        "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET"
                        "&triggerPrice=49000&closePosition=true&clientAlgoId=stop")
                  .status,
              200U);
    venue.set_price("BTCUSDT", "48000");
    std::vector<std::string> seen;
    for (auto news = venue.receive(*socket); !news.is_null(); news = venue.receive(*socket)) {
        auto const type = member(news, "e");
        if (type == "ACCOUNT_UPDATE") continue;
        seen.push_back(type + "/" + member(news["o"], "X"));
        if (seen.back() == "ALGO_UPDATE/FINISHED") break;
    }
    EXPECT_EQ(seen,
              (std::vector<std::string>{"ALGO_UPDATE/NEW", "ALGO_UPDATE/TRIGGERING",
                                        "ALGO_UPDATE/TRIGGERED", "ORDER_TRADE_UPDATE/NEW",
                                        "ORDER_TRADE_UPDATE/FILLED", "ALGO_UPDATE/FINISHED"}));
}

TEST(PaperFuturesStream, LiquidationsAreTheVenuesOwnOrders) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    ASSERT_EQ(venue.call(keys, "POST", "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=100").status,
              200U);
    ASSERT_EQ(venue.call(keys, "POST", "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=ISOLATED")
                  .status,
              200U);
    ASSERT_EQ(order(venue, keys, "side=BUY&type=MARKET&quantity=0.1"), 200U);
    auto const socket = venue.connect("/private/ws?listenKey=" + listen_key(venue, keys));
    venue.set_price("BTCUSDT", "49000");
    auto const created = venue.receive(*socket)["o"];
    EXPECT_TRUE(member(created, "c").starts_with("autoclose-"));
    auto const fill = venue.receive(*socket)["o"];
    EXPECT_EQ(member(fill, "x"), "CALCULATED");
    EXPECT_EQ(member(fill, "o"), "LIQUIDATION");
    EXPECT_EQ(member(fill, "X"), "FILLED");
}

TEST(PaperFuturesStream, FaultsApply) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    auto const socket = venue.connect("/private/ws?listenKey=" + listen_key(venue, keys));
    venue.fault(R"({"fault":"duplicate_events","match":{"path":"/private/ws"},"count":1})");
    ASSERT_EQ(order(venue, keys, "side=BUY&type=MARKET&quantity=0.1"), 200U);
    EXPECT_EQ(member(venue.receive(*socket)["o"], "x"), "NEW");
    EXPECT_EQ(member(venue.receive(*socket)["o"], "x"), "NEW");
    EXPECT_EQ(member(venue.receive(*socket)["o"], "x"), "TRADE");
}

TEST(PaperFuturesStream, MarkPricesAndTickersArePublic) {
    LoopbackVenue venue;
    auto const socket = venue.connect("/market/ws/0");
    ASSERT_TRUE(socket->send(
        R"({"method":"SUBSCRIBE","params":["btcusdt@markPrice","btcusdt@miniTicker"],"id":1})"));
    EXPECT_EQ(venue.receive(*socket)["id"].to_int64(), 1);
    venue.set_price("BTCUSDT", "51000.03");
    auto const mark = venue.receive(*socket);
    EXPECT_EQ(member(mark, "e"), "markPriceUpdate");
    EXPECT_EQ(member(mark, "p"), "51000.03000000");
    auto const ticker = venue.receive(*socket);
    EXPECT_EQ(member(ticker, "e"), "24hrMiniTicker");
    EXPECT_EQ(member(ticker, "c"), "51000.00000000");  // on the contract's tick
}

}  // namespace
}  // namespace obscura::paper::test
