#include "citadel/hyperliquid_action.hpp"
#include "citadel/hyperliquid_signature.hpp"
#include "crypto/hex.hpp"
#include "venue_fixture.hpp"

namespace obscura::citadel {
namespace {

using namespace test;
using model::Market;

constexpr std::string_view cloid = "0x0123456789abcdef0123456789abcdef";
constexpr Signing perpetuals{.venue = "hyperliquid", .market = Market::futures};
constexpr Signing spot{.venue = "hyperliquid"};

crypto::EthereumAddress address_of(std::string_view private_key) {
    base::SeededRandom random(1);
    return crypto::Secp256k1PrivateKey::from_bytes(*crypto::hex_decode(private_key.substr(2)),
                                                   random)
        ->public_key()
        .address();
}

std::string text_of(crypto::EthereumAddress const& address) {
    return "0x" + crypto::hex_encode(address.bytes);
}

/// Whose signature a request to /exchange has, by the chain that it is for.
crypto::EthereumAddress signer_of(ports::SignedRequest const& request, HyperliquidChain chain) {
    auto const body = *base::parse_json(request.body);
    crypto::Secp256k1Signature signature;
    auto const& told = body["signature"];
    EXPECT_TRUE(crypto::hex_decode_into(told["r"].as_string().substr(2), signature.r));
    EXPECT_TRUE(crypto::hex_decode_into(told["s"].as_string().substr(2), signature.s));
    signature.v = static_cast<std::uint8_t>(*told["v"].to_int64());
    auto const hash = hyperliquid_action_hash(
        body["action"], static_cast<std::uint64_t>(*body["nonce"].to_int64()), std::nullopt,
        static_cast<std::uint64_t>(*body["expiresAfter"].to_int64()));
    auto const key =
        crypto::Secp256k1PublicKey::recover(hyperliquid_digest(chain, hash), signature);
    EXPECT_TRUE(key);
    return key ? key->address() : crypto::EthereumAddress();
}

TEST(HyperliquidVenueTest, AnAgentSignsForTheChainOfTheEnvironment) {
    auto how = perpetuals;
    auto const live = signed_at(how, order_of("4", cloid));
    EXPECT_EQ(live.url, "https://api.hyperliquid.xyz:443/exchange");
    EXPECT_EQ(signer_of(live, HyperliquidChain::mainnet), address_of(agent_key));
    EXPECT_EQ(base::to_unix_ms(live.expires_at), 1'764'000'005'000);
    how.environment = model::Environment::testnet;
    auto const tested = signed_at(how, order_of("4", cloid));
    EXPECT_EQ(tested.url, "https://api.hyperliquid-testnet.xyz:443/exchange");
    EXPECT_EQ(signer_of(tested, HyperliquidChain::testnet), address_of(agent_key));
    EXPECT_NE(signer_of(tested, HyperliquidChain::mainnet), address_of(agent_key));
}

TEST(HyperliquidVenueTest, SymbolsAreNumbersOfTheMarket) {
    auto const refusal = [](Signing const& how, std::string_view symbol) {
        return refusal_at(how, order_of(symbol, cloid));
    };
    for (auto const* symbol : {"0", "4", "9999", "110000", "99999999"}) {
        EXPECT_EQ(refusal(perpetuals, symbol), "") << symbol;
        EXPECT_EQ(refusal(spot, symbol), "/operation/symbol") << symbol;
    }
    // A sale on spot opens nothing and is not held to a notional: no perpetual passes for spot.
    for (auto const* symbol : {"10000", "10107", "99999"}) {
        EXPECT_EQ(refusal(spot, symbol), "") << symbol;
        EXPECT_EQ(refusal(perpetuals, symbol), "/operation/symbol") << symbol;
    }
    for (auto const* symbol :
         {"100000", "109999", "100000000", "04", "-1", "4.0", "0x4", "ETH", ""})
        for (auto const& how : {spot, perpetuals})
            EXPECT_EQ(refusal(how, symbol), "/operation/symbol") << symbol;
}

TEST(HyperliquidVenueTest, AMarketOrderIsToldWhatToGive) {
    auto const made = sign_at(perpetuals, order_of("4", cloid, model::OrderType::market));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().fields.at(0).pointer, "/operation/type");
    EXPECT_NE(made.error().fields.at(0).detail.find("the worst price as limit_price"),
              std::string::npos);
}

TEST(HyperliquidVenueTest, ReducingIsOfPerpetuals) {
    auto order = order_of("4", cloid);
    order.reduce_only = true;
    EXPECT_NE(signed_at(perpetuals, order).body.find(R"("r":true)"), std::string::npos);
    order.symbol = "10107";
    EXPECT_NE(signed_at(spot, order).body.find(R"("r":false)"), std::string::npos);
}

TEST(HyperliquidVenueTest, NumbersHaveNoZerosBehind) {
    auto order = order_of("4", cloid);
    order.quantity = *base::Quantity::parse("0.50000000");
    order.limit_price = base::Price::parse("1600.00");
    EXPECT_NE(signed_at(perpetuals, order).body.find(R"("p":"1600","s":"0.5")"), std::string::npos);
}

TEST(HyperliquidVenueTest, CancelledByEitherId) {
    model::CancelOrder cancel{.symbol = "4", .client_order_id = "", .venue_order_id = "77738308"};
    EXPECT_NE(signed_at(perpetuals, cancel)
                  .body.find(R"({"type":"cancel","cancels":[{"a":4,"o":77738308}]})"),
              std::string::npos);
    for (auto const* id : {"", "0x1", "01", "-1", "1234567890123456"}) {
        cancel.venue_order_id = id;
        EXPECT_EQ(refusal_at(perpetuals, cancel), "/operation/venue_order_id") << id;
    }
    EXPECT_EQ(refusal_at(perpetuals, model::CancelOrder{"4", ""}), "/operation/client_order_id");
}

// No other venue takes the venue's id there.
TEST(HyperliquidVenueTest, OtherVenuesCancelByClientId) {
    for (auto const& signer : venue_signers()) {
        if (signer.venue == "hyperliquid") continue;
        for (auto const* symbol : {"BTCUSDT", "BTC-USDT", "BTC_USDT", "BTC-USDT-SWAP", "btcusdt"})
            for (auto const market : {Market::spot, Market::futures})
                EXPECT_NE(
                    refusal_at({.venue = signer.venue, .market = market},
                               model::CancelOrder{
                                   .symbol = symbol, .client_order_id = "", .venue_order_id = "1"}),
                    "")
                    << signer.venue << symbol;
    }
}

TEST(HyperliquidVenueTest, LeverageIsOfIsolatedMargin) {
    model::SetLeverage change{.symbol = "4", .leverage = 5};
    EXPECT_NE(signed_at(perpetuals, change)
                  .body.find(R"({"type":"updateLeverage","asset":4,"isCross":false,"leverage":5})"),
              std::string::npos);
    EXPECT_EQ(refusal_at(spot, change), "not_supported");
    change.leverage = 126;
    EXPECT_EQ(refusal_at(perpetuals, change), "/operation/leverage");
    EXPECT_EQ(refusal_at(perpetuals, model::SetMarginMode{.symbol = "4"}), "not_supported");
}

TEST(HyperliquidVenueTest, QuestionsAreNotSigned) {
    model::VenueOperation const questions[] = {
        model::QueryOrder{"4", std::string(cloid)}, model::ListTrades{.symbol = "4"},
        model::ReadAccount{}, model::ReadPositions{}, model::ReadKeyRights{}};
    for (auto const& question : questions) {
        auto const request = signed_at(perpetuals, question);
        EXPECT_EQ(request.url, "https://api.hyperliquid.xyz:443/info");
        EXPECT_EQ(request.body.find("signature"), std::string::npos) << request.body;
    }
    // What the key is, the venue is asked by the key's own address.
    EXPECT_EQ(signed_at(perpetuals, model::ReadKeyRights{}).body,
              R"({"type":"userRole","user":")" + text_of(address_of(agent_key)) + R"("})");
}

TEST(HyperliquidVenueTest, QuestionsThatTheVenueHasNoWordsFor) {
    EXPECT_EQ(refusal_at(perpetuals, model::ListTrades{.symbol = "4", .venue_order_id = "1"}),
              "/operation/venue_order_id");
    EXPECT_EQ(refusal_at(perpetuals, model::ListTrades{.symbol = "4", .from_id = 1}),
              "/operation/from_id");
    EXPECT_EQ(refusal_at(perpetuals, model::ReadPositions{"110000"}), "not_supported");
    EXPECT_EQ(refusal_at(spot, model::ReadPositions{}), "not_supported");
    for (model::VenueOperation const& operation : std::initializer_list<model::VenueOperation>{
             model::ReadPositionMode{}, model::ListenKey{}, model::StreamLogin{"1"},
             model::PlaceTriggerOrder{.symbol = "4"}, model::QueryTriggerOrder{"4", ""},
             model::CancelTriggerOrder{"4", ""}})
        EXPECT_EQ(refusal_at(perpetuals, operation), "not_supported") << operation.index();
}

// The account's own key may withdraw, whatever is signed with it here.
TEST(HyperliquidVenueTest, TheAccountsOwnKeyIsNotTaken) {
    auto how = perpetuals;
    auto const own = text_of(address_of(agent_key));
    how.account = own;
    for (model::VenueOperation const& operation : std::initializer_list<model::VenueOperation>{
             order_of("4", cloid), model::ReadAccount{}, model::ReadKeyRights{}})
        EXPECT_EQ(refusal_at(how, operation), "invalid_credentials") << operation.index();
}

TEST(HyperliquidVenueTest, Credentials) {
    auto const refusal = [](std::map<std::string, std::string> const& given) {
        std::map<std::string, base::Secret> fields;
        for (auto const& [name, value] : given)
            fields.emplace(name, base::Secret(std::string_view(value)));
        auto const made =
            ApiCredentials::from_fields(find_signer("hyperliquid")->credentials, std::move(fields));
        return made ? "" : made.error().detail;
    };
    std::string const account(agent_account), key(agent_key);
    EXPECT_EQ(refusal({{"api_key", account}, {"private_key", key}}), "");
    EXPECT_EQ(refusal({{"api_key", account}, {"private_key", key.substr(2)}}), "");
    EXPECT_EQ(refusal({{"api_key", account}, {"private_key", key}, {"key_type", "secp256k1"}}), "");
    std::map<std::string, std::string> const bad[] = {
        {},
        {{"api_key", account}},
        {{"private_key", key}},
        {{"api_key", "anybody"}, {"private_key", key}},
        {{"api_key", account}, {"private_key", key + "0"}},
        {{"api_key", account}, {"private_key", key.substr(0, 65)}},
        {{"api_key", account}, {"private_key", "0x" + std::string(64, 'g')}},
        {{"api_key", account}, {"private_key", key}, {"key_type", "hmac"}},
        {{"api_key", account}, {"secret", key}},
        {{"api_key", account}, {"private_key", key}, {"passphrase", "a-passphrase"}}};
    for (auto const& fields : bad) {
        auto const why = refusal(fields);
        EXPECT_NE(why, "") << fields.size();
        EXPECT_EQ(why.find(key.substr(2, 20)), std::string::npos) << why;
    }
    auto how = perpetuals;
    std::string const none = "0x" + std::string(64, '0');
    how.private_key = none;
    EXPECT_EQ(refusal_at(how, order_of("4", cloid)), "invalid_credentials");
}

TEST(HyperliquidVenueTest, TheKeyIsASecretOfAnswers) {
    std::map<std::string, base::Secret> fields;
    fields.emplace("api_key", base::Secret(agent_account));
    fields.emplace("private_key", base::Secret(agent_key));
    auto const made =
        ApiCredentials::from_fields(find_signer("hyperliquid")->credentials, std::move(fields));
    ASSERT_TRUE(made);
    EXPECT_TRUE(made->is_told_in("key: " + std::string(agent_key)));
    EXPECT_FALSE(made->is_told_in("account: " + std::string(agent_account)));
}

}  // namespace
}  // namespace obscura::citadel
