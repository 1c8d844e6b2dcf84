#include "crypto/hmac.hpp"
#include "service_fixture.hpp"

namespace obscura::citadel {
namespace {

using base::Json;

class SignRouteTest : public test::ServiceTest {
protected:
    /// The only answer to one item of conductor's.
    [[nodiscard]] Json sign_one(Json item) {
        auto const answer = sign("conductor", {std::move(item)});
        EXPECT_EQ(answer.status, 200U) << answer.body.dump();
        auto const& items = answer.body["items"];
        return items.is_array() && items.as_array().size() == 1 ? items.as_array()[0] : Json();
    }
    [[nodiscard]] Json changed(std::string_view field, Json value) {
        auto made = item("a", test::place_order());
        made.set(field, std::move(value));
        return made;
    }
};

TEST_F(SignRouteTest, AnOrder) {
    auto const made = sign_one(item("copy-1", test::place_order()));
    EXPECT_EQ(made["id"].as_string(), "copy-1");
    EXPECT_EQ(made["method"].as_string(), "POST");
    EXPECT_EQ(made["url"].as_string(), "http://127.0.0.1:8010/api/v3/order");
    EXPECT_EQ(made["headers"]["X-MBX-APIKEY"].as_string(), test::api_key);
    EXPECT_EQ(made["expires_at"].as_string(), "2025-11-24T16:00:05.000Z");
    std::string const expected =
        "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.5&newClientOrderId=leg-1&"
        "newOrderRespType=FULL&recvWindow=5000&timestamp=1764000000000000";
    EXPECT_EQ(made["body"].as_string(),
              expected + "&signature=" + crypto::hmac_sha256_hex(test::api_secret, expected));
}

TEST_F(SignRouteTest, TheEnvironmentPicksTheVenue) {
    for (auto const& [environment, origin] :
         {std::pair("live", "https://api.binance.com:443/"),
          std::pair("testnet", "https://testnet.binance.vision:443/"),
          std::pair("paper", "http://127.0.0.1:8010/")}) {
        auto const made = sign_one(changed("environment", environment));
        EXPECT_TRUE(made["url"].as_string().starts_with(origin)) << made.dump();
    }
}

// The same order and the same key: only what the item says of the market tells them apart.
TEST_F(SignRouteTest, TheMarketPicksHostAndPath) {
    struct Case {
        std::string_view environment, spot, futures;
    };
    for (auto const& c :
         {Case{"live", "https://api.binance.com:443", "https://fapi.binance.com:443"},
          Case{"testnet", "https://testnet.binance.vision:443",
               "https://demo-fapi.binance.com:443"},
          Case{"paper", "http://127.0.0.1:8010", "http://127.0.0.1:8010"}}) {
        auto made = changed("environment", c.environment);
        auto const url = [&] { return sign_one(made)["url"].as_string(); };
        EXPECT_EQ(url(), std::string(c.spot) + "/api/v3/order");
        made.set("market", "futures");
        EXPECT_EQ(url(), std::string(c.futures) + "/fapi/v1/order");
        std::erase_if(made.as_object(),
                      [](auto const& member) { return member.first == "market"; });
        EXPECT_EQ(url(), std::string(c.spot) + "/api/v3/order") << "spot unless told";
    }
}

/// An item of credentials that were sealed for one use, asked for another.
TEST_F(SignRouteTest, CredentialsServeTheUseTheyWereSealedFor) {
    auto const context = [](std::string const& environment, std::string const& purpose) {
        return "tenant|user|binance|" + environment + "|" + purpose + "|connection";
    };
    auto const order = test::place_order();
    auto const cancel = Json::object(
        {{"kind", "cancel_order"}, {"symbol", "BTCUSDT"}, {"client_order_id", "leg-1"}});
    auto const look = Json::object({{"kind", "read_account"}});
    auto const ask = [&](std::string const& sealed_for, std::string const& said,
                         std::string const& environment, Json const& operation,
                         std::string const& market = "spot") {
        auto made = item("a", operation);
        made.set("market", market);
        made.set("credentials", Json::object({{"api_key", sealed(test::api_key, sealed_for)},
                                              {"secret", sealed(test::api_secret, sealed_for)}}));
        made.set("context", said);
        made.set("environment", environment);
        auto const answer = sign_one(made);
        return answer["error"].is_object() ? answer["error"]["code"].as_string()
                                           : std::string("signed");
    };
    auto const leverage =
        Json::object({{"kind", "set_leverage"}, {"symbol", "BTCUSDT"}, {"leverage", 2}});
    auto const margin_mode = Json::object(
        {{"kind", "set_margin_mode"}, {"symbol", "BTCUSDT"}, {"margin_mode", "isolated"}});
    auto const trigger = Json::object({{"kind", "place_trigger_order"},
                                       {"symbol", "BTCUSDT"},
                                       {"side", "sell"},
                                       {"trigger", "stop_loss"},
                                       {"trigger_price", "1"},
                                       {"client_order_id", "leg-1"}});
    auto const end_trigger = Json::object(
        {{"kind", "cancel_trigger_order"}, {"symbol", "BTCUSDT"}, {"client_order_id", "leg-1"}});
    auto const paper = context("paper", "follow");
    auto const live = context("live", "follow");
    auto const lead = context("paper", "lead");
    EXPECT_EQ(ask(paper, paper, "paper", order), "signed");
    EXPECT_EQ(ask(live, live, "live", order), "signed");
    EXPECT_EQ(ask(lead, lead, "paper", look), "signed");
    EXPECT_EQ(ask(paper, live, "live", order), "decryption_failed") << "moved to another row";
    EXPECT_EQ(ask(lead, paper, "paper", order), "decryption_failed");
    EXPECT_EQ(ask(paper, paper, "live", order), "wrong_context") << "asked for another place";
    EXPECT_EQ(ask(live, live, "paper", look), "wrong_context");
    EXPECT_EQ(ask(lead, lead, "paper", order), "wrong_purpose");
    EXPECT_EQ(ask(lead, lead, "paper", cancel), "wrong_purpose");
    EXPECT_EQ(ask(lead, lead, "paper", look, "futures"), "signed");
    for (auto const& operation : {order, cancel, leverage, margin_mode, trigger, end_trigger}) {
        EXPECT_EQ(ask(paper, paper, "paper", operation, "futures"), "signed") << operation.dump();
        EXPECT_EQ(ask(lead, lead, "paper", operation, "futures"), "wrong_purpose")
            << operation.dump();
    }
}

// ADR 12: a request that gives the passphrase away stays inside, unless no money hangs on it.
TEST_F(SignRouteTest, WhatGivesASecretAwayIsNotHandedOut) {
    auto made = item("a", Json::object({{"kind", "read_account"}}));
    made.set("venue", "okx");
    made.set("credentials", Json::object({{"api_key", sealed(test::api_key)},
                                          {"secret", sealed(test::api_secret)},
                                          {"passphrase", sealed("a-passphrase")}}));
    made.set("environment", "live");
    auto const live = sign_one(made);
    EXPECT_EQ(live["error"]["code"].as_string(), "relay_required") << live.dump();
    EXPECT_EQ(live.dump().find("a-passphrase"), std::string::npos);
    made.set("environment", "testnet");
    EXPECT_EQ(sign_one(made)["headers"]["x-simulated-trading"].as_string(), "1");
    made.set("environment", "paper");
    EXPECT_EQ(sign_one(made)["error"]["code"].as_string(), "not_supported") << "there is none";
}

// ADR 19: a signature that leaves the body open stays inside; a stream's login has none.
TEST_F(SignRouteTest, WhatLeavesItsBodyOpenIsNotHandedOut) {
    auto made = item("a", Json::object({{"kind", "read_account"}}));
    made.set("venue", "htx");
    made.set("environment", "live");
    EXPECT_EQ(sign_one(made)["error"]["code"].as_string(), "relay_required");
    made.set("operation", Json::object({{"kind", "stream_login"}, {"request_id", "1"}}));
    auto const login = sign("sentinel", {made});
    EXPECT_EQ(login.body["items"].as_array()[0]["method"].to_text(), "WS") << login.body.dump();
}

// Nor is what another market would take for an order of its own.
TEST_F(SignRouteTest, WhatNamesNoMarketIsNotHandedOut) {
    auto order = test::place_order();
    order.set("symbol", "BTC-USDT");
    order.set("side", "sell");
    auto made = item("a", std::move(order));
    made.set("venue", "bingx");
    made.set("environment", "live");
    EXPECT_EQ(sign_one(made)["error"]["code"].as_string(), "relay_required");
    made.set("environment", "testnet");
    made.set("market", "futures");
    EXPECT_TRUE(sign_one(made)["url"].is_string());
}

TEST_F(SignRouteTest, WhatMayBeLeftOut) {
    auto made = item("a", test::place_order());
    std::erase_if(made.as_object(), [](auto const& member) {
        return member.first == "market" || member.first == "not_after_ms";
    });
    auto const answer = sign_one(made);
    EXPECT_EQ(answer["expires_at"].as_string(), "2025-11-24T16:00:05.000Z") << answer.dump();
}

// A wrong clock of ours is no hindrance where the caller has asked the venue for its time.
TEST_F(SignRouteTest, TheVenuesTimeIsTakenFromTheCaller) {
    auto const there = base::to_unix_ms(clock_.now()) + 4 * 60'000;
    auto made = item("a", test::place_order());
    made.set("venue_now_ms", there);
    made.set("not_after_ms", there + 5'000);
    auto const answer = sign_one(made);
    ASSERT_TRUE(answer["body"].is_string()) << answer.dump();
    auto const body = answer["body"].as_string();
    EXPECT_NE(body.find("&recvWindow=5000&timestamp=" + std::to_string(there) + "000&"),
              std::string::npos)
        << body;
    made.set("not_after_ms", there + 60'001);
    EXPECT_EQ(sign_one(made)["error"]["code"].as_string(), "not_after_too_far");
}

TEST_F(SignRouteTest, AnswersKeepOrderAndFailAlone) {
    auto bad_context = item("b", test::place_order());
    bad_context.set("context", "somebody else");
    auto const answer =
        sign("conductor", {item("c", test::place_order()), bad_context,
                           item("a", Json::object({{"kind", "stream_login"}, {"request_id", "1"}})),
                           item("d", test::place_order())});
    ASSERT_EQ(answer.status, 200U);
    auto const& items = answer.body["items"].as_array();
    ASSERT_EQ(items.size(), 4U);
    EXPECT_EQ(items[0]["id"].as_string(), "c");
    EXPECT_TRUE(items[0]["body"].is_string());
    EXPECT_EQ(items[1]["error"]["code"].as_string(), "decryption_failed");
    EXPECT_EQ(items[2]["error"]["code"].as_string(), "operation_not_allowed");
    EXPECT_TRUE(items[3]["body"].is_string());
}

TEST_F(SignRouteTest, AThousandItems) {
    Json::Array items;
    auto const one = item("x", test::place_order());
    for (int i = 0; i < 1000; ++i) {
        auto copy = one;
        copy.set("id", "leg-" + std::to_string(i));
        items.push_back(std::move(copy));
    }
    auto const answer = sign("conductor", items);
    ASSERT_EQ(answer.status, 200U);
    ASSERT_EQ(answer.body["items"].as_array().size(), 1000U);
    for (std::size_t i = 0; i < 1000; ++i) {
        auto const& made = answer.body["items"].as_array()[i];
        EXPECT_EQ(made["id"].as_string(), "leg-" + std::to_string(i));
        EXPECT_TRUE(made["url"].is_string());
    }
    items.push_back(one);
    EXPECT_EQ(sign("conductor", items).status, 400U);
}

struct BadItem {
    std::string_view field;
    Json value;
    std::string_view code;     ///< of the item's error
    std::string_view pointer;  ///< of its first field, "" where none is to blame
};

TEST_F(SignRouteTest, BadItems) {
    auto const now = base::to_unix_ms(clock_.now());
    auto order = test::place_order();
    auto const with = [&](std::string_view key, Json value) {
        auto changed_order = order;
        changed_order.set(key, std::move(value));
        return changed_order;
    };
    BadItem const cases[] = {
        {"venue", "kraken", "not_supported", ""},
        {"venue", nullptr, "invalid_request", "/venue"},
        {"environment", "prod", "invalid_request", "/environment"},
        {"market", "", "invalid_request", "/market"},
        {"market", "Futures", "invalid_request", "/market"},
        {"market", "options", "invalid_request", "/market"},
        {"context", 7, "invalid_request", "/context"},
        {"credentials", nullptr, "invalid_request", "/credentials"},
        {"credentials", Json::object(), "invalid_request", "/credentials"},
        {"credentials", Json::object({{"api_key", 7}}), "invalid_request", "/credentials/api_key"},
        {"credentials", Json::object({{"api_key", "plain"}, {"secret", "plain"}}),
         "invalid_ciphertext", ""},
        {"credentials", Json::object({{"api_key", "ev:AAAA"}}), "unsupported_ciphertext", ""},
        {"credentials", Json::object({{"api_key", sealed(test::api_key)}}), "invalid_credentials",
         ""},
        {"not_after_ms", "soon", "invalid_request", "/not_after_ms"},
        {"not_after_ms", -1, "invalid_request", "/not_after_ms"},
        {"not_after_ms", now, "not_after_passed", ""},
        {"not_after_ms", now + 60'001, "not_after_too_far", ""},
        {"venue_now_ms", "soon", "invalid_request", "/venue_now_ms"},
        {"venue_now_ms", now + 300'001, "venue_now_too_far", ""},
        {"venue_now_ms", now - 300'001, "venue_now_too_far", ""},
        {"operation", nullptr, "invalid_request", "/operation"},
        {"operation", Json::object({{"kind", "withdraw"}}), "invalid_request", "/operation/kind"},
        {"operation", with("quantity", "0"), "invalid_request", "/operation/quantity"},
        {"operation", with("quantity", "1e-13"), "invalid_request", "/operation/quantity"},
        {"operation", with("symbol", "btcusdt"), "invalid_request", "/operation/symbol"},
        {"operation", with("client_order_id", "a b"), "invalid_request",
         "/operation/client_order_id"},
        {"operation", with("price", "1"), "invalid_request", "/operation/price"},
        {"url", "https://evil.test", "invalid_request", "/url"}};
    for (auto const& c : cases) {
        auto const made = sign_one(changed(c.field, c.value));
        auto const shown = std::string(c.field) + " " + c.value.dump() + " " + made.dump();
        EXPECT_EQ(made["id"].as_string(), "a") << shown;
        ASSERT_TRUE(made["error"].is_object()) << shown;
        EXPECT_EQ(made["error"]["status"].to_int64(), 400) << shown;
        EXPECT_EQ(made["error"]["code"].as_string(), c.code) << shown;
        if (c.pointer.empty()) continue;
        auto const& errors = made["error"]["errors"];
        ASSERT_TRUE(errors.is_array()) << shown;
        EXPECT_EQ(errors.as_array().at(0)["pointer"].as_string(), c.pointer) << shown;
    }
}

TEST_F(SignRouteTest, BadBatches) {
    std::pair<std::string_view, std::string_view> const cases[] = {
        {R"({})", "/items"},
        {R"({"items":{}})", "/items"},
        {R"({"items":[]})", "/items"},
        {R"({"items":[{}]})", "/items/0/id"},
        {R"({"items":[7]})", "/items/0/id"},
        {R"({"items":[{"id":"a"},{"id":""}]})", "/items/1/id"},
        {R"({"items":[{"id":"a"},{"id":"a"}]})", "/items/1/id"},
        {R"({"items":[{"id":"a"}],"dry":true})", "/dry"}};
    for (auto const& [body, pointer] : cases) {
        auto const answer = post("conductor", "/sign", std::string(body));
        EXPECT_EQ(answer.status, 400U) << body;
        ASSERT_TRUE(answer.body["errors"].is_array()) << body << answer.body.dump();
        EXPECT_EQ(answer.body["errors"].as_array().at(0)["pointer"].as_string(), pointer) << body;
    }
    EXPECT_EQ(post("conductor", "/sign", std::string("{")).status, 400U);
    EXPECT_EQ(post("conductor", "/sign", std::string()).status, 400U);
}

// Neither a signed request nor an error has the secret in it.
TEST_F(SignRouteTest, SecretsStayInside) {
    auto incomplete = changed("credentials", Json::object({{"secret", sealed(test::api_secret)}}));
    incomplete.set("id", "b");
    auto const answer = sign("conductor", {item("a", test::place_order()), incomplete});
    ASSERT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.body["items"].as_array().at(1)["error"]["code"].as_string(),
              "invalid_credentials");
    EXPECT_EQ(answer.body.dump().find(test::api_secret), std::string::npos);
}

}  // namespace
}  // namespace obscura::citadel
