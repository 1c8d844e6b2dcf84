// What a host gone bad, or wrong, could answer: one test for each thing that is looked at.
#include "citadel/hosted_request.hpp"

#include "crypto/base64.hpp"
#include "ports/exchange_host.hpp"

#include <gtest/gtest.h>

namespace obscura::citadel {
namespace {

using ports::ExchangeHost;
using ports::SignedRequest;

class HostedRequestTest : public ::testing::Test {
protected:
    model::VenueOperation operation_ = model::PlaceOrder{.symbol = "BTC-USDT",
                                                         .type = model::OrderType::limit,
                                                         .quantity = base::Quantity(1),
                                                         .limit_price = base::Price(50'000),
                                                         .client_order_id = "leg-1"};
    std::map<std::string, base::Secret> credentials_;
    SignedRequest request_{.method = "POST",
                           .url = "https://api.fakex.test:443/v1/order?id=leg-1",
                           .headers = {{"X-Key", "a-key"}, {"X-Sign", "00aa"}},
                           .body = R"({"symbol":"BTC-USDT"})",
                           .expires_at = base::from_unix_ms(1'764'000'005'000)};

    HostedRequestTest() {
        credentials_.emplace("api_key", base::Secret(std::string_view("a-key")));
        credentials_.emplace("secret", base::Secret(std::string_view("a&secret+of/theirs")));
    }
    /// Why it is not handed out; "" where it is.
    [[nodiscard]] std::string refusal(SignedRequest const& request) const {
        auto const checked =
            check_hosted_request(request, {.origin = "https://api.fakex.test:443",
                                           .operation = operation_,
                                           .credentials = credentials_,
                                           .venue_now = base::from_unix_ms(1'764'000'000'000),
                                           .not_after = base::from_unix_ms(1'764'000'005'000)});
        if (checked) return "";
        EXPECT_EQ(checked.error().code, base::Errc::bad_gateway);
        return checked.error().reason;
    }
    template <class Change>
    [[nodiscard]] std::string after(Change change) const {
        auto request = request_;
        change(request);
        return refusal(request);
    }
    [[nodiscard]] std::string with_url(std::string_view url) const {
        return after([&](auto& r) { r.url = url; });
    }
    [[nodiscard]] std::string with_header(std::string name, std::string value) const {
        return after([&](auto& r) { r.headers.emplace_back(name, value); });
    }
    [[nodiscard]] std::string with_body(std::string_view body) const {
        return after([&](auto& r) { r.body += body; });
    }
};

TEST_F(HostedRequestTest, WhatWasAskedForIsHandedOut) {
    EXPECT_EQ(refusal(request_), "");
    EXPECT_EQ(with_url("https://api.fakex.test/v1/order?id=leg-1"), "") << "443 of itself";
}

TEST_F(HostedRequestTest, SizesAreBounded) {
    EXPECT_EQ(after([](auto& r) { r.url.append(ExchangeHost::max_url, 'x'); }), "host_too_large");
    EXPECT_EQ(after([](auto& r) { r.body.append(ExchangeHost::max_body, 'x'); }), "host_too_large");
    EXPECT_EQ(with_header("X-Long", std::string(ExchangeHost::max_header_bytes, 'x')),
              "host_too_large");
    EXPECT_EQ(after([](auto& r) { r.headers.resize(ExchangeHost::max_headers + 1, {"X", "x"}); }),
              "host_too_large");
}

TEST_F(HostedRequestTest, MethodsAreKnown) {
    for (auto const* method : {"", "post", "CONNECT", "TRACE", "WS", "GET"})
        EXPECT_EQ(after([&](auto& r) { r.method = method; }), "host_method") << method;
    for (auto const* method : {"PUT", "DELETE"})
        EXPECT_EQ(after([&](auto& r) { r.method = method; }), "") << method;
    operation_ = model::ReadAccount{};
    EXPECT_EQ(after([](auto& r) { r.method = "GET"; }), "");
}

TEST_F(HostedRequestTest, GoesToTheVenueAndNowhereElse) {
    for (auto const* url :
         {"", "https://evil.test/v1/order?id=leg-1", "http://api.fakex.test:443/v1?id=leg-1",
          "https://api.fakex.test:444/v1?id=leg-1", "https://api.fakex.test.evil.test/?id=leg-1",
          "https://api.fakex.test@evil.test/?id=leg-1", "https://api.fakex.test/#?id=leg-1",
          "https://api.fakex.test/a b?id=leg-1", "https://api.fakex.test/\r\nX:y?id=leg-1",
          "https://api.fakex.test\\@evil.test/?id=leg-1", "htTps://api.fakex.test/?id=leg-1",
          "https://API.fakex.test/?id=leg-1", "wss://api.fakex.test/?id=leg-1"})
        EXPECT_EQ(with_url(url), "host_address") << url;
}

TEST_F(HostedRequestTest, HeadersEndWhereTheyEnd) {
    EXPECT_EQ(with_header("X-Other", "a value"), "");
    for (auto const* name : {"", "X Y", "X:Y", "X\r\nY", "Host", "host", "Content-Length",
                             "Transfer-Encoding", "Connection", "Cookie"})
        EXPECT_EQ(with_header(name, "x"), "host_header") << name;
    for (auto const* value : {"a\r\nX: y", "a\nb", "\x01", "\x7f", "\xc3\xa9"})
        EXPECT_EQ(with_header("X-Other", value), "host_header") << value;
}

TEST_F(HostedRequestTest, ItsEndIsTheOneAskedForOrEarlier) {
    for (auto const ms : {1'764'000'005'001, 1'764'000'000'000, 1'763'999'999'999})
        EXPECT_EQ(after([&](auto& r) { r.expires_at = base::from_unix_ms(ms); }), "host_expiry");
    EXPECT_EQ(after([](auto& r) { r.expires_at = base::from_unix_ms(1'764'000'000'001); }), "");
}

TEST_F(HostedRequestTest, IsOfTheOrderThatWasAskedFor) {
    EXPECT_EQ(with_url("https://api.fakex.test:443/v1/order?id=leg-2"), "host_other_order");
    EXPECT_EQ(after([](auto& r) { r.body = R"({"symbol":"ETH-USDT"})"; }), "host_other_order");
    EXPECT_EQ(with_url("https://api.fakex.test:443/v1/order?id=leg%2D1"), "") << "as it is read";
    operation_ = model::CancelOrder{"BTC-USDT", "leg-2"};
    EXPECT_EQ(refusal(request_), "host_other_order");
    operation_ =
        model::CancelOrder{.symbol = "BTC-USDT", .client_order_id = "", .venue_order_id = "77"};
    EXPECT_EQ(refusal(request_), "host_other_order");
    operation_ = model::QueryOrder{"BTC-USDT", "leg-2"};
    EXPECT_EQ(refusal(request_), "host_other_order");
    operation_ = model::CancelOrder{"BTC-USDT", "leg-1"};
    EXPECT_EQ(refusal(request_), "");
}

TEST_F(HostedRequestTest, NothingMovesMoney) {
    for (auto const* path :
         {"/v1/withdraw", "/0/private/WithdrawFunds", "/wallet/withdrawals", "/v1/account/transfer",
          "/v1/sub/internalTransfer", "/v1/payouts", "/v1/with%64raw", "/v1/%54ransfer"})
        EXPECT_EQ(with_url("https://api.fakex.test:443" + std::string(path) + "?id=leg-1"),
                  "host_moves_money")
            << path;
    for (auto const* body : {R"({"method":"private/withdraw"})", R"({"type":"usdSend"})",
                             R"({"type":"spotSend"})", R"({"type":"approveAgent"})",
                             R"({"type":"approveBuilderFee"})", "{\"type\":\"\\u0077ithdraw3\"}"})
        EXPECT_EQ(with_body(body), "host_moves_money") << body;
    EXPECT_EQ(with_header("X-Action", "Withdraw"), "host_moves_money");
    EXPECT_EQ(with_body(R"(do=\%77ithdraw)"), "host_moves_money") << "as a form";
}

TEST_F(HostedRequestTest, NoSecretLeaves) {
    std::string const secret = "a&secret+of/theirs";
    auto const base64 = crypto::base64_encode(crypto::as_bytes(secret));
    EXPECT_EQ(with_header("X-Secret", secret), "host_tells_secret");
    EXPECT_EQ(with_header("X-Secret", base64), "host_tells_secret");
    EXPECT_EQ(with_body(secret), "host_tells_secret");
    EXPECT_EQ(with_body(R"(a&\u0073ecret+of\/theirs)"), "host_tells_secret");
    EXPECT_EQ(with_url("https://api.fakex.test:443/v1?id=leg-1&s=a%26secret%2Bof%2Ftheirs"),
              "host_tells_secret");
    EXPECT_EQ(with_body("a-key"), "") << "which names the account";
    credentials_.emplace("private_key",
                         base::Secret(std::string_view("-----BEGIN PRIVATE KEY-----\n"
                                                       "MC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAA\n"
                                                       "-----END PRIVATE KEY-----\n")));
    EXPECT_EQ(with_body("MC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAA"), "host_tells_secret") << "a line of it";
    EXPECT_EQ(refusal(request_), "");
}

TEST(HostErrorTest, ItsWordsStayInside) {
    auto const told = [](base::Errc code, std::string reason) {
        return told_of_host_error({.code = code,
                                   .reason = std::move(reason),
                                   .detail = "the secret is hunter2hunter2",
                                   .internal = "hunter2hunter2"});
    };
    for (auto const& [code, reason] :
         {std::pair(base::Errc::invalid_argument, "not_supported"),
          std::pair(base::Errc::invalid_argument, "invalid_credentials"),
          std::pair(base::Errc::invalid_argument, "not_after_passed"),
          std::pair(base::Errc::unavailable, "exchange_host_busy"),
          std::pair(base::Errc::unavailable, "exchange_host_unavailable"),
          std::pair(base::Errc::upstream_timeout, "exchange_host_timeout")}) {
        auto const error = told(code, reason);
        EXPECT_EQ(error.code, code);
        EXPECT_EQ(error.reason, reason);
        EXPECT_FALSE(error.detail.empty());
        EXPECT_EQ((error.detail + error.internal).find("hunter2"), std::string::npos) << reason;
    }
    for (auto const& [code, reason] : {std::pair(base::Errc::internal, "not_supported"),
                                       std::pair(base::Errc::invalid_argument, "hunter2hunter2"),
                                       std::pair(base::Errc::unauthenticated, "unauthenticated")}) {
        auto const error = told(code, reason);
        EXPECT_EQ(error.code, base::Errc::bad_gateway);
        EXPECT_EQ(error.reason, "host_failed");
        EXPECT_EQ((error.detail + error.internal).find("hunter2"), std::string::npos);
    }
}

TEST(HostErrorTest, FieldsAreNamedByUs) {
    auto error = base::field_error("/operation/quantity", "hunter2", "hunter2");
    error.fields.push_back({"/credentials/hunter2", "not_allowed", ""});
    auto const told = told_of_host_error(error);
    ASSERT_EQ(told.fields.size(), 1U);
    EXPECT_EQ(told.fields[0].pointer, "/operation/quantity");
    EXPECT_EQ(told.fields[0].code, "not_allowed");
    EXPECT_EQ(told.fields[0].detail.find("hunter2"), std::string::npos);
    EXPECT_EQ(told_of_host_error(base::field_error("/hunter2", "", "")).reason, "host_failed");
}

}  // namespace
}  // namespace obscura::citadel
