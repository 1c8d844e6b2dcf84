// What a venue says to a relayed request, and what of it comes to the caller.
#include "relay_session_fixture.hpp"

namespace obscura::citadel::relay_session_test {
namespace {

TEST_F(RelaySessionTest, ASecretThatTheVenueEchoesStaysHere) {
    serve();
    for (std::string_view const echo : {"the-passphrase", "the-sign"}) {
        frame(item(echo));
        carry();
        auto const body = "your header was " + std::string(echo);
        say("HTTP/1.1 400 No\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
            body);
        EXPECT_EQ(outcome_of(echo), "unknown secret_echoed");
    }
    frame(item("in-a-header"));
    carry();
    say("HTTP/1.1 200 OK\r\nX-RateLimit-Of: the-passphrase\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(outcome_of("in-a-header"), "unknown secret_echoed");
    EXPECT_FALSE(session_.is_over());
}

// The signature may be in a header, in the query, or in the body.
TEST_F(RelaySessionTest, ASignatureThatTheVenueEchoesStaysHere) {
    serve();
    std::pair<std::string, std::string> const signed_bodies[] = {
        {"symbol=BTCUSDT&signature=0f0f0f0f0f0f", "0f0f0f0f0f0f"},
        {R"({"action":{},"signature":{"r":"0xabcdef01","s":"0x23456789","v":27}})", "0x23456789"},
        {R"({"symbol":"BTCUSDT","signature":"abcdefabcdef"})", "abcdefabcdef"}};
    for (auto const& [body, signature] : signed_bodies) {
        signer_.body = body;
        frame(item(signature));
        carry();
        auto const echo = "your request was signed " + signature;
        say("HTTP/1.1 400 No\r\nContent-Length: " + std::to_string(echo.size()) + "\r\n\r\n" +
            echo);
        EXPECT_EQ(outcome_of(signature), "unknown secret_echoed");
    }
}

TEST_F(RelaySessionTest, WhatClosesWaitsForNothingThatOpens) {
    auto const order = [](std::string const& side) {
        return R"({"kind":"place_order","symbol":"BTC-USDT","side":")" + side +
               R"(","order_type":"market","quantity":"1","client_order_id":"l","reduce_only":)" +
               (side == "sell" ? "true}" : "false}");
    };
    serve();
    for (auto const* id : {"open-1", "open-2"}) frame(item(id, "", order("buy")));
    for (auto const* id : {"close-1", "close-2"}) frame(item(id, "", order("sell")));
    carry();
    for (int i = 0; i < 3; ++i) say(ok);
    std::vector<std::string> turns;
    for (auto const& one : signer_.asked) turns.push_back(one.id);
    EXPECT_EQ(turns, (std::vector<std::string>{"close-1", "close-2", "open-1", "open-2"}));
}

TEST_F(RelaySessionTest, AnswersAreBounded) {
    std::string const bad[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 4194305\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: " + std::string(17 << 10, 'x') + "\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;" + std::string(20 << 10, 'x'),
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 101 Switching\r\n\r\n",
        "nonsense\r\n\r\n"};
    for (auto const& text : bad) {
        RelaySession session(place(), trust_, signer_, clock_, {});
        TlsServer venue(authority_.issue("DNS:venue.test"));
        session.on_frame(item("a"), 5s);
        for (int i = 0; i < 4; ++i) {
            venue.receive(session.take().to_venue);
            session.on_venue_bytes(venue.take_output());
        }
        venue.say(text);
        session.on_venue_bytes(venue.take_output());
        auto const output = session.take();
        ASSERT_FALSE(output.to_caller.empty()) << text.substr(0, 60);
        EXPECT_NE(output.to_caller[0].find(R"("outcome":"unknown")"), std::string::npos);
        EXPECT_NE(output.to_caller[0].find("bad_response"), std::string::npos);
        EXPECT_TRUE(session.is_over());
    }
}

TEST_F(RelaySessionTest, WhatNobodyAskedForEndsIt) {
    serve();
    carry();
    frame(item("a"));
    carry();
    say(std::string(ok) + std::string(ok));
    EXPECT_EQ(answer_to("a")["status"].to_int64(), 200);
    EXPECT_TRUE(session_.is_over());
}

TEST_F(RelaySessionTest, WhatTheVenueSaysBeforeItIsAskedEndsIt) {
    serve();
    carry();
    say(ok);
    EXPECT_TRUE(session_.is_over());
}

}  // namespace
}  // namespace obscura::citadel::relay_session_test
