#include "unit/paper/loopback_venue.hpp"

namespace obscura::paper::test {
namespace {

std::int64_t refusal_of(LoopbackVenue::Answer const& answer) {
    return answer.body["code"].to_int64().value_or(0);
}

LoopbackVenue::Answer trade_contract(LoopbackVenue& venue, LoopbackVenue::Keys const& keys,
                                     std::string const& more) {
    return venue.call(keys, "POST", "/fapi/v1/order", "symbol=BTCUSDT&" + more);
}

TEST(PaperFuturesRest, OrderLifeOverHttp) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    auto const bought = trade_contract(
        venue, keys,
        "side=BUY&type=MARKET&quantity=0.1&newOrderRespType=RESULT&newClientOrderId=x");
    ASSERT_EQ(bought.status, 200U) << bought.body.dump();
    EXPECT_EQ(bought.body["status"].to_text(), "FILLED");
    EXPECT_EQ(bought.body["avgPrice"].to_text(), "50000.10000000");
    EXPECT_EQ(bought.body["cumQuote"].to_text(), "5000.01000000");
    EXPECT_EQ(bought.body["positionSide"].to_text(), "BOTH");
    EXPECT_EQ(bought.headers.find("x-mbx-order-count-10s"), "1");
    EXPECT_EQ(bought.headers.find("x-mbx-order-count-1m"), "1");
    EXPECT_FALSE(bought.headers.find("x-mbx-order-count-1d"));
    auto const acked =
        trade_contract(venue, keys, "side=SELL&type=MARKET&quantity=0.05&reduceOnly=true");
    EXPECT_EQ(acked.body["status"].to_text(), "NEW");  // ACK is the default here
    EXPECT_EQ(acked.body["executedQty"].to_text(), "0.00000000");
    auto const read = venue.call(keys, "GET", "/fapi/v1/order", "symbol=BTCUSDT&orderId=2");
    EXPECT_EQ(read.body["status"].to_text(), "FILLED");
    EXPECT_TRUE(read.body["reduceOnly"].as_bool());
    auto const rests =
        trade_contract(venue, keys,
                       "side=BUY&type=LIMIT&timeInForce=GTX&price=49000&quantity=0.01"
                       "&newClientOrderId=rests");
    EXPECT_EQ(rests.body["timeInForce"].to_text(), "GTX");
    EXPECT_EQ(rests.body["type"].to_text(), "LIMIT");
    EXPECT_EQ(venue.call(keys, "GET", "/fapi/v1/openOrders", "").body.as_array().size(), 1U);
    auto const canceled =
        venue.call(keys, "DELETE", "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=rests");
    EXPECT_EQ(canceled.body["status"].to_text(), "CANCELED");
    EXPECT_EQ(refusal_of(venue.call(keys, "DELETE", "/fapi/v1/order", "symbol=BTCUSDT&orderId=3")),
              -2011);
    EXPECT_EQ(refusal_of(venue.call(keys, "GET", "/fapi/v1/order", "symbol=BTCUSDT&orderId=9")),
              -2013);
}

TEST(PaperFuturesRest, RefusesInTheVenuesWords) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    auto const code = [&](std::string const& more) {
        return refusal_of(trade_contract(venue, keys, more));
    };
    EXPECT_EQ(code("side=BUY&type=STOP_MARKET&stopPrice=1&quantity=0.1"), -4120);
    EXPECT_EQ(code("side=BUY&type=NONE&quantity=0.1"), -1116);
    EXPECT_EQ(code("side=BUY&type=MARKET&quantity=0"), -4003);
    EXPECT_EQ(code("side=BUY&type=MARKET&quantity=0.1&positionSide=UP"), -4060);
    EXPECT_EQ(code("side=BUY&type=MARKET&quantity=0.1&positionSide=LONG"), -4061);
    EXPECT_EQ(code("side=BUY&type=MARKET&quantity=0.1&price=5"), -1106);
    EXPECT_EQ(code("side=BUY&type=LIMIT&quantity=0.1&price=49000"), -1102);
    EXPECT_EQ(code("side=BUY&type=MARKET&quantity=0.1&newOrderRespType=FULL"), -1130);
    EXPECT_EQ(code("side=BUY&type=MARKET&quantity=0.1&closePosition=true"), -4136);
    EXPECT_EQ(code("side=BUY&type=MARKET&quantity=0.1&nonsense=1"), -1104);
}

