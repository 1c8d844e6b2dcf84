#include "citadel/htx.hpp"

#include "crypto/base64.hpp"
#include "crypto/hmac.hpp"
#include "net/http.hpp"
#include "venue_fixture.hpp"

namespace obscura::citadel {
namespace {

using namespace test;
using model::Market;
using model::PositionSide;

constexpr Signing htx_spot{.venue = "htx"};
constexpr Signing htx_swap{.venue = "htx", .market = Market::futures};

std::string htx_signature(std::string_view text) {
    return crypto::base64_encode(crypto::hmac_sha256(htx_spot.secret, text));
}

// The example of Huobi's REST documentation, with its secret and its result: no operation of ours
// is its request, so that the text alone is signed here.
TEST(HtxTest, DocumentedSignature) {
    std::map<std::string, base::Secret> fields;
    auto const add = [&](std::string name, std::string_view text) {
        fields.emplace(std::move(name), base::Secret(text));
    };
    add("api_key", "e2xxxxxx-99xxxxxx-84xxxxxx-7xxxx");
    add("secret", "b0xxxxxx-c6xxxxxx-94xxxxxx-dxxxx");
    auto const credentials = ApiCredentials::from_fields(htx.credentials, std::move(fields));
    ASSERT_TRUE(credentials);
    EXPECT_EQ(credentials->sign("GET\nbe.huobi.com\n/v1/order/orders\n"
                                "AccessKeyId=e2xxxxxx-99xxxxxx-84xxxxxx-7xxxx&"
                                "SignatureMethod=HmacSHA256&SignatureVersion=2&"
                                "Timestamp=2017-05-11T15%3A19%3A30&order-id=1234567890",
                                SignatureForm::sha256_base64),
              "4F65x5A2bLyMWVQj3Aqp+B4w+ivaA7n5Oi2SuYtCJ9o=");
}

// The method, the host without a port, the path, the query sorted and escaped.
TEST(HtxTest, WhatIsSigned) {
    auto how = htx_spot;
    how.window.timestamp_ms = 1'494'515'970'999;  // 2017-05-11T15:19:30, and a little
    auto const request = signed_at(how, model::ReadAccount{});
    auto const query = std::string(
        "AccessKeyId=aK3yOf0bscura&SignatureMethod=HmacSHA256&SignatureVersion=2&"
        "Timestamp=2017-05-11T15%3A19%3A30");
    EXPECT_TRUE(request.url.starts_with("https://api.huobi.pro:443/v1/account/accounts?" + query +
                                        "&Signature="))
        << request.url;
    auto const parsed = net::parse_form(request.url.substr(request.url.find("Signature=", 140)));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->at(0).second,
              htx_signature("GET\napi.huobi.pro\n/v1/account/accounts\n" + query));
    // Until the time stamp is too old, by whoever says the longest.
    EXPECT_EQ(base::to_unix_ms(request.expires_at), 1'494'516'270'000);
}

// The reason why none of its requests is handed out.
TEST(HtxTest, TheBodyIsNotSigned) {
    auto one = order_of("BTC-USDT", "1");
    one.reduce_only = true;
    auto other = one;
    other.quantity = base::Quantity(2000);
    auto const a = signed_at(htx_swap, one), b = signed_at(htx_swap, other);
    EXPECT_EQ(a.url, b.url);
    EXPECT_NE(a.body, b.body);
    EXPECT_EQ(find_signer("htx")->relay, RelayReason::open_body);
}

// huobiapi.github.io/docs/spot/v1/en/#authentication-2: version 2.1, names in small letters.
TEST(HtxTest, StreamLogins) {
    auto how = htx_spot;
    how.window.timestamp_ms = 1'567'499'000'900;
    auto const spot = signed_at(how, model::StreamLogin{.request_id = "login-1"});
    EXPECT_EQ(spot.method, "WS");
    EXPECT_EQ(spot.url, "wss://api.huobi.pro:443/ws/v2");
    EXPECT_EQ(spot.body,
              R"({"action":"req","ch":"auth","params":{"authType":"api","accessKey":)"
              R"("aK3yOf0bscura","signatureMethod":"HmacSHA256","signatureVersion":"2.1",)"
              R"("timestamp":"2019-09-03T08:23:20","signature":")" +
                  htx_signature("GET\napi.huobi.pro\n/ws/v2\naccessKey=aK3yOf0bscura&"
                                "signatureMethod=HmacSHA256&signatureVersion=2.1&"
                                "timestamp=2019-09-03T08%3A23%3A20") +
                  R"("}})");
    how.market = Market::futures;
    auto const swap = signed_at(how, model::StreamLogin{.request_id = "login-1"});
    EXPECT_EQ(swap.url, "wss://api.hbdm.com:443/ws/v5/notification");
    EXPECT_EQ(swap.body,
              R"({"op":"auth","type":"api","cid":"login-1","AccessKeyId":"aK3yOf0bscura",)"
              R"("SignatureMethod":"HmacSHA256","SignatureVersion":"2",)"
              R"("Timestamp":"2019-09-03T08:23:20","Signature":")" +
                  htx_signature("GET\napi.hbdm.com\n/ws/v5/notification\n"
                                "AccessKeyId=aK3yOf0bscura&SignatureMethod=HmacSHA256&"
                                "SignatureVersion=2&Timestamp=2019-09-03T08%3A23%3A20") +
                  R"("})");
}

