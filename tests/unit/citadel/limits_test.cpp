// What an owner sealed beside the credential: which orders are signed, and which are handed out.
#include "citadel/credential_limits.hpp"
#include "seal_fixture.hpp"

namespace obscura::citadel {
namespace {

using base::Json;

class LimitsTest : public test::SealTest {
protected:
    /// A live-like connection whose owner allows one symbol; its fields.
    Json limited(std::string const& most = "1000000") {
        return limited_by(
            Json::object({{"symbols", Json::array({"BTCUSDT"})}, {"max_order_notional", most}}));
    }
    Json limited_by(Json limits) {
        auto const key = sealing_key();
        auto const b = binding(key.id);
        auto json = content(b);
        json.set("limits", std::move(limits));
        auto const answer = open(request(seal(key, b, json.dump())));
        EXPECT_EQ(answer.status, 200U) << answer.body.dump();
        return answer.body["encrypted_data"];
    }
    /// The reason why that is not signed; "" when it is.
    std::string order(Json const& credentials, std::string_view symbol, Json operation) {
        return order_in(context_of_connection(), credentials, symbol, std::move(operation));
    }
    std::string order_in(std::string const& context, Json const& credentials,
                         std::string_view symbol, Json operation) {
        operation.set("symbol", symbol);
        auto asked = item("a", std::move(operation));
        asked.set("credentials", credentials);
        asked.set("context", context);
        auto const answer = sign("conductor", {asked});
        auto const& made = answer.body["items"].as_array().at(0);
        return made["url"].is_string() ? "" : made["error"]["code"].as_string();
    }
};

TEST_F(LimitsTest, OnlyAllowedSymbolsAreTraded) {
    auto const credentials = limited();
    ASSERT_EQ(credentials.as_object().size(), 3U);
    EXPECT_EQ(order(credentials, "BTCUSDT", test::place_order()), "");
    EXPECT_EQ(order(credentials, "ETHUSDT", test::place_order()), "limit_symbol");
    auto const query = Json::object({{"kind", "query_order"}, {"client_order_id", "leg-1"}});
    EXPECT_EQ(order(credentials, "ETHUSDT", query), "") << "looking is not trading";
}

TEST_F(LimitsTest, NoOrderIsLargerThanItsOwnerAllows) {
    auto const credentials = limited("1000");
    auto const buy = [&](std::string const& quantity) {
        auto order_of = test::place_order();
        order_of.set("quantity", quantity);
        return order(credentials, "BTCUSDT", std::move(order_of));
    };
    EXPECT_EQ(buy("0.02"), "");
    EXPECT_EQ(buy("0.02001"), "limit_order_notional");
    prices_.prices["BTCUSDT"] = base::Price(60'000);
    EXPECT_EQ(buy("0.02"), "limit_order_notional");
    // What turns coins into money is held up by nothing.
    auto sale = test::place_order();
    sale.set("side", "sell");
    sale.set("quantity", "5");
    EXPECT_EQ(order(credentials, "BTCUSDT", std::move(sale)), "");
    // Nobody's word is taken for the price: not known is not signed, for now.
    prices_.prices.clear();
    EXPECT_EQ(buy("0.00001"), "limit_price_unknown");
    Service without_prices(test::config(), clock_, random_, metrics_);
    router_ = without_prices.router();
    EXPECT_EQ(buy("0.00001"), "limit_price_unknown");
}

TEST_F(LimitsTest, LimitsCannotBeLeftOutOrReplaced) {
    auto const credentials = limited();
    auto without = credentials;
    std::erase_if(without.as_object(), [](auto const& member) { return member.first == "limits"; });
    EXPECT_EQ(order(without, "ETHUSDT", test::place_order()), "decryption_failed");
    auto replaced = credentials;
    // Whoever may encrypt makes limits of his own, under the right context.
    replaced.set("limits", sealed(R"({"symbols":["ETHUSDT"]})", context_of_connection()));
    EXPECT_EQ(order(replaced, "ETHUSDT", test::place_order()), "decryption_failed");
}

// What limits say is no secret: refusals tell the sums. Nobody names the context that they make.
TEST_F(LimitsTest, LimitsAreNotLeftOutByNamingTheirContext) {
    auto limits = Json::object({{"symbols", Json::array({"BTCUSDT"})}});
    auto const text = limits.dump();
    auto credentials = limited_by(std::move(limits));
    std::erase_if(credentials.as_object(),
                  [](auto const& member) { return member.first == "limits"; });
    auto const context = limited_context(context_of_connection(), text);
    EXPECT_EQ(order_in(context, credentials, "ETHUSDT", test::place_order()), "invalid_request");
    EXPECT_EQ(order_in(context, credentials, "BTCUSDT", test::place_order()), "invalid_request");
    for (std::string const path : {"/encrypt", "/decrypt", "/encrypt-bulk", "/decrypt-bulk"}) {
        auto const answer = post("admin", path, Json::object({{"context", context}}));
        EXPECT_NE(answer.body.dump().find("/context"), std::string::npos) << path;
    }
}

// Binance takes a client's id anew once the order of before is filled: each signature is an order.
TEST_F(LimitsTest, AnOrderThatIsSignedAgainCountsAgain) {
    auto const credentials = limited_by(Json::object({{"max_daily_notional", "60000"}}));
    EXPECT_EQ(order(credentials, "BTCUSDT", test::place_order()), "");
    EXPECT_EQ(order(credentials, "BTCUSDT", test::place_order()), "");
    EXPECT_EQ(order(credentials, "BTCUSDT", test::place_order()), "limit_daily_notional");
}

// A request that is handed out can be shown to the venue again while it lives, and each time be an
// order; in the relay it is sent once. A venue without TLS has no relay: the paper venue, mostly.
TEST_F(LimitsTest, WhatASumOfTheDayHoldsIsNotHandedOut) {
    auto const by_day = limited_by(Json::object({{"max_daily_notional", "60000"}}));
    auto const by_order = limited();
    EXPECT_EQ(order(by_day, "BTCUSDT", test::place_order()), "") << "no TLS there";
    auto config = test::config();
    auto& paper = config.venues.at("binance")[static_cast<std::size_t>(model::Environment::paper)];
    paper.rest = "https://venue.test:443";
    auto loud = test::config();
    loud.venues.at("binance")[static_cast<std::size_t>(model::Environment::paper)].rest =
        "HTTPS://venue.test:443";
    Service over_loud_tls(std::move(loud), clock_, random_, metrics_, &prices_);
    router_ = over_loud_tls.router();
    EXPECT_EQ(order(by_day, "BTCUSDT", test::place_order()), "relay_required");
    Service over_tls(std::move(config), clock_, random_, metrics_, &prices_);
    router_ = over_tls.router();
    EXPECT_EQ(order(by_day, "BTCUSDT", test::place_order()), "relay_required");
    EXPECT_EQ(order(by_order, "BTCUSDT", test::place_order()), "") << "each is within its limit";
    auto sale = test::place_order();
    sale.set("side", "sell");
    EXPECT_EQ(order(by_day, "BTCUSDT", std::move(sale)), "") << "exits are not held up";
    auto const query = Json::object({{"kind", "query_order"}, {"client_order_id", "leg-1"}});
    EXPECT_EQ(order(by_day, "BTCUSDT", query), "");
}

// A sum is in the symbol's quote asset: who lists the symbol knows of which he speaks.
TEST_F(LimitsTest, ASumWithoutSymbolsIsOfDollars) {
    prices_.prices["ETHBTC"] = *base::Price::parse("0.03");
    prices_.prices["BTCFDUSD"] = base::Price(50'000);
    auto const any = limited_by(Json::object({{"max_order_notional", "50000"}}));
    EXPECT_EQ(order(any, "BTCUSDT", test::place_order()), "");
    EXPECT_EQ(order(any, "BTCFDUSD", test::place_order()), "");
    EXPECT_EQ(order(any, "ETHBTC", test::place_order()), "limit_quote_asset");
    auto sale = test::place_order();
    sale.set("side", "sell");
    EXPECT_EQ(order(any, "ETHBTC", std::move(sale)), "") << "exits are not held up";
    auto const named = limited_by(
        Json::object({{"symbols", Json::array({"ETHBTC"})}, {"max_order_notional", "0.02"}}));
    EXPECT_EQ(order(named, "ETHBTC", test::place_order()), "");
}

TEST_F(LimitsTest, RotationKeepsThem) {
    auto old_config = test::config();
    old_config.master_keys_hex[1] = base::Secret();
    Service before(std::move(old_config), clock_, random_, metrics_, &prices_);
    router_ = before.router();
    auto const old = limited();
    router_ = service_.router();
    auto const renewed = post("rotation", "/rewrap-bulk",
                              Json::object({{"data", old}, {"context", context_of_connection()}}));
    ASSERT_EQ(renewed.status, 200U) << renewed.body.dump();
    auto const& credentials = renewed.body["encrypted_data"];
    for (auto const& [name, text] : credentials.as_object())
        EXPECT_TRUE(text.as_string().starts_with("nil:v2:")) << name;
    EXPECT_EQ(order(credentials, "BTCUSDT", test::place_order()), "");
    EXPECT_EQ(order(credentials, "ETHUSDT", test::place_order()), "limit_symbol");
}

}  // namespace
}  // namespace obscura::citadel
