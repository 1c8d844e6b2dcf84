#include "venue/binance_errors.hpp"

#include <gtest/gtest.h>

namespace obscura::venue {
namespace {

using ports::OutcomeUnknown;
using ports::Rejected;
using ports::Throttled;

net::Response answer(unsigned status, std::string body, net::Headers headers = {}) {
    net::Response response;
    response.status = status;
    response.body = std::move(body);
    response.headers = std::move(headers);
    return response;
}
std::string error_body(int code, std::string const& message) {
    return base::Json::object({{"code", code}, {"msg", message}}).dump();
}
ports::SubmitOutcome outcome(unsigned status, int code, std::string const& message,
                             model::Market market = model::Market::spot) {
    return outcome_of_refusal(answer(status, error_body(code, message)), market);
}

TEST(BinanceRefusal, DocumentedRefusalsAreEvidence) {
    struct Case {
        int code;
        char const* message;
        bool may_retry;
    };
    for (auto const& c : std::initializer_list<Case>{
             {-1013, "Filter failure: NOTIONAL", false},
             {-1021, "Timestamp for this request is outside of the recvWindow.", true},
             {-1022, "Signature for this request is not valid.", false},
             {-1008, "Server is currently overloaded with other requests.", true},
             {-1016, "This service is no longer available.", true},
             {-1100, "Illegal characters found in a parameter.", false},
             {-1111, "Parameter 'quantity' has too much precision.", false},
             {-1121, "Invalid symbol.", false},
             {-2010, "Account has insufficient balance for requested action.", false},
             {-2010, "Market is closed.", false},
             {-2014, "API-key format invalid.", false},
             {-2015, "Invalid API-key, IP, or permissions for action.", false},
         }) {
        auto const result = outcome(400, c.code, c.message);
        auto const* rejected = std::get_if<Rejected>(&result);
        ASSERT_NE(rejected, nullptr) << c.code;
        EXPECT_EQ(rejected->code, std::to_string(c.code));
        EXPECT_EQ(rejected->message, c.message);
        EXPECT_EQ(rejected->may_retry, c.may_retry) << c.code;
        EXPECT_EQ(rejected->is_untimely, c.code == -1021) << c.code;
    }
}

TEST(BinanceRefusal, ADuplicateIsAnOrderThatExists) {
    for (int const code : {-2010, -1010, -2011})
        EXPECT_TRUE(
            std::holds_alternative<OutcomeUnknown>(outcome(400, code, "Duplicate order sent.")))
            << code;
}

TEST(BinanceRefusal, UnknownStaysUnknown) {
    EXPECT_TRUE(
        std::holds_alternative<OutcomeUnknown>(outcome(400, -1006, "Execution status unknown.")));
    EXPECT_TRUE(std::holds_alternative<OutcomeUnknown>(
        outcome(408, -1007, "Timeout waiting for response")));
    EXPECT_TRUE(
        std::holds_alternative<OutcomeUnknown>(outcome(400, -1000, "An unknown error occurred")));
    EXPECT_TRUE(std::holds_alternative<OutcomeUnknown>(outcome(400, -7777, "A code of tomorrow")));
    // A 5xx says nothing, whatever its body says.
    for (unsigned const status : {500U, 502U, 503U, 504U}) {
        EXPECT_TRUE(std::holds_alternative<OutcomeUnknown>(outcome(status, -1013, "x"))) << status;
        EXPECT_TRUE(std::holds_alternative<OutcomeUnknown>(outcome(status, -1003, "x"))) << status;
    }
    for (auto const* body :
         {"", "<html>", "{}", R"({"code":-1013})", R"({"code":1,"msg":"x"})", "[]"})
        EXPECT_TRUE(std::holds_alternative<OutcomeUnknown>(
            outcome_of_refusal(answer(400, body), model::Market::spot)))
            << body;
    EXPECT_TRUE(std::holds_alternative<OutcomeUnknown>(
        outcome_of_refusal(answer(302, ""), model::Market::spot)));
}

// developers.binance.com/docs/derivatives/usds-margined-futures/error-code
TEST(FuturesRefusal, DocumentedRefusalsAreEvidence) {
    struct Case {
        int code;
        char const* message;
        bool may_retry;
    };
    for (auto const& c : std::initializer_list<Case>{
             {-1021, "Timestamp for this request is outside of the recvWindow.", true},
             {-1111, "Precision is over the maximum defined for this asset.", false},
             {-1121, "Invalid symbol.", false},
             {-2015, "Invalid API-key, IP, or permissions for action.", false},
             {-2018, "Balance is insufficient.", false},
             {-2019, "Margin is insufficient.", false},
             {-2020, "Unable to fill.", true},
             {-2021, "Order would immediately trigger.", false},
             {-2022, "ReduceOnly Order is rejected.", false},
             {-2027, "Exceeded the maximum allowable position at current leverage.", false},
             {-4003, "Quantity less than zero.", false},
             {-4061, "Order's position side does not match user's setting.", false},
             {-4118, "ReduceOnly Order Failed.", false},
             {-4131, "The counterparty's best price does not meet the PERCENT_PRICE filter.", true},
             {-4164, "Order's notional must be no smaller than 5.0", false},
             {-4400, "Futures Trading Quantitative Rules violated", false},
             {-5021, "The FOK order has been rejected.", false},
             {-5028, "Timestamp for this request is outside of the ME recvWindow.", true},
         }) {
        auto const result = outcome(400, c.code, c.message, model::Market::futures);
        auto const* rejected = std::get_if<Rejected>(&result);
        ASSERT_NE(rejected, nullptr) << c.code;
        EXPECT_EQ(rejected->code, std::to_string(c.code));
        EXPECT_EQ(rejected->message, c.message);
        EXPECT_EQ(rejected->may_retry, c.may_retry) << c.code;
        EXPECT_EQ(rejected->is_untimely, c.code == -1021 || c.code == -5028) << c.code;
        // A 5xx says nothing, whatever its body says.
        EXPECT_TRUE(std::holds_alternative<OutcomeUnknown>(
            outcome(503, c.code, c.message, model::Market::futures)))
            << c.code;
    }
}

TEST(FuturesRefusal, UnknownStaysUnknown) {
    // An id in use is an order of ours; the others say nothing, or are not documented.
    for (int const code :
         {-1000, -1001, -1006, -1007, -4116, -4117, -4034, -4070, -4136, -4999, -5023, -7777})
        EXPECT_TRUE(
            std::holds_alternative<OutcomeUnknown>(outcome(400, code, "x", model::Market::futures)))
            << code;
    EXPECT_TRUE(std::holds_alternative<OutcomeUnknown>(
        outcome(408, -1007, "Timeout waiting for response", model::Market::futures)));
}

// The same code says another thing elsewhere.
TEST(FuturesRefusal, EachMarketHasItsCodes) {
    EXPECT_TRUE(std::holds_alternative<OutcomeUnknown>(outcome(400, -2022, "x")));
    EXPECT_TRUE(std::holds_alternative<OutcomeUnknown>(outcome(400, -2019, "x")));
    EXPECT_TRUE(std::holds_alternative<OutcomeUnknown>(outcome(400, -4164, "x")));
    EXPECT_TRUE(std::holds_alternative<OutcomeUnknown>(
        outcome(400, -1004, "This IP is already on the white list", model::Market::futures)));
    EXPECT_TRUE(std::holds_alternative<Throttled>(
        outcome(429, -1015, "Too many new orders.", model::Market::futures)));
}

// What has an account looked at. Of spot only the words tell it from other rejections.
TEST(BinanceRefusal, NothingToCloseIsTold) {
    auto const lacks = [](int code, char const* message, model::Market market) {
        return std::get<Rejected>(outcome(400, code, message, market)).lacks_holdings;
    };
    EXPECT_TRUE(lacks(-2010, "Account has insufficient balance for requested action.",
                      model::Market::spot));
    EXPECT_FALSE(lacks(-2010, "Market is closed.", model::Market::spot));
    EXPECT_FALSE(lacks(-1013, "insufficient balance", model::Market::spot));
    EXPECT_TRUE(lacks(-2022, "ReduceOnly Order is rejected.", model::Market::futures));
    EXPECT_FALSE(lacks(-2019, "Margin is insufficient.", model::Market::futures));
}

TEST(BinanceRefusal, LimitsTellHowLong) {
    auto const wait = [](net::Response const& response) {
        auto const result = outcome_of_refusal(response, model::Market::spot);
        auto const* throttled = std::get_if<Throttled>(&result);
        return throttled == nullptr ? std::chrono::milliseconds(-1) : throttled->retry_after;
    };
    using std::chrono::seconds;
    auto const body = error_body(-1003, "Too much request weight used");
    EXPECT_EQ(wait(answer(429, body, {{"Retry-After", "7"}})), seconds(7));
    EXPECT_EQ(wait(answer(418, body, {{"retry-after", "120"}})), seconds(120));
    EXPECT_EQ(wait(answer(429, body)), seconds(1));
    EXPECT_EQ(wait(answer(418, body)), seconds(120));
    EXPECT_EQ(wait(answer(429, "", {{"Retry-After", "soon"}})), seconds(1));
    EXPECT_EQ(wait(answer(429, "", {{"Retry-After", "99999999999999999999"}})), seconds(1));
    EXPECT_EQ(wait(answer(429, "", {{"Retry-After", "99999999"}})), std::chrono::hours(72));
    EXPECT_EQ(wait(answer(400, body)), seconds(1));
    EXPECT_EQ(wait(answer(403, "<html>WAF</html>")), seconds(120));
    EXPECT_EQ(wait(answer(400, error_body(-1015, "Too many new orders."))), seconds(1));
}

TEST(BinanceRefusal, TooManyOrdersAreOneAccounts) {
    using Whose = Throttled::Whose;
    auto const whose = [](unsigned status, int code) {
        auto const result = outcome(status, code, "Too many.");
        auto const* throttled = std::get_if<Throttled>(&result);
        return throttled == nullptr ? std::nullopt : std::optional(throttled->whose);
    };
    EXPECT_EQ(whose(429, -1015), Whose::account);
    EXPECT_EQ(whose(400, -1015), Whose::account);
    EXPECT_EQ(whose(429, -1003), Whose::address);
    EXPECT_EQ(whose(400, -1034), Whose::address);
    EXPECT_EQ(whose(418, -1015), Whose::address);  // a ban is a ban
}

TEST(BinanceLimits, TheWeightUsedIsReadFromTheHeader) {
    auto const used = [](net::Headers headers) {
        return used_weight_of(answer(200, "{}", std::move(headers)));
    };
    EXPECT_EQ(used({{"x-mbx-used-weight-1m", "1234"}}), 1'234);
    EXPECT_EQ(used({{"X-MBX-USED-WEIGHT", "7"}}), 7);
    EXPECT_EQ(used({{"X-MBX-USED-WEIGHT", "7"}, {"X-MBX-USED-WEIGHT-1M", "8"}}), 8);
    for (auto const* text : {"", "-1", "12a", "1e3", "99999999999999999999"})
        EXPECT_EQ(used({{"X-MBX-USED-WEIGHT-1M", text}}), std::nullopt) << text;
    EXPECT_EQ(used({}), std::nullopt);
}

TEST(BinanceTransport, OnlyBytesThatLeftMakeDoubt) {
    using Kind = net::TransportError::Kind;
    EXPECT_TRUE(std::holds_alternative<ports::NotSent>(
        outcome_of({.kind = Kind::refused_by_policy, .detail = "x"})));
    EXPECT_TRUE(std::holds_alternative<ports::NotSent>(
        outcome_of({.kind = Kind::not_sent, .timed_out = true, .detail = "x"})));
    EXPECT_TRUE(std::holds_alternative<OutcomeUnknown>(
        outcome_of({.kind = Kind::unknown_outcome, .timed_out = true, .detail = "x"})));
}

TEST(BinanceReads, ErrorsSayWhatToDo) {
    auto const slow = read_error(answer(429, "", {{"Retry-After", "3"}}));
    EXPECT_EQ(slow.code, base::Errc::rate_limited);
    EXPECT_EQ(slow.retry_after, std::chrono::seconds(3));
    EXPECT_EQ(read_error(answer(400, error_body(-1121, "Invalid symbol."))).reason,
              "unknown_symbol");
    EXPECT_EQ(read_error(answer(400, error_body(-1125, "This listenKey does not exist."))).reason,
              "unknown_listen_key");
    EXPECT_EQ(read_error(answer(500, "")).code, base::Errc::bad_gateway);
}

}  // namespace
}  // namespace obscura::venue