// Query and body are signed as one text: whoever holds a request can cut it where he likes. What a
// cut leaves of a name is a parameter that is not known, and that nobody has read is refused.
TEST(PaperFuturesRest, NoCutMakesAnOpeningOfAnOrderThatReduces) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    net::Headers const key{{"X-MBX-APIKEY", keys.api_key}};
    std::string const orders[] = {
        "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.1&reduceOnly=true&newClientOrderId=x"
        "&recvWindow=5000&timestamp=" +
            venue.now_ms(),
        // Of spot, stamped in microseconds.
        "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.1&newClientOrderId=x"
        "&newOrderRespType=FULL&recvWindow=5000&timestamp=" +
            venue.now_ms() + "000"};
    for (auto const& text : orders) {
        auto const signature = "&signature=" + crypto::hmac_sha256_hex(keys.secret, text);
        for (std::size_t cut = 0; cut <= text.size(); ++cut) {
            auto const answer = venue.send("POST", "/fapi/v1/order?" + text.substr(0, cut),
                                           text.substr(cut) + signature, key);
            EXPECT_EQ(answer.status, 400U) << text.substr(cut) << answer.body.dump();
        }
    }
    EXPECT_EQ(venue.admin("GET", "/admin/ledger?market=futures").body["orders"].as_array().size(),
              0U);
}

// Clients read `code` as a number whatever the status: a problem document would break them.
TEST(PaperFuturesRest, WhatIsNotThereIsSaidInTheVenuesWords) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    for (auto const& [method, path] : {std::pair{"GET", "/fapi/v1/fundingRate"},
                                       {"PUT", "/fapi/v1/order"},
                                       {"POST", "/fapi/v1/batchOrders"},
                                       {"DELETE", "/api/v3/nothing/at/all"},
                                       {"GET", "/sapi/v1/system/status"}}) {
        auto const answer = venue.call(keys, method, path, "symbol=BTCUSDT");
        EXPECT_EQ(answer.status, 404U) << path;
        EXPECT_EQ(refusal_of(answer), -5000) << path;
        EXPECT_EQ(answer.body["msg"].to_text(),
                  "Path " + std::string(path) + ", Method " + method + " is invalid");
    }
    EXPECT_EQ(venue.send("GET", "/fapi/v1/ticker/price").status, 200U);
    EXPECT_EQ(venue.send("GET", "/elsewhere").body["code"].to_text(), "route_not_found");
}

TEST(PaperFuturesRest, UserTradesFilterAndPage) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    ASSERT_EQ(trade_contract(venue, keys, "side=BUY&type=MARKET&quantity=0.5").status,
              200U);  // two trades
    venue.clock.advance(10s);
    auto const second_ms = venue.now_ms();
    ASSERT_EQ(trade_contract(venue, keys, "side=SELL&type=MARKET&quantity=0.1").status, 200U);
    auto const ids = [&](std::string const& more) {
        std::vector<std::int64_t> list;
        auto const answer = venue.call(keys, "GET", "/fapi/v1/userTrades", "symbol=BTCUSDT" + more);
        EXPECT_EQ(answer.status, 200U) << answer.body.dump();
        for (auto const& one : answer.body.as_array()) list.push_back(one["id"].to_int64().value());
        return list;
    };
    EXPECT_EQ(ids(""), (std::vector<std::int64_t>{1, 2, 3}));
    EXPECT_EQ(ids("&fromId=2"), (std::vector<std::int64_t>{2, 3}));
    EXPECT_EQ(ids("&fromId=0&limit=2"), (std::vector<std::int64_t>{1, 2}));
    EXPECT_EQ(ids("&limit=2"), (std::vector<std::int64_t>{2, 3}));
    EXPECT_EQ(ids("&orderId=2"), (std::vector<std::int64_t>{3}));
    EXPECT_EQ(ids("&startTime=" + second_ms), (std::vector<std::int64_t>{3}));
    EXPECT_EQ(refusal_of(venue.call(keys, "GET", "/fapi/v1/userTrades",
                                    "symbol=BTCUSDT&fromId=1&startTime=1")),
              -1128);
    EXPECT_EQ(refusal_of(venue.call(keys, "GET", "/fapi/v1/userTrades",
                                    "symbol=BTCUSDT&startTime=1&endTime=" + second_ms)),
              -4165);
    venue.clock.advance(std::chrono::days(8));
    EXPECT_TRUE(ids("").empty());  // older than the seven days that are looked at
    EXPECT_EQ(ids("&fromId=3"), (std::vector<std::int64_t>{3}));
}

