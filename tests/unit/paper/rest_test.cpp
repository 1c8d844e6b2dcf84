#include "crypto/base64.hpp"
#include "unit/paper/loopback_venue.hpp"

namespace obscura::paper::test {
namespace {

std::int64_t code(LoopbackVenue::Answer const& answer) {
    return answer.body["code"].to_int64().value_or(0);
}

TEST(PaperRest, OrderLifeOverHttp) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    auto const bought = venue.buy(keys, "first", "0.5");
    ASSERT_EQ(bought.status, 200U) << bought.body.dump();
    EXPECT_EQ(bought.body["status"].to_text(), "FILLED");
    EXPECT_EQ(bought.body["executedQty"].to_text(), "0.50000000");
    ASSERT_EQ(bought.body["fills"].as_array().size(), 2U);
    EXPECT_EQ(bought.body["fills"].as_array()[0]["commissionAsset"].to_text(), "BTC");
    EXPECT_EQ(bought.headers.find("x-mbx-order-count-10s"), "1");
    EXPECT_EQ(bought.headers.find("x-mbx-order-count-1d"), "1");
    EXPECT_TRUE(bought.headers.find("x-mbx-used-weight-1m"));

    auto const rests = venue.call(keys, "POST", "/api/v3/order",
                                  "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.2"
                                  "&price=60000&newClientOrderId=second&newOrderRespType=RESULT");
    ASSERT_EQ(rests.status, 200U);
    EXPECT_EQ(rests.body["status"].to_text(), "NEW");
    EXPECT_EQ(rests.body.find("fills"), nullptr);
    auto const open = venue.call(keys, "GET", "/api/v3/openOrders", "symbol=BTCUSDT");
    ASSERT_EQ(open.body.as_array().size(), 1U);
    auto const queried =
        venue.call(keys, "GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=second");
    EXPECT_EQ(queried.body["orderId"], rests.body["orderId"]);
    auto const canceled =
        venue.call(keys, "DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=second");
    ASSERT_EQ(canceled.status, 200U);
    EXPECT_EQ(canceled.body["status"].to_text(), "CANCELED");
    EXPECT_EQ(canceled.body["origClientOrderId"].to_text(), "second");
    EXPECT_EQ(code(venue.call(keys, "DELETE", "/api/v3/order", "symbol=BTCUSDT&orderId=2")), -2011);
    EXPECT_EQ(code(venue.call(keys, "GET", "/api/v3/order", "symbol=BTCUSDT&orderId=99")), -2013);
    EXPECT_EQ(code(venue.call(keys, "GET", "/api/v3/order", "symbol=BTCUSDT")), -1102);
    EXPECT_EQ(venue.call(keys, "GET", "/api/v3/allOrders", "symbol=BTCUSDT").body.as_array().size(),
              2U);
    EXPECT_EQ(code(venue.call(keys, "DELETE", "/api/v3/openOrders", "symbol=BTCUSDT")), -2011);
}

TEST(PaperRest, MyTradesFiltersAndPages) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    ASSERT_EQ(venue.buy(keys, "one", "0.5").status, 200U);  // two trades
    venue.clock.advance(10s);
    auto const second_ms = venue.now_ms();
    ASSERT_EQ(venue.buy(keys, "two", "0.1").status, 200U);
    auto const ids = [&](std::string const& more) {
        std::vector<std::int64_t> list;
        auto const answer = venue.call(keys, "GET", "/api/v3/myTrades", "symbol=BTCUSDT" + more);
        for (auto const& trade : answer.body.as_array())
            list.push_back(trade["id"].to_int64().value());
        return list;
    };
    auto const all = ids("");
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(ids("&fromId=" + std::to_string(all[1])), (std::vector{all[1], all[2]}));
    EXPECT_EQ(ids("&fromId=0&limit=2"), (std::vector{all[0], all[1]}));
    EXPECT_EQ(ids("&limit=2"), (std::vector{all[1], all[2]}));
    EXPECT_EQ(ids("&orderId=2"), (std::vector{all[2]}));
    EXPECT_EQ(ids("&startTime=" + second_ms), (std::vector{all[2]}));
    EXPECT_EQ(ids("&startTime=" + second_ms + "&limit=5000").size(), 1U);
}

