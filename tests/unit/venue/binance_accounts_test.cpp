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
    EXPECT_EQ(rights->may_deposit, true);
    EXPECT_FALSE(rights->may_transfer);
}

// https://developers.binance.com/docs/wallet/account/api-key-permission
TEST_F(BinanceAccountsTest, AKeyMayLessThanItsAccount) {
    auto document = base::parse_json(R"({"ipRestrict":false,"createTime":1623840271000,
        "enableReading":true,"enableWithdrawals":false,"enableInternalTransfer":false,
        "enableMargin":false,"enableFutures":false,"permitsUniversalTransfer":false,
        "enableVanillaOptions":false,"enableFixApiTrade":false,"enableFixReadOnly":true,
        "enableSpotAndMarginTrading":false,"enablePortfolioMarginTrading":true})")
                        .value();
    auto const with = [&](char const* name, base::Json value) {
        auto changed = document;
        changed.set(name, std::move(value));
        venue.order_answer = changed.dump();
        return ask(request(venue.rest()));
    };
    auto const none = with("ipRestrict", true);
    ASSERT_TRUE(none) << none.error().detail;
    EXPECT_FALSE(none->may_trade || none->may_withdraw || none->may_transfer || none->may_deposit);
    EXPECT_TRUE(with("enableSpotAndMarginTrading", true)->may_trade);
    EXPECT_TRUE(with("enableFutures", true)->may_trade);
    EXPECT_TRUE(with("enableWithdrawals", true)->may_withdraw);
    EXPECT_TRUE(with("enableInternalTransfer", true)->may_transfer);
    EXPECT_TRUE(with("permitsUniversalTransfer", true)->may_transfer);
    EXPECT_EQ(with("enableWithdrawals", "no").error().reason, "venue_answer_unreadable");
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