TEST(PaperFuturesRest, AccountPositionsAndSettings) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    auto const post = [&](std::string const& path, std::string const& params) {
        return venue.call(keys, "POST", path, params);
    };
    auto const set = post("/fapi/v1/leverage", "symbol=BTCUSDT&leverage=50");
    EXPECT_EQ(set.body["leverage"].to_int64(), 50);
    EXPECT_EQ(set.body["maxNotionalValue"].to_text(), "12000000");
    EXPECT_EQ(refusal_of(post("/fapi/v1/leverage", "symbol=BTCUSDT&leverage=126")), -4028);
    EXPECT_EQ(refusal_of(post("/fapi/v1/marginType", "symbol=BTCUSDT&marginType=CROSSED")), -4046);
    EXPECT_EQ(refusal_of(post("/fapi/v1/marginType", "symbol=BTCUSDT&marginType=ISOLATED")), 200);
    EXPECT_EQ(refusal_of(post("/fapi/v1/positionSide/dual", "dualSidePosition=false")), -4059);
    ASSERT_EQ(trade_contract(venue, keys, "side=BUY&type=MARKET&quantity=0.1").status, 200U);
    EXPECT_EQ(refusal_of(post("/fapi/v1/positionSide/dual", "dualSidePosition=true")), -4068);
    auto const v3 = venue.call(keys, "GET", "/fapi/v3/positionRisk", "").body.as_array();
    ASSERT_EQ(v3.size(), 1U);
    EXPECT_EQ(v3[0]["positionAmt"].to_text(), "0.10000000");
    EXPECT_EQ(v3[0]["isolatedWallet"].to_text(), "100.00020000");
    EXPECT_EQ(v3[0].find("leverage"), nullptr);
    auto const v2 = venue.call(keys, "GET", "/fapi/v2/positionRisk", "symbol=BTCUSDT").body;
    EXPECT_EQ(v2.as_array()[0]["leverage"].to_text(), "50");
    EXPECT_EQ(v2.as_array()[0]["marginType"].to_text(), "isolated");
    auto const account = venue.call(keys, "GET", "/fapi/v3/account", "").body;
    EXPECT_EQ(account["totalWalletBalance"].to_text(), "99997.49999500");
    EXPECT_EQ(account["positions"].as_array().size(), 1U);
    auto const balance = venue.call(keys, "GET", "/fapi/v3/balance", "").body.as_array();
    EXPECT_EQ(balance[0]["crossWalletBalance"].to_text(), "99897.49979500");
    for (std::string const path :
         {"/fapi/v2/account", "/fapi/v1/leverageBracket", "/fapi/v1/symbolConfig",
          "/fapi/v1/accountConfig", "/fapi/v1/positionSide/dual", "/fapi/v1/income",
          "/fapi/v1/allOrders?symbol=BTCUSDT"}) {
        auto const query = path.find('?');
        auto const params = query == std::string::npos ? "" : path.substr(query + 1);
        EXPECT_EQ(venue.call(keys, "GET", path.substr(0, query), params).status, 200U) << path;
    }
    for (std::string const path :
         {"/fapi/v1/ping", "/fapi/v1/time", "/fapi/v1/depth?symbol=BTCUSDT",
          "/fapi/v1/ticker/price", "/fapi/v2/ticker/price?symbol=BTCUSDT", "/fapi/v1/ticker/24hr",
          "/fapi/v1/premiumIndex", "/fapi/v1/ticker/bookTicker"}) {
        EXPECT_EQ(venue.send("GET", path).status, 200U) << path;
    }
}

TEST(PaperFuturesRest, CountsWeightsApartFromSpot) {
    Config config;
    config.futures_weight_per_minute = 10;
    LoopbackVenue venue(config);
    EXPECT_EQ(venue.send("GET", "/fapi/v1/premiumIndex").headers.find("x-mbx-used-weight-1m"),
              "10");
    auto const over = venue.send("GET", "/fapi/v1/time");
    EXPECT_EQ(over.status, 429U);
    EXPECT_EQ(refusal_of(over), -1003);
    EXPECT_EQ(venue.send("GET", "/api/v3/time").headers.find("x-mbx-used-weight-1m"), "1");
}