TEST(PaperRest, SignatureCoversTheExactBytes) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    net::Headers const key{{"X-MBX-APIKEY", keys.api_key}};
    auto const path = std::string("/api/v3/account?");
    auto const good = "timestamp=" + venue.now_ms();
    auto const sign = [&](std::string const& bytes) {
        return crypto::hmac_sha256_hex(keys.secret, bytes);
    };
    EXPECT_EQ(venue.send("GET", path + good + "&signature=" + sign(good), "", key).status, 200U);
    EXPECT_EQ(code(venue.send("GET", path + good + "&signature=" + sign(good + " "), "", key)),
              -1022);
    EXPECT_EQ(code(venue.send("GET", path + good, "", key)), -1102);
    EXPECT_EQ(code(venue.send("GET", path + good + "&signature=" + sign(good))), -2014);
    // The same order of things as on the wire, escapes and all.
    auto const escaped = "timestamp=" + venue.now_ms() + "&omitZeroBalances=%74rue";
    EXPECT_EQ(venue.send("GET", path + escaped + "&signature=" + sign(escaped), "", key).status,
              200U);
    auto const plain = "timestamp=" + venue.now_ms() + "&omitZeroBalances=true";
    EXPECT_EQ(code(venue.send("GET", path + escaped + "&signature=" + sign(plain), "", key)),
              -1022);
    // Query and body, concatenated without a separator.
    auto const query = std::string("symbol=BTCUSDT&side=BUY&type=MARKET");
    auto const body = "quantity=0.1&timestamp=" + venue.now_ms();
    auto const split = venue.send("POST", "/api/v3/order?" + query,
                                  body + "&signature=" + sign(query + body), key);
    EXPECT_EQ(split.status, 200U) << split.body.dump();
    EXPECT_EQ(venue.orders_in_ledger(), 1U);
}

TEST(PaperRest, Ed25519KeysSignInBase64) {
    LoopbackVenue venue;
    auto const keys = venue.account("ed", "ed25519");
    auto const key = crypto::Ed25519PrivateKey::from_pem(keys.private_key);
    ASSERT_TRUE(key);
    auto const params = "timestamp=" + venue.now_ms();
    auto const signature =
        net::percent_encode(crypto::base64_encode(key->sign(std::string_view(params))));
    net::Headers const headers{{"X-MBX-APIKEY", keys.api_key}};
    auto const answer =
        venue.send("GET", "/api/v3/account?" + params + "&signature=" + signature, "", headers);
    EXPECT_EQ(answer.status, 200U) << answer.body.dump();
}

TEST(PaperRest, RefusedRequestsChangeNothing) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    auto const old = std::to_string(base::to_unix_ms(venue.clock.now()) - 5'001);
    auto const params = std::string("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.1");
    EXPECT_EQ(code(venue.call(keys, "POST", "/api/v3/order", params + "&timestamp=" + old)), -1021);
    EXPECT_EQ(code(venue.call(keys, "POST", "/api/v3/order", params + "&symbol=ETHUSDT")), -1101);
    EXPECT_EQ(code(venue.call(keys, "POST", "/api/v3/order", params + "&recvWindow=60001")), -1131);
    EXPECT_EQ(venue.call(keys, "POST", "/api/v3/order/test", params).status, 200U);
    EXPECT_EQ(venue.orders_in_ledger(), 0U);
    EXPECT_EQ(venue.send("PUT", "/api/v3/order").status, 404U);
    EXPECT_EQ(venue.send("PATCH", "/api/v3/order").status, 405U);
    EXPECT_EQ(venue.send("GET", "/api/v3/nothing").status, 404U);
}

