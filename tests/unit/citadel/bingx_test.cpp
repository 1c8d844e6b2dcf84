#include "citadel/bingx.hpp"

#include "crypto/hmac.hpp"
#include "venue_fixture.hpp"

namespace obscura::citadel {
namespace {

using namespace test;
using model::Market;
using model::PositionSide;

constexpr Signing bingx_spot{.venue = "bingx"};
constexpr Signing bingx_swap{.venue = "bingx", .market = Market::futures};

// github.com/BingX-API/BingX-swap-api-doc, "Signature": the leverage example. (The newer pages at
// bingx-api.github.io/docs show results that their own openssl line does not give.)
TEST(BingxTest, DocumentedSignature) {
    EXPECT_EQ(crypto::hmac_sha256_hex(
                  "mheO6dR8ovSsxZQCOYEFCtelpuxcWGTfHw7te326y6jOwq5WpvFQ9JNljoTwBXZGv5It07m9RXSPpDQE"
                  "K2w",
                  "symbol=BTC-USDT&timestamp=1667872120843&side=LONG&leverage=6"),
              "4f581ecdb1fa09b9d6e57886b6f70cffed17f82b93399722939e49a38edec2bf");
}

TEST(BingxTest, TheWindowIsSigned) {
    for (auto const& how : {bingx_spot, bingx_swap}) {
        auto const request = signed_at(how, order_of("BTC-USDT", "leg-1"));
        auto const query = request.url.substr(request.url.find('?') + 1);
        auto const text = query.substr(0, query.find("&signature="));
        EXPECT_NE(text.find("recvWindow=5000&"), std::string::npos) << text;
        EXPECT_NE(text.find("&timestamp=1764000000000"), std::string::npos) << text;
        EXPECT_EQ(query, text + "&signature=" + crypto::hmac_sha256_hex(how.secret, text));
        EXPECT_EQ(base::to_unix_ms(request.expires_at), 1'764'000'005'000);
    }
}

TEST(BingxTest, PlayMoneyIsForPerpetuals) {
    auto how = bingx_swap;
    how.environment = model::Environment::testnet;
    EXPECT_TRUE(signed_at(how, order_of("BTC-USDT", "leg-1"))
                    .url.starts_with("https://open-api-vst.bingx.com:443/openApi/swap/"));
    how.market = Market::spot;
    EXPECT_EQ(refusal_at(how, order_of("BTC-USDT", "leg-1")), "not_supported");
}

// A week of trades at most, and never of what is to come.
TEST(BingxTest, TradesOfPerpetualsAreAskedForByTheWeek) {
    auto const ends = [](std::int64_t start_ms) {
        auto const url =
            signed_at(bingx_swap, model::ListTrades{.symbol = "BTC-USDT",
                                                    .start_time = base::from_unix_ms(start_ms)})
                .url;
        auto const at = url.find("endTs=") + 6;
        return url.substr(at, url.find('&', at) - at);
    };
    EXPECT_EQ(ends(1'763'000'000'000), "1763604800000");
    EXPECT_EQ(ends(1'763'999'999'000), "1764000000000");
}

TEST(BingxTest, Refusals) {
    auto all_or_none = order_of("BTC-USDT", "leg-1");
    all_or_none.time_in_force = model::TimeInForce::fok;
    EXPECT_EQ(refusal_at(bingx_spot, all_or_none), "/operation/time_in_force");
    EXPECT_EQ(refusal_at(bingx_swap, all_or_none), "");
    using Action = model::ListenKey::Action;
    std::pair<model::VenueOperation, std::string_view> const of_swaps[] = {
        {order_of("BTC-USDC", "leg-1"), "/operation/symbol"},
        {order_of("BTCUSDT", "leg-1"), "/operation/symbol"},
        {order_of("BTC-USDT", "Leg-1"), "/operation/client_order_id"},
        {order_of("BTC-USDT", std::string(41, 'a')), "/operation/client_order_id"},
        {model::ListTrades{.symbol = "BTC-USDT", .venue_order_id = "a"},
         "/operation/venue_order_id"},
        {model::SetLeverage{"BTC-USDT", 0}, "/operation/leverage"},
        {model::StreamLogin{"1"}, "not_supported"},
        {model::ListenKey{Action::keep_alive}, "not_supported"},
        {model::PlaceTriggerOrder{}, "not_supported"}};
    for (auto const& [operation, why] : of_swaps)
        EXPECT_EQ(refusal_at(bingx_swap, operation), why) << to_json(operation).dump();
    EXPECT_EQ(refusal_at(bingx_spot, model::SetLeverage{"BTC-USDT", 2}), "not_supported");
}

}  // namespace
}  // namespace obscura::citadel
