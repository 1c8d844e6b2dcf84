#include "gateway_fixture.hpp"

namespace obscura::test {
namespace {

using namespace std::chrono_literals;

class ConnectionTest : public GatewayFixture {
protected:
    ConnectionTest() {
        connection = add_connection(ada);
        record.connections[connection].credentials = {{"api_key", "nil:v1:k"},
                                                      {"secret", "nil:v1:s"}};
        token = token_of(ada);
    }
    Answer test(std::string const& id) {
        return post("/exchanges/connections/" + id + "/test", token, "");
    }
    Answer test() { return test(connection.to_string()); }
    static base::Error error_of(base::Errc code, std::string reason) {
        return {.code = code,
                .reason = std::move(reason),
                .detail = "What the venue said.",
                .internal = "and what is nobody's business"};
    }
    model::ConnectionId connection;
    std::string token;
};

TEST_F(ConnectionTest, TellsWhatTheKeyMayDo) {
    auto const answer = test();
    ASSERT_EQ(answer.status, 200U) << last_raw_body;
    EXPECT_TRUE(answer.body["ok"].as_bool());
    EXPECT_TRUE(answer.body["latency_ms"].to_int64().has_value());
    EXPECT_TRUE(answer.body["permissions"]["read"].as_bool());
    EXPECT_TRUE(answer.body["permissions"]["trade"].as_bool());
    EXPECT_FALSE(answer.body["permissions"]["withdraw"].as_bool());
    EXPECT_EQ(answer.body.find("error"), nullptr);
    EXPECT_EQ(last_raw_body.find("nil:"), std::string::npos);
}

TEST_F(ConnectionTest, HasALookAtTheAccountSignedAndNothingElse) {
    (void)test();
    ASSERT_EQ(signer.items.size(), 1U);
    auto const& item = signer.items[0];
    EXPECT_EQ(model::kind_of(item.operation), "read_key_rights");
    EXPECT_EQ(item.environment, model::Environment::paper);
    EXPECT_EQ(item.context, platform.to_string() + "|" + ada.to_string() +
                                "|binance|paper|follow|" + connection.to_string());
    EXPECT_EQ(item.credentials.at("secret"), "nil:v1:s");
    EXPECT_EQ(item.not_after, clock.now() + 5s);
    ASSERT_EQ(venue.asked.size(), 1U);
    EXPECT_EQ(venue.asked[0].expires_at, clock.now() + 5s);
}

TEST_F(ConnectionTest, WhatTheVenueSaysIsTheAnswer) {
    for (auto const& [code, reason] :
         {std::pair(base::Errc::bad_gateway, "key_rejected"),
          std::pair(base::Errc::rate_limited, "venue_throttled"),
          std::pair(base::Errc::upstream_timeout, "venue_unreachable")}) {
        venue.error = error_of(code, reason);
        auto const answer = test();
        EXPECT_EQ(answer.status, 200U) << reason;
        EXPECT_FALSE(answer.body["ok"].as_bool());
        EXPECT_EQ(answer.body["error"]["code"].to_text(), reason);
        EXPECT_EQ(answer.body["error"]["detail"].to_text(), "What the venue said.");
        EXPECT_EQ(answer.body.find("permissions"), nullptr);
        EXPECT_EQ(last_raw_body.find("nobody"), std::string::npos);
    }
}

TEST_F(ConnectionTest, CredentialsThatDoNotOpenAreTheAnswerAndCitadelAwayIsNot) {
    signer.item_error = error_of(base::Errc::invalid_argument, "decryption_failed");
    auto const closed = test();
    EXPECT_EQ(closed.status, 200U);
    EXPECT_EQ(closed.body["error"]["code"].to_text(), "credentials_unusable");
    signer.error = error_of(base::Errc::unavailable, "citadel_unavailable");
    EXPECT_EQ(test().status, 503U);
    signer.error = error_of(base::Errc::internal, "internal");
    EXPECT_EQ(test().status, 500U);
    EXPECT_TRUE(venue.asked.empty());
}

TEST_F(ConnectionTest, IsForOnesOwnConnectionsOnly) {
    auto const others = add_connection(bob);
    auto const admins = add_connection(admin);
    for (auto const& id : {others.to_string(), admins.to_string(), std::string("nonsense")})
        EXPECT_EQ(test(id).status, 404U);
    record.connections[connection].status = ports::ConnectionStatus::removed;
    EXPECT_EQ(test().status, 404U);
    EXPECT_TRUE(signer.items.empty());
    EXPECT_EQ(
        post("/exchanges/connections/" + connection.to_string() + "/test", acme_key, "").status,
        403U);
}

TEST_F(ConnectionTest, IsLimitedByUserAndByVenue) {
    for (int i = 0; i < 5; ++i) EXPECT_EQ(test().status, 200U);
    auto const refused = test();
    EXPECT_EQ(refused.status, 429U);
    EXPECT_FALSE(refused.header("Retry-After").empty());
    EXPECT_EQ(venue.asked.size(), 5U);
    for (int i = 0; i < 6; ++i) {
        auto const user = add_user(platform, "user" + std::to_string(i) + "@example.org");
        connection = add_connection(user);
        token = token_of(user);
        for (int k = 0; k < 5; ++k) (void)test();
    }
    EXPECT_EQ(venue.asked.size(), 30U) << "orders need the venue's limits more";
}

}  // namespace
}  // namespace obscura::test