TEST(HtxTest, WhatNothingEndsIsNotOpened) {
    EXPECT_EQ(refusal_at(htx_swap, order_of("BTC-USDT", "1")), "no_expiry");
    auto opens = order_of("BTC-USDT", "1");
    opens.position_side = PositionSide::long_side;
    EXPECT_EQ(refusal_at(htx_swap, opens), "no_expiry");
    auto closes = opens;
    closes.side = model::Side::sell;
    EXPECT_EQ(refusal_at(htx_swap, closes), "");
    // Twice sold is sold twice.
    auto sale = order_of("btcusdt", "leg-1");
    EXPECT_EQ(refusal_at(htx_spot, sale), "no_expiry");
    sale.side = model::Side::sell;
    EXPECT_EQ(refusal_at(htx_spot, sale), "no_expiry");
}

TEST(HtxTest, Refusals) {
    auto order = order_of("BTC-USDT", "1");
    order.reduce_only = true;
    auto const with = [&](auto const& change) {
        auto out = order;
        change(out);
        return out;
    };
    std::pair<model::VenueOperation, std::string_view> const of_swaps[] = {
        {with([](auto& o) { o.client_order_id = "leg-1"; }), "/operation/client_order_id"},
        {with([](auto& o) { o.client_order_id = "0123"; }), "/operation/client_order_id"},
        {with([](auto& o) { o.client_order_id = std::string(19, '9'); }),
         "/operation/client_order_id"},
        {with([](auto& o) { o.symbol = "BTC-USD"; }), "/operation/symbol"},
        {with([](auto& o) { o.quantity = *base::Quantity::parse("0.5"); }), "/operation/quantity"},
        {with([](auto& o) { o.leverage = 5; }), "/operation/leverage"},
        {model::QueryOrder{"BTC-USDT", "01"}, "/operation/client_order_id"},
        {model::CancelOrder{"BTC-USDT", "01"}, "/operation/client_order_id"},
        {model::ListTrades{.symbol = "BTC-USDT", .venue_order_id = "1"},
         "/operation/venue_order_id"},
        {model::SetMarginMode{"BTC-USDT", model::MarginMode::isolated}, "not_supported"},
        {model::PlaceTriggerOrder{}, "not_supported"},
        {model::ListenKey{}, "not_supported"}};
    for (auto const& [operation, why] : of_swaps)
        EXPECT_EQ(refusal_at(htx_swap, operation), why) << to_json(operation).dump();
    EXPECT_EQ(refusal_at(htx_spot, model::ReadPositions{}), "not_supported");
    EXPECT_EQ(refusal_at(htx_spot, model::QueryOrder{"BTCUSDT", "leg-1"}), "/operation/symbol");
}

}  // namespace
}  // namespace obscura::citadel