TEST(PaperFuturesRest, AlgoOrders) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    std::string const wanted =
        "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&triggerPrice=49000";
    auto const post = [&](std::string const& more) {
        return venue.call(keys, "POST", "/fapi/v1/algoOrder", wanted + more);
    };
    EXPECT_EQ(refusal_of(post("")), -1102);
    EXPECT_EQ(refusal_of(post("&closePosition=true&quantity=1")), -4137);
    ASSERT_EQ(trade_contract(venue, keys, "side=BUY&type=MARKET&quantity=0.1").status, 200U);
    auto const placed = post("&quantity=0.1&reduceOnly=true&clientAlgoId=mine");
    ASSERT_EQ(placed.status, 200U) << placed.body.dump();
    EXPECT_EQ(placed.body["algoStatus"].to_text(), "NEW");
    EXPECT_EQ(
        venue.call(keys, "GET", "/fapi/v1/openAlgoOrders", "symbol=BTCUSDT").body.as_array().size(),
        1U);
    venue.set_price("BTCUSDT", "48999");
    auto const done = venue.call(keys, "GET", "/fapi/v1/algoOrder", "clientAlgoId=mine");
    EXPECT_EQ(done.body["algoStatus"].to_text(), "FINISHED");
    EXPECT_EQ(done.body["actualOrderId"].to_text(), "2");
    EXPECT_EQ(refusal_of(venue.call(keys, "DELETE", "/fapi/v1/algoOrder", "algoId=1")), -2011);
    EXPECT_EQ(refusal_of(venue.call(keys, "GET", "/fapi/v1/algoOrder", "algoId=7")), -2013);
    EXPECT_TRUE(venue.call(keys, "GET", "/fapi/v3/positionRisk", "").body.as_array().empty());

    venue.set_price("BTCUSDT", "50000");
    ASSERT_EQ(post("&quantity=0.1").status, 200U);
    auto const all = [&](std::string const& more) {
        std::string ids;
        auto const answer =
            venue.call(keys, "GET", "/fapi/v1/allAlgoOrders", "symbol=BTCUSDT" + more);
        for (auto const& algo : answer.body.as_array()) ids += algo["algoId"].digits() + " ";
        return ids;
    };
    EXPECT_EQ(all(""), "1 2 ");
    EXPECT_EQ(all("&algoId=2"), "2 ");
    EXPECT_EQ(all("&limit=1&page=2"), "2 ");
    EXPECT_EQ(all("&endTime=1"), "");
}

TEST(PaperFuturesRest, FaultsAndLedger) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    venue.fault(
        R"({"fault":"drop_after_accept","match":{"path":"/fapi/v1/order","method":"POST"},"count":1})");
    EXPECT_EQ(trade_contract(venue, keys, "side=BUY&type=MARKET&quantity=0.1&newClientOrderId=lost")
                  .status,
              0U);
    auto const ledger = venue.admin("GET", "/admin/ledger?market=futures").body;
    ASSERT_EQ(ledger["orders"].as_array().size(), 1U);
    auto const& order = ledger["orders"].as_array()[0];
    EXPECT_EQ(order["client_order_id"].to_text(), "lost");
    EXPECT_EQ(order["position_side"].to_text(), "BOTH");
    EXPECT_EQ(order["leverage"].to_int64(), 20);
    EXPECT_EQ(order["fills"].as_array()[0]["commission_asset"].to_text(), "USDT");
    auto const& position = ledger["positions"].as_array().at(0);
    EXPECT_EQ(position["quantity"].to_text(), "0.1");
    EXPECT_EQ(position["margin_mode"].to_text(), "cross");
    EXPECT_EQ(venue.orders_in_ledger(), 0U);
    EXPECT_EQ(venue.admin("GET", "/admin/ledger?market=options").status, 400U);
    auto const deposit = venue.admin("POST", "/admin/accounts/" + keys.account + "/deposit",
                                     R"({"asset":"USDT","amount":"50","market":"futures"})");
    EXPECT_EQ(deposit.status, 200U) << deposit.body.dump();
    venue.restart();
    EXPECT_EQ(venue.admin("GET", "/admin/ledger?market=futures").body["positions"],
              ledger["positions"]);
}

}  // namespace
}  // namespace obscura::paper::test
