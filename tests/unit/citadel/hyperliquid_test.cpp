#include "citadel/hyperliquid_action.hpp"
#include "citadel/hyperliquid_signature.hpp"
#include "crypto/hex.hpp"

#include <gtest/gtest.h>

namespace obscura::citadel {
namespace {

using base::Json;
using Chain = HyperliquidChain;

/// The key of the tests of Hyperliquid's Python SDK (tests/signing_test.py), which are where "the
/// SDK" below points to.
crypto::Secp256k1PrivateKey sdk_key() {
    base::SeededRandom random(1);
    auto key = crypto::Secp256k1PrivateKey::from_bytes(
        *crypto::hex_decode("0123456789012345678901234567890123456789012345678901234567890123"),
        random);
    EXPECT_TRUE(key);
    return std::move(*key);
}

auto const vault = crypto::EthereumAddress::parse("0x1719884eb866cb12b2287399b15f7db5e7d775ea");
constexpr std::string_view cloid = "0x0123456789abcdef0123456789abcdef";

struct Expected {
    std::string_view r, s;
    int v;
};

void expect_signature(crypto::Secp256k1Signature const& signature, Expected const& expected) {
    EXPECT_EQ(crypto::hex_encode(signature.r), expected.r);
    EXPECT_EQ(crypto::hex_encode(signature.s), expected.s);
    EXPECT_EQ(signature.v, expected.v);
}

model::PlaceOrder order_of(std::string_view quantity, std::string_view price) {
    return {.symbol = "ETH",
            .side = model::Side::buy,
            .type = model::OrderType::limit,
            .quantity = *base::Quantity::parse(quantity),
            .limit_price = base::Price::parse(price),
            .time_in_force = model::TimeInForce::gtc,
            .client_order_id = std::string(cloid)};
}

/// Of that asset, in the market that its number is of.
base::Result<Json> action_of(std::uint32_t asset, model::VenueOperation operation) {
    std::visit(
        [&](auto& typed) {
            if constexpr (requires { typed.symbol; }) typed.symbol = std::to_string(asset);
        },
        operation);
    bool const is_spot = asset >= 10'000 && asset < 100'000;
    return hyperliquid_action(is_spot ? model::Market::spot : model::Market::futures, operation);
}

/// The SDK signs orders without a client id too; we have none of those.
Json without_client_id(Json action) {
    auto& order = action.as_object()[1].second.as_array()[0].as_object();
    EXPECT_EQ(order.back().first, "c");
    order.pop_back();
    return action;
}

TEST(HyperliquidTest, TheSdksPhantomAgent) {
    auto order = order_of("0.0147", "1670.1");
    order.time_in_force = model::TimeInForce::ioc;
    auto const action = action_of(4, order);
    ASSERT_TRUE(action);
    EXPECT_EQ(crypto::hex_encode(hyperliquid_action_hash(without_client_id(*action), 1677777606040,
                                                         std::nullopt, std::nullopt)),
              "0fcbeda5ae3c4950a548021552a4fea2226858c4453571bf3f24ba017eac2908");
}

/// The SDK signs at nonce 0, without an end.
void expect_sdk(Json const& action, std::optional<crypto::EthereumAddress> const& of_vault,
                Expected const& mainnet, Expected const& testnet) {
    auto const hash = hyperliquid_action_hash(action, 0, of_vault, std::nullopt);
    auto const key = sdk_key();
    expect_signature(key.sign(hyperliquid_digest(Chain::mainnet, hash)), mainnet);
    expect_signature(key.sign(hyperliquid_digest(Chain::testnet, hash)), testnet);
}

TEST(HyperliquidTest, TheSdksOrder) {
    auto const action = action_of(1, order_of("100", "100"));
    ASSERT_TRUE(action);
    expect_sdk(without_client_id(*action), std::nullopt,
               {"d65369825a9df5d80099e513cce430311d7d26ddf477f5b3a33d2806b100d78e",
                "2b54116ff64054968aa237c20ca9ff68000f977c93289157748a3162b6ea940e", 28},
               {"82b2ba28e76b3d761093aaded1b1cdad4960b3af30212b343fb2e6cdfa4e3d54",
                "6b53878fc99d26047f4d7e8c90eb98955a109f44209163f52d8dc4278cbbd9f5", 27});
}

TEST(HyperliquidTest, TheSdksOrderWithClientId) {
    auto order = order_of("100", "100");
    order.client_order_id = "0x00000000000000000000000000000001";
    auto const action = action_of(1, order);
    ASSERT_TRUE(action);
    expect_sdk(*action, std::nullopt,
               {"041ae18e8239a56cacbc5dad94d45d0b747e5da11ad564077fcac71277a946e3",
                "3c61f667e747404fe7eea8f90ab0e76cc12ce60270438b2058324681a00116da", 27},
               {"eba0664bed2676fc4e5a743bf89e5c7501aa6d870bdb9446e122c9466c5cd16d",
                "7f3e74825c9114bc59086f1eebea2928c190fdfbfde144827cb02b85bbe90988", 28});
}

// An action of the SDK's tests alone: no operation of ours makes it.
TEST(HyperliquidTest, TheSdksDummyWithAndWithoutVault) {
    auto const dummy = Json::object({{"type", "dummy"}, {"num", std::int64_t{100'000'000'000}}});
    expect_sdk(dummy, std::nullopt,
               {"053749d5b30552aeb2fca34b530185976545bb22d0b3ce6f62e31be961a59298",
                "755c40ba9bf05223521753995abb2f73ab3229be8ec921f350cb447e384d8ed8", 27},
               {"542af61ef1f429707e3c76c5293c80d01f74ef853e34b76efffcb57e574f9510",
                "17b8b32f086e8cdede991f1e2c529f5dd5297cbe8128500e00cbaf766204a613", 28});
    expect_sdk(dummy, vault,
               {"003c548db75e479f8012acf3000ca3a6b05606bc2ec0c29c50c515066a326239",
                "4d402be7396ce74fbba3795769cda45aec00dc3125a984f2a9f23177b190da2c", 28},
               {"e281d2fb5c6e25ca01601f878e4d69c965bb598b88fac58e475dd1f5e56c362b",
                "7ddad27e9a238d045c035bc606349d075d5c5cd00a6cd1da23ab5c39d4ef0f60", 27});
}

HyperliquidEndpoint endpoint(Chain chain) {
    return {.origin = "https://venue.test:443", .chain = chain};
}

HyperliquidTerms terms() {
    return {.nonce = 1'700'000'000'000, .not_after = base::from_unix_ms(1'700'000'005'000)};
}

model::PlaceOrder reducing_order() {
    auto order = order_of("1234567", "0.00012345");
    order.side = model::Side::sell;
    order.reduce_only = true;
    order.time_in_force = model::TimeInForce::ioc;
    return order;
}
model::CancelOrder cancel_order() {
    return {.symbol = "ETH", .client_order_id = std::string(cloid)};
}

base::Result<ports::SignedRequest> request_of(model::VenueOperation const& operation,
                                              std::uint32_t asset, Chain chain,
                                              HyperliquidTerms const& given) {
    auto action = action_of(asset, operation);
    if (!action) return std::unexpected(action.error());
    return hyperliquid_request(endpoint(chain), sdk_key(), std::move(*action), given);
}

std::string body(model::VenueOperation const& operation, std::uint32_t asset, Chain chain,
                 HyperliquidTerms const& given) {
    auto const request = request_of(operation, asset, chain, given);
    EXPECT_TRUE(request);
    return request ? request->body : "";
}

// What ccxt 4.5.84 signs for the same: with an end, and with a vault.
TEST(HyperliquidTest, AWholeOrder) {
    auto const request = request_of(reducing_order(), 110'000, Chain::mainnet, terms());
    ASSERT_TRUE(request);
    EXPECT_EQ(request->method, "POST");
    EXPECT_EQ(request->url, "https://venue.test:443/exchange");
    EXPECT_EQ(request->expires_at, terms().not_after);
    EXPECT_EQ(
        request->body,
        R"({"action":{"type":"order","orders":[{"a":110000,"b":false,"p":"0.00012345","s":"1234567",)"
        R"("r":true,"t":{"limit":{"tif":"Ioc"}},"c":"0x0123456789abcdef0123456789abcdef"}],)"
        R"("grouping":"na"},"nonce":1700000000000,"signature":{)"
        R"("r":"0xdb3c01fc9037c142df16425c43e7d085e87298509df218201afca78164018576",)"
        R"("s":"0x0facf228ce8fd7a07ee4f4a9bafbe81712bf83d46ef6ea91d5e78e0af3dae2aa","v":27},)"
        R"("vaultAddress":null,"expiresAfter":1700000005000})");
    auto const tested = body(reducing_order(), 110'000, Chain::testnet, terms());
    EXPECT_NE(tested.find("66357828773a24bf99208f2bd46c701b85d44d218c264a5829a3846222617456"),
              tested.npos);
}

TEST(HyperliquidTest, AWholeOrderOfAVault) {
    auto given = terms();
    given.vault = vault;
    auto const text = body(reducing_order(), 110'000, Chain::mainnet, given);
    EXPECT_NE(
        text.find(
            R"("r":"0x57a45d240911a34c65362f7babd45e73e9b3c898709edd77883106e2ae91b5f4",)"
            R"("s":"0x1a7a083049afefe845f3d8fae3a50c510f14ef703a5586023812cc1b18601fb3","v":28},)"
            R"("vaultAddress":"0x1719884eb866cb12b2287399b15f7db5e7d775ea")"),
        text.npos)
        << text;
}

TEST(HyperliquidTest, AWholeCancel) {
    EXPECT_EQ(
        body(cancel_order(), 4, Chain::mainnet, terms()),
        R"({"action":{"type":"cancelByCloid","cancels":[{"asset":4,)"
        R"("cloid":"0x0123456789abcdef0123456789abcdef"}]},"nonce":1700000000000,"signature":{)"
        R"("r":"0x52b16dba15dd69f8081ca51f7048f62da9896ac1c933542ba5e4a19baa2479af",)"
        R"("s":"0x3ace11f388d093612a2f4b8b76f26405592690f52727b437469ded7e2b6040ff","v":27},)"
        R"("vaultAddress":null,"expiresAfter":1700000005000})");
    auto const tested = body(cancel_order(), 4, Chain::testnet, terms());
    EXPECT_NE(tested.find("cacc4b962deea1b1c9c8db1ab1dec6bd9531f12f76571ea00508b7abd89e02f2"),
              tested.npos);
}

TEST(HyperliquidTest, EveryTermCounts) {
    auto const signature_of = [](HyperliquidTerms const& given, std::uint32_t asset = 4) {
        auto const text = body(cancel_order(), asset, Chain::mainnet, given);
        return base::parse_json(text).value()["signature"].dump();
    };
    auto const usual = signature_of(terms());
    auto other = terms();
    other.nonce += 1;
    EXPECT_NE(signature_of(other), usual);
    other = terms();
    other.not_after += std::chrono::milliseconds(1);
    EXPECT_NE(signature_of(other), usual);
    other = terms();
    other.vault = vault;
    EXPECT_NE(signature_of(other), usual);
    EXPECT_NE(signature_of(terms(), 5), usual);
    EXPECT_EQ(signature_of(terms()), usual);
}

/// The reason for which nothing was signed, or the pointer of the field that must change.
std::string refusal(model::VenueOperation const& operation) {
    auto const request = request_of(operation, 4, Chain::mainnet, terms());
    if (request) return "";
    EXPECT_EQ(request.error().code, base::Errc::invalid_argument);
    auto const& fields = request.error().fields;
    return fields.empty() ? request.error().reason : fields.front().pointer;
}

// Orders, cancellations and leverage are signed, so that no withdrawal, transfer or approval ever
// is.
TEST(HyperliquidTest, NothingElseIsSigned) {
    model::VenueOperation const others[] = {model::QueryOrder{"ETH", std::string(cloid)},
                                            model::ListTrades{.symbol = "ETH"},
                                            model::ReadAccount{},
                                            model::ReadKeyRights{},
                                            model::StreamLogin{.request_id = "1"},
                                            model::PlaceTriggerOrder{.symbol = "ETH"},
                                            model::QueryTriggerOrder{"ETH", std::string(cloid)},
                                            model::CancelTriggerOrder{"ETH", std::string(cloid)},
                                            model::SetMarginMode{.symbol = "ETH"},
                                            model::ReadPositions{},
                                            model::ReadPositionMode{},
                                            model::ListenKey{}};
    for (auto const& other : others) EXPECT_EQ(refusal(other), "not_supported") << other.index();
    EXPECT_EQ(std::size(others) + 3, std::variant_size_v<model::VenueOperation>);
}

TEST(HyperliquidTest, RefusesWhatTheVenueHasNoWordsFor) {
    auto const refused = [](auto change) {
        auto order = order_of("100", "100");
        change(order);
        return refusal(order);
    };
    EXPECT_EQ(refused([](model::PlaceOrder&) {}), "");
    EXPECT_EQ(refused([](auto& o) { o.type = model::OrderType::market; }), "/operation/type");
    EXPECT_EQ(refused([](auto& o) { o.time_in_force = model::TimeInForce::fok; }),
              "/operation/time_in_force");
    EXPECT_EQ(refused([](auto& o) { o.position_side = model::PositionSide::long_side; }),
              "/operation/position_side");
    for (char const* amount : {"0", "-1", "0.000000001", "1.123456789"}) {
        EXPECT_EQ(refused([&](auto& o) { o.quantity = *base::Quantity::parse(amount); }),
                  "/operation/quantity")
            << amount;
        EXPECT_EQ(refused([&](auto& o) { o.limit_price = base::Price::parse(amount); }),
                  "/operation/limit_price")
            << amount;
    }
    EXPECT_EQ(refused([](auto& o) { o.limit_price.reset(); }), "/operation/limit_price");
    EXPECT_EQ(refused([](auto& o) { o.quantity = *base::Quantity::parse("0.00000001"); }), "");
}

TEST(HyperliquidTest, ClientIdsAre128BitsInLowerCase) {
    for (std::string const bad :
         {"", "0x", "leg-1", "0x0123456789abcdef0123456789abcde",
          "0x0123456789abcdef0123456789abcdef0", "0x0123456789ABCDEF0123456789ABCDEF",
          "0X0123456789abcdef0123456789abcdef", "0x0123456789abcdef0123456789abcdeg"}) {
        auto order = order_of("100", "100");
        order.client_order_id = bad;
        EXPECT_EQ(refusal(order), "/operation/client_order_id") << bad;
        EXPECT_EQ(refusal(model::CancelOrder{.symbol = "ETH", .client_order_id = bad}),
                  "/operation/client_order_id")
            << bad;
    }
}

}  // namespace
}  // namespace obscura::citadel