TEST(PaperRest, WeightLimitAnswers429Then418) {
    Config config;
    config.weight_per_minute = 30;
    config.refusals_before_ban = 2;
    LoopbackVenue venue(config);
    EXPECT_EQ(venue.send("GET", "/api/v3/exchangeInfo").headers.find("x-mbx-used-weight-1m"), "20");
    EXPECT_EQ(venue.send("GET", "/api/v3/ping").status, 200U);
    auto const over = venue.send("GET", "/api/v3/exchangeInfo");
    EXPECT_EQ(over.status, 429U);
    EXPECT_EQ(code(over), -1003);
    EXPECT_TRUE(over.headers.find("Retry-After"));
    EXPECT_EQ(venue.send("GET", "/api/v3/ping").status, 429U);
    auto const banned = venue.send("GET", "/api/v3/ping");
    EXPECT_EQ(banned.status, 418U);
    EXPECT_EQ(banned.headers.find("Retry-After"), "120");
    EXPECT_EQ(venue.admin("GET", "/admin/accounts").status, 200U);  // not part of the venue
    venue.clock.advance(3min);
    EXPECT_EQ(venue.send("GET", "/api/v3/ping").status, 200U);
}

TEST(PaperRest, OrderLimitIsPerAccount) {
    Config config;
    config.orders_per_10s = 1;
    LoopbackVenue venue(config);
    auto const a = venue.account("a");
    auto const b = venue.account("b");
    EXPECT_EQ(venue.buy(a, "x").status, 200U);
    auto const second = venue.buy(a, "y");
    EXPECT_EQ(second.status, 429U);
    EXPECT_EQ(code(second), -1015);
    EXPECT_TRUE(second.headers.find("Retry-After"));
    EXPECT_EQ(venue.buy(b, "x").status, 200U);
    EXPECT_EQ(venue.orders_in_ledger(), 2U);
}

TEST(PaperRest, EverythingThatClientsLoadAtStartIsThere) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    auto const info =
        venue.send("GET", "/api/v3/exchangeInfo?symbols=%5B%22BTCUSDT%22,%22ETHUSDT%22%5D");
    ASSERT_EQ(info.body["symbols"].as_array().size(), 2U);
    EXPECT_EQ(info.body["symbols"].as_array()[0]["filters"].as_array().size(), 5U);
    EXPECT_EQ(code(venue.send("GET", "/api/v3/exchangeInfo?symbol=NOPE")), -1121);
    EXPECT_GE(venue.send("GET", "/fapi/v1/exchangeInfo").body["symbols"].as_array().size(), 10U);
    EXPECT_EQ(venue.send("GET", "/dapi/v1/exchangeInfo").body["symbols"].as_array().size(), 0U);
    EXPECT_EQ(venue.send("GET", "/api/v3/ticker/price?symbol=BTCUSDT").body["price"].to_text(),
              "50000.00000000");
    EXPECT_EQ(
        venue.send("GET", "/api/v3/ticker/bookTicker?symbol=BTCUSDT").body["askPrice"].to_text(),
        "50000.01000000");
    EXPECT_EQ(
        venue.send("GET", "/api/v3/depth?symbol=BTCUSDT&limit=5").body["asks"].as_array().size(),
        5U);
    for (std::string const path :
         {"/api/v3/ticker/24hr", "/api/v3/time", "/api/v3/trades?symbol=BTCUSDT",
          "/api/v3/klines?symbol=BTCUSDT&interval=1m"}) {
        EXPECT_EQ(venue.send("GET", path).status, 200U) << path;
    }
    for (std::string const path : {"/sapi/v1/capital/config/getall",
                                   "/sapi/v1/margin/isolated/allPairs", "/sapi/v1/account/status",
                                   "/sapi/v1/account/apiRestrictions", "/api/v3/rateLimit/order"}) {
        EXPECT_EQ(venue.call(keys, "GET", path, "").status, 200U) << path;
    }
    auto const restrictions = venue.call(keys, "GET", "/sapi/v1/account/apiRestrictions", "");
    EXPECT_FALSE(restrictions.body["enableWithdrawals"].as_bool());
    net::Headers const key{{"X-MBX-APIKEY", keys.api_key}};
    EXPECT_EQ(venue.send("GET", "/sapi/v1/margin/allPairs", "", key).status, 200U);
    EXPECT_EQ(venue.send("GET", "/health").body["status"].to_text(), "ok");
}

