#include "citadel/credential_limits.hpp"
#include "seal_fixture.hpp"

namespace obscura::citadel {
namespace {

using namespace std::chrono_literals;
using base::Json;

using SealingTest = test::SealTest;

TEST_F(SealingTest, OpensIntoCiphertextsOfTheConnection) {
    auto const answer = open(request(good_seal()));
    ASSERT_EQ(answer.status, 200U) << answer.body.dump();
    auto const& data = answer.body["encrypted_data"];
    ASSERT_EQ(data.as_object().size(), 2U);
    EXPECT_EQ(answer.body.dump().find(test::api_key), std::string::npos);
    auto const opened = post("admin", "/decrypt-bulk",
                             Json::object({{"data", data}, {"context", context_of_connection()}}));
    ASSERT_EQ(opened.status, 200U);
    EXPECT_EQ(opened.body["plaintext"]["api_key"].as_string(), test::api_key);
    EXPECT_EQ(opened.body["plaintext"]["secret"].as_string(), test::api_secret);
}

// An API key is sent in the open: whoever has something signed could read the secret in its place.
TEST_F(SealingTest, AFieldIsNotTakenForAnother) {
    auto const credentials = open(request(good_seal())).body["encrypted_data"];
    auto asked = item("a", test::place_order());
    asked.set("context", context_of_connection());
    auto const answer = [&](std::string_view api_key, std::string_view secret) {
        asked.set("credentials", Json::object({{"api_key", credentials[api_key].as_string()},
                                               {"secret", credentials[secret].as_string()}}));
        auto const told = sign("conductor", {asked}).body;
        EXPECT_EQ(told.dump().find(test::api_secret.substr(0, 8)), std::string::npos);
        auto const& made = told["items"].as_array().at(0);
        return made["url"].is_string() ? "" : made["error"]["code"].as_string();
    };
    EXPECT_EQ(answer("api_key", "secret"), "");
    EXPECT_EQ(answer("secret", "api_key"), "decryption_failed");
    EXPECT_EQ(answer("secret", "secret"), "decryption_failed");
}

TEST_F(SealingTest, OnlyTheGatewayMay) {
    auto const body = request(good_seal());
    for (auto const& [name, value] : caller_names) {
        net::Request key{.target = "/sealing-key"};
        key.headers.add("X-Internal-API-Key", test::key_of(name));
        bool const is_gateway = value == CallerName::gateway;
        EXPECT_EQ(send(std::move(key)).status, is_gateway ? 200U : 403U) << name;
        EXPECT_EQ(post(name, "/open-sealed", body).status, is_gateway ? 200U : 403U) << name;
    }
    EXPECT_EQ(post("", "/open-sealed", body).status, 401U);
}

// Whoever is on the way may write beside the seal what he likes.
TEST_F(SealingTest, EveryFieldBesideTheSealIsBound) {
    struct Change {
        std::string_view field;
        Json value;
        std::string_view reason;      ///< with the request as it was
        std::string_view also_asked;  ///< and with the request changed alike
    };
    auto const other = *base::parse_uuid("01234567-89ab-7def-8123-456789abcdef");
    Change const table[] = {
        {"tenant_id", other.to_string(), "seal_for_another_owner", "seal_broken"},
        {"user_id", other.to_string(), "seal_for_another_owner", "seal_broken"},
        {"venue", "bybit", "seal_for_another_venue", "seal_broken"},
        {"environment", "live", "seal_for_another_environment", "seal_broken"},
        {"purpose", "lead", "seal_for_another_purpose", "seal_broken"},
        {"one_time_id", other.to_string(), "seal_broken", ""},
        {"key_id", std::string(43, 'A'), "sealing_key_unknown", ""},
        {"v", 2, "/sealed/v", ""},
        {"extra", 1, "/sealed/extra", ""}};
    for (auto const& [field, value, reason, also_asked] : table) {
        auto sealed = good_seal();
        sealed.set(field, value);
        auto body = request(sealed);
        EXPECT_EQ(refusal(body), reason) << field;
        if (also_asked.empty()) continue;
        body.set(field, value);
        EXPECT_EQ(refusal(body), also_asked) << field;
    }
}

// The gateway asks for whoever is logged in and for what he wants to connect.
TEST_F(SealingTest, WhatIsAskedMustBeWhatWasSealed) {
    auto const other = *base::parse_uuid("01234567-89ab-7def-8123-456789abcdef");
    std::pair<std::string_view, std::string> const table[] = {{"tenant_id", other.to_string()},
                                                              {"user_id", other.to_string()},
                                                              {"venue", "bybit"},
                                                              {"environment", "testnet"},
                                                              {"purpose", "lead"}};
    auto const body = request(good_seal());
    for (auto const& [field, value] : table) {
        auto changed = body;
        changed.set(field, value);
        EXPECT_TRUE(refusal(changed).starts_with("seal_for_another_")) << field;
    }
    EXPECT_EQ(refusal(body), "") << "a refusal does not use a seal up";
}

TEST_F(SealingTest, EveryBitOfTheCiphertextCounts) {
    auto const sealed = good_seal();
    for (std::string_view const field : {"enc", "ciphertext"}) {
        auto const bytes = crypto::base64url_decode(sealed[field].as_string()).value();
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            auto altered = bytes;
            altered[i] ^= 1;
            auto changed = sealed;
            changed.set(field, crypto::base64url_encode(altered));
            EXPECT_EQ(refusal(request(changed)), "seal_broken") << field << " " << i;
        }
        auto text = sealed;
        text.set(field, std::string(43, '='));
        EXPECT_EQ(refusal(request(text)), "/sealed/" + std::string(field));
    }
    EXPECT_EQ(refusal(request(sealed)), "");
}

// A client, or who has written it, puts one owner beside the seal and another one inside.
TEST_F(SealingTest, InsideMustStandWhatStandsBeside) {
    auto const key = sealing_key();
    using Change = void (*)(ports::SealBinding&);
    Change const changes[] = {
        [](ports::SealBinding& b) { b.tenant.value.bytes[0] ^= 1; },
        [](ports::SealBinding& b) { b.user.value.bytes[0] ^= 1; },
        [](ports::SealBinding& b) { b.venue = "bybit"; },
        [](ports::SealBinding& b) { b.environment = model::Environment::live; },
        [](ports::SealBinding& b) { b.purpose = ports::ConnectionPurpose::lead; },
        [](ports::SealBinding& b) { b.one_time_id.bytes[0] ^= 1; }};
    for (auto const& change : changes) {
        auto const beside = binding(key.id);
        auto inside = beside;
        change(inside);
        auto const sealed = seal(key, beside, content(inside).dump());
        EXPECT_EQ(refusal(request(sealed)), "seal_contradicts_itself");
    }
}

TEST_F(SealingTest, ASealMakesOneConnection) {
    auto const body = request(good_seal());
    auto const first = open(body);
    ASSERT_EQ(first.status, 200U);
    auto other = body;
    other.set("connection_id", "01234567-89ab-7def-8123-456789abcdff");
    EXPECT_EQ(refusal(other), "seal_used");
    // A request whose answer got lost is made again, for the same connection.
    EXPECT_EQ(refusal(body), "");
}

TEST_F(SealingTest, TheSameIdInAnotherSealIsUsedToo) {
    auto const key = sealing_key();
    auto const b = binding(key.id);
    ASSERT_EQ(refusal(request(seal(key, b, content(b).dump()))), "");
    auto again = request(seal(key, b, content(b).dump()));
    again.set("connection_id", "01234567-89ab-7def-8123-456789abcdff");
    EXPECT_EQ(refusal(again), "seal_used");
}

TEST_F(SealingTest, KeysTakeTurnsAndEnd) {
    auto const first = sealing_key();
    EXPECT_EQ(first.expires_at - first.created_at, 1h);
    auto const sealed = good_seal();
    auto const late = good_seal();
    clock_.advance(29min);
    EXPECT_EQ(sealing_key().id, first.id);
    clock_.advance(1min);
    auto const second = sealing_key();
    EXPECT_NE(second.id, first.id) << "whoever asks has half its life before him";
    clock_.advance(29min);
    EXPECT_EQ(refusal(request(sealed)), "") << "what was sealed to the one before opens still";
    clock_.advance(1min);
    EXPECT_EQ(refusal(request(late)), "sealing_key_expired");
    EXPECT_EQ(refusal(request(good_seal())), "");
}

TEST_F(SealingTest, AWallClockThatStepsBackLengthensNothing) {
    auto const sealed = good_seal();
    clock_.advance(1h);
    clock_.step_wall(-2h);
    EXPECT_EQ(refusal(request(sealed)), "sealing_key_expired");
}

TEST_F(SealingTest, ARestartEndsWhatWasSealedBefore) {
    auto const sealed = good_seal();
    ASSERT_EQ(refusal(request(sealed)), "");
    Service after(test::config(), clock_, random_, metrics_);
    router_ = after.router();
    EXPECT_EQ(refusal(request(sealed)), "sealing_key_unknown");
}

TEST_F(SealingTest, ContentIsStrictAndShowsNothing) {
    auto const key = sealing_key();
    auto const told = [&](auto change) {
        auto const b = binding(key.id);
        auto json = content(b);
        change(json);
        return refusal(request(seal(key, b, json.dump())));
    };
    auto const credentials = [&](Json given) {
        return told([&](Json& json) { json.set("credentials", std::move(given)); });
    };
    EXPECT_EQ(told([](Json& json) { json.set("credentials", nullptr); }),
              "/sealed/plaintext/credentials");
    EXPECT_EQ(told([](Json& json) { json.set("owner", "me"); }), "/sealed/plaintext/owner");
    EXPECT_EQ(told([](Json& json) { json.set("limits", Json::object({{"symbols", "all"}})); }),
              "/sealed/plaintext/limits/symbols");
    // A secret in the place of a name goes into no answer.
    EXPECT_EQ(told([](Json& json) { json.set(test::api_secret, 1); }), "/sealed/plaintext");
    EXPECT_EQ(credentials(Json::object({{std::string(test::api_secret), "x"}})),
              "/sealed/plaintext");
    EXPECT_EQ(credentials(Json::object(
                  {{"api_key", "a"}, {"secret", "bad\x01" + std::string(test::api_secret)}})),
              "/sealed/plaintext/credentials/secret");
    EXPECT_EQ(credentials(Json::object({{"api_key", "a"}, {"secret", std::string(4097, 's')}})),
              "/sealed/plaintext/credentials/secret");
    // And what the venue's signer could not use.
    EXPECT_EQ(credentials(Json::object({{"api_key", "a"}})), "invalid_credentials");
    EXPECT_EQ(credentials(Json::object({{"api_key", "a"}, {"secret", "s"}, {"passphrase", "p"}})),
              "invalid_credentials");
    auto const b = binding(key.id);
    for (std::string const text : {"", "[]", "{", "\xff"})
        EXPECT_EQ(refusal(request(seal(key, b, text))), "/sealed/plaintext") << text;
}

TEST_F(SealingTest, SizesAreBounded) {
    auto const key = sealing_key();
    auto const b = binding(key.id);
    auto const blanks = [&](std::size_t size) {
        auto const json = content(b).dump();
        return refusal(request(seal(key, b, json + std::string(size - json.size(), ' '))));
    };
    EXPECT_EQ(blanks(ports::SealedCredential::max_plaintext), "");
    EXPECT_EQ(blanks(ports::SealedCredential::max_plaintext + 4), "/sealed/ciphertext");
}

TEST_F(SealingTest, RequestsAreStrict) {
    auto const body = request(good_seal());
    for (auto const& [field, value] : body.as_object()) {
        auto missing = body;
        missing.set(field, nullptr);
        EXPECT_EQ(refusal(missing), "/" + field);
    }
    auto more = body;
    more.set("context", "mine");
    EXPECT_EQ(refusal(more), "/context");
}

// Limits

class LimitsTest : public SealingTest {
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
