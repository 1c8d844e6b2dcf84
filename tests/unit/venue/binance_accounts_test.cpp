#include "venue/binance_accounts.hpp"

#include "loopback_venue.hpp"
#include "support/coroutine.hpp"

#include <gtest/gtest.h>

namespace obscura::venue {
namespace {

using namespace std::chrono_literals;

class BinanceAccountsTest : public testing::Test {
protected:
    ports::SignedRequest request(std::string const& origin) {
        return {.method = "GET",
                .url = origin + "/api/v3/account?timestamp=1",
                .expires_at = clock.now() + 5s};
    }
    base::Result<ports::AccountRights> ask(ports::SignedRequest signed_request,
                                           std::chrono::milliseconds timeout = 2s) {
        BinanceAccounts accounts(
            http, {{model::Environment::paper, {venue.rest(), venue.stream()}}}, timeout);
        return test::run(io, accounts.read_account(std::move(signed_request)));
    }
    std::string reason_for(unsigned status, std::string body) {
        venue.order_status = status;
        venue.order_answer = std::move(body);
        auto const answer = ask(request(venue.rest()));
        return answer ? "ok" : answer.error().reason;
    }
    void TearDown() override {
        http.close();
        test::run(io, venue.stop());
    }

    boost::asio::io_context io;
    test::ShiftedClock clock;
    test::LoopbackVenue venue{io.get_executor(), clock};
    net::HttpClient http{io.get_executor(), {.allowed_origins = {"*"}}, clock};
};

TEST_F(BinanceAccountsTest, ReadsWhatTheKeyMayDo) {
    venue.order_answer = R"({"canTrade":true,"canWithdraw":false,"canDeposit":true,"uid":7})";
    auto const rights = ask(request(venue.rest()));
    ASSERT_TRUE(rights);
    EXPECT_TRUE(rights->may_trade);
    EXPECT_FALSE(rights->may_withdraw);
    EXPECT_TRUE(rights->may_deposit);
}

TEST_F(BinanceAccountsTest, TellsWhyNot) {
    std::pair<std::pair<unsigned, std::string>, std::string> const cases[] = {
        {{401, R"({"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."})"},
         "key_rejected"},
        {{400, R"({"code":-2014,"msg":"API-key format invalid."})"}, "key_rejected"},
        {{400, R"({"code":-1022,"msg":"Signature for this request is not valid."})"},
         "key_rejected"},
        {{400, R"({"code":-1021,"msg":"Timestamp is outside of the recvWindow."})"}, "clock_off"},
        {{429, R"({"code":-1003,"msg":"Too many requests."})"}, "venue_throttled"},
        {{500, ""}, "venue_refused"},
        {{400, R"({"code":-1000,"msg":"Unknown."})"}, "venue_refused"},
        {{200, "{}"}, "venue_answer_unreadable"},
        {{200, "nonsense"}, "venue_answer_unreadable"},
        {{0, ""}, "venue_unreachable"}};
    for (auto const& [answer, reason] : cases)
        EXPECT_EQ(reason_for(answer.first, answer.second), reason) << answer.second;
}

TEST_F(BinanceAccountsTest, SendsNothingElsewhere) {
    EXPECT_EQ(ask(request("http://127.0.0.1:1")).error().reason, "venue_not_called");
}

}  // namespace
}  // namespace obscura::venue