TEST(PaperRest, AdminIsStrictAndIdempotentByLabel) {
    LoopbackVenue venue;
    auto const first = venue.account("same");
    auto const again = venue.account("same");
    EXPECT_EQ(first.api_key, again.api_key);
    EXPECT_EQ(first.secret, again.secret);
    EXPECT_EQ(
        venue.admin("POST", "/admin/accounts", R"({"label":"same","key_type":"ed25519"})").status,
        409U);
    auto const bad = venue.admin("POST", "/admin/accounts",
                                 R"({"label":"a b","colour":1,"balances":{"GOLD":"1","BTC":"-1"},
                                     "taker_fee":"0.5","public_key":"x"})");
    EXPECT_EQ(bad.status, 400U);
    EXPECT_EQ(bad.body["errors"].as_array().size(), 6U) << bad.body.dump();
    auto const path = "/admin/accounts/" + first.account + "/deposit";
    auto const deposit = venue.admin("POST", path, R"({"asset":"USDT","amount":"-400000"})");
    EXPECT_EQ(deposit.body["free"].to_text(), "600000");
    EXPECT_EQ(venue.admin("POST", path, R"({"asset":"USDT","amount":"-600001"})").status, 409U);
    EXPECT_EQ(venue.admin("POST", path, R"({"asset":"USDT","amount":"0.000000001"})").status, 400U);
    EXPECT_EQ(venue.admin("POST", "/admin/accounts/99/deposit", "{}").status, 404U);
    EXPECT_EQ(venue.admin("POST", "/admin/price", R"({"symbol":"BTCUSDT","price":"0.001"})").status,
              400U);
    EXPECT_EQ(venue.admin("GET", "/admin/ledger?limit=0").status, 400U);
    EXPECT_EQ(venue.admin("GET", "/admin/ledger?account=77").status, 404U);
}

TEST(PaperRest, AdminIsNotForWebPages) {
    LoopbackVenue venue;
    net::Headers const page{{"Origin", "https://example.com"}};
    EXPECT_EQ(venue.send("GET", "/admin/ledger", "", page).status, 403U);
    EXPECT_EQ(venue.send("POST", "/admin/accounts", "{}", page).status, 403U);
    EXPECT_EQ(venue.send("GET", "/api/v3/ping", "", page).status, 200U);
}

TEST(PaperRest, LedgerPages) {
    LoopbackVenue venue;
    auto const a = venue.account("a");
    auto const b = venue.account("b");
    for (int i = 0; i < 3; ++i) {
        ASSERT_EQ(venue.buy(a, "a" + std::to_string(i)).status, 200U);
        ASSERT_EQ(venue.buy(b, "b" + std::to_string(i)).status, 200U);
    }
    auto const page = venue.admin("GET", "/admin/ledger?limit=4").body;
    EXPECT_EQ(page["orders"].as_array().size(), 4U);
    EXPECT_EQ(page["next_after"].to_text(), "4");
    auto const rest = venue.admin("GET", "/admin/ledger?after=4").body;
    EXPECT_EQ(rest["orders"].as_array().size(), 2U);
    EXPECT_TRUE(rest["next_after"].is_null());
    auto const one = venue.admin("GET", "/admin/ledger?account=" + b.account).body;
    ASSERT_EQ(one["orders"].as_array().size(), 3U);
    EXPECT_EQ(one["orders"].as_array()[2]["client_order_id"].to_text(), "b2");
    EXPECT_EQ(one["orders"].as_array()[0]["fills"].as_array().size(), 1U);
}

TEST(PaperRest, StateSurvivesARestart) {
    LoopbackVenue venue;
    auto const keys = venue.account("a");
    ASSERT_EQ(venue.buy(keys, "kept").status, 200U);
    auto const before = venue.admin("GET", "/admin/ledger").body;
    venue.restart();
    EXPECT_EQ(venue.admin("GET", "/admin/ledger").body, before);
    auto const queried =
        venue.call(keys, "GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=kept");
    EXPECT_EQ(queried.body["status"].to_text(), "FILLED");
}

}  // namespace
}  // namespace obscura::paper::test
