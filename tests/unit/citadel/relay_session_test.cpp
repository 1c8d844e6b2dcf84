#include "relay_session_fixture.hpp"

namespace obscura::citadel::relay_session_test {
namespace {

TEST_F(RelaySessionTest, AnItemBecomesARequestAndItsAnswerComesBack) {
    serve();
    EXPECT_TRUE(carry());
    frame(item("a"));
    EXPECT_TRUE(carry());
    EXPECT_EQ(venue_->said,
              "POST /api/order?id=a HTTP/1.1\r\nHost: venue.test\r\n"
              "OK-ACCESS-PASSPHRASE: the-passphrase\r\nOK-ACCESS-SIGN: the-sign\r\n"
              "Content-Length: 2\r\nConnection: keep-alive\r\n\r\n{}");
    say(ok);
    ASSERT_EQ(answers_.size(), 1U);
    // The cookie stays here.
    EXPECT_EQ(answers_[0].dump(), R"({"id":"a","status":200,"headers":{"X-RateLimit-Limit":"60"},)"
                                  R"("body":"{\"code\":\"0\"}"})");
    EXPECT_FALSE(session_.is_over());
    EXPECT_FALSE(session_.deadline());
}

TEST_F(RelaySessionTest, Tls12IsSpokenToo) {
    serve(TLS1_2_VERSION);
    frame(item("a"));
    EXPECT_TRUE(carry());
    say(ok);
    EXPECT_EQ(answer_to("a")["status"].to_int64(), 200);
}

TEST_F(RelaySessionTest, OlderTlsIsNot) {
    serve(TLS1_1_VERSION);
    frame(item("a"));
    EXPECT_FALSE(carry());
    EXPECT_EQ(outcome_of("a"), "not_sent tls_failed");
}

TEST_F(RelaySessionTest, OneAtATimeAndSignedWhenItsTurnHasCome) {
    serve();
    frame(item("a", R"("venue_now_ms":1764000000100,)"));
    frame(item("b", R"("venue_now_ms":1764000000100,)"));
    EXPECT_TRUE(signer_.asked.empty()) << "before TLS stands";
    clock_.advance(300ms);
    carry();
    ASSERT_EQ(signer_.asked.size(), 1U);
    clock_.advance(1s);
    say(ok);
    ASSERT_EQ(signer_.asked.size(), 2U);
    // The venue's clock has gone on while they waited.
    EXPECT_EQ(base::to_unix_ms(*signer_.asked[0].venue_now), 1'764'000'000'400);
    EXPECT_EQ(base::to_unix_ms(*signer_.asked[1].venue_now), 1'764'000'001'400);
    say("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n");
    say("{}\r\n0\r\n\r\n");
    EXPECT_EQ(answer_to("b")["body"].to_text(), "{}");
}

TEST_F(RelaySessionTest, NobodyButTheVenueIsSpokenTo) {
    TlsAuthority stranger;
    std::pair<TlsAuthority::Files, std::string_view> const bad[] = {
        {authority_.issue("DNS:other.test"), "another host's"},
        {authority_.issue("IP:127.0.0.1"), "an address"},
        {authority_.issue("DNS:venue.test", -7200, -3600), "expired"},
        {authority_.issue("DNS:venue.test", 3600, 7200), "not valid yet"},
        {authority_.self_signed("DNS:venue.test"), "its own"},
        {stranger.issue("DNS:venue.test"), "somebody else's CA"}};
    for (auto const& [files, what] : bad) {
        RelaySession session(place(), trust_, signer_, clock_, {});
        TlsServer venue(files);
        session.on_frame(item("a"), 5s);
        venue.receive(session.take().to_venue);
        session.on_venue_bytes(venue.take_output());
        EXPECT_TRUE(session.is_over()) << what;
        auto const output = session.take();
        ASSERT_EQ(output.to_caller.size(), 2U) << what;
        EXPECT_NE(output.to_caller[0].find(R"({"id":"a","outcome":"not_sent")"), std::string::npos)
            << output.to_caller[0];
        EXPECT_NE(output.to_caller[0].find("tls_certificate"), std::string::npos) << what;
        venue.receive(output.to_venue);
        EXPECT_EQ(venue.said, "") << what;
    }
    EXPECT_TRUE(signer_.asked.empty());
}

TEST_F(RelaySessionTest, AnAlteredAnswerIsNone) {
    serve();
    frame(item("a"));
    frame(item("b"));
    carry();
    venue_->say(ok);
    auto bytes = venue_->take_output();
    bytes[bytes.size() / 2] ^= 1;
    session_.on_venue_bytes(bytes);
    collect();
    EXPECT_EQ(outcome_of("a"), "unknown tls_failed");
    EXPECT_EQ(outcome_of("b"), "not_sent tls_failed");
    EXPECT_EQ(signer_.asked.size(), 1U);
    // Nothing follows.
    session_.on_frame(item("c"), 5s);
    session_.on_venue_bytes(bytes);
    EXPECT_EQ(collect(), "");
}

TEST_F(RelaySessionTest, TheCarrierCannotSendARequestTwice) {
    serve();
    carry();
    session_.on_frame(item("a"), 5s);
    auto const bytes = collect();
    ASSERT_TRUE(venue_->receive(bytes));
    auto const once = venue_->said;
    EXPECT_FALSE(venue_->receive(bytes));
    EXPECT_EQ(venue_->said, once);
}

TEST_F(RelaySessionTest, TheCarrierCannotAlterARequest) {
    serve();
    carry();
    session_.on_frame(item("a"), 5s);
    auto bytes = collect();
    bytes[bytes.size() - 20] ^= 1;
    EXPECT_FALSE(venue_->receive(bytes));
    EXPECT_EQ(venue_->said, "");
}

TEST_F(RelaySessionTest, NothingOfARequestCanBeReadUnderWay) {
    serve();
    carry();
    session_.on_frame(item("a"), 5s);
    auto const bytes = collect();
    EXPECT_EQ(bytes.find("the-passphrase"), std::string::npos);
    EXPECT_EQ(bytes.find("the-sign"), std::string::npos);
    ASSERT_TRUE(venue_->receive(bytes));
    EXPECT_NE(venue_->said.find("the-passphrase"), std::string::npos);
}

TEST_F(RelaySessionTest, OnlyTheVenueEndsAnAnswer) {
    constexpr std::string_view until_the_end = "HTTP/1.1 200 OK\r\n\r\n{\"code\":";
    for (bool const by_the_venue : {false, true}) {
        RelaySession session(place(), trust_, signer_, clock_, {});
        TlsServer venue(authority_.issue("DNS:venue.test"));
        session.on_frame(item("a"), 5s);
        std::string last;
        auto const carry_once = [&] {
            auto output = session.take();
            for (auto const& text : output.to_caller)
                if (text.starts_with(R"({"id")")) last = text;
            venue.receive(output.to_venue);
            if (auto const back = venue.take_output(); !back.empty()) session.on_venue_bytes(back);
        };
        for (int i = 0; i < 4; ++i) carry_once();
        venue.say(until_the_end);
        carry_once();
        if (by_the_venue) venue.say_goodbye();
        carry_once();
        session.on_frame(R"({"venue":"closed"})", 5s);
        carry_once();
        EXPECT_TRUE(session.is_over());
        EXPECT_NE(last.find(by_the_venue ? R"("status":200)" : R"("outcome":"unknown")"),
                  std::string::npos)
            << last;
    }
}

TEST_F(RelaySessionTest, WhatIsCutIsUnknownAndWhatWaitsWasNotSent) {
    serve();
    frame(item("a"));
    frame(item("b"));
    carry();
    frame(R"({"venue":"closed"})");
    EXPECT_EQ(outcome_of("a"), "unknown venue_closed");
    EXPECT_EQ(outcome_of("b"), "not_sent venue_closed");
    EXPECT_TRUE(session_.is_over());
}

TEST_F(RelaySessionTest, AVenueThatClosesAnswersFirst) {
    serve();
    frame(item("a"));
    frame(item("b"));
    carry();
    say("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}");
    EXPECT_EQ(answer_to("a")["status"].to_int64(), 200);
    EXPECT_EQ(outcome_of("b"), "not_sent venue_closed");
}

TEST_F(RelaySessionTest, NothingIsWaitedForLong) {
    EXPECT_EQ(*session_.deadline() - clock_.steady(), 10s);
    frame(item("early"));
    clock_.advance(9'999ms);
    session_.on_time();
    EXPECT_FALSE(session_.is_over());
    clock_.advance(1ms);
    session_.on_time();
    collect();
    EXPECT_EQ(outcome_of("early"), "not_sent venue_timeout");
}

TEST_F(RelaySessionTest, AnAnswerIsWaitedForUntilItsItemHasEnded) {
    serve();
    frame(item("a"));
    carry();
    EXPECT_EQ(*session_.deadline() - clock_.steady(), 7s);
    clock_.advance(7s);
    session_.on_time();
    collect();
    EXPECT_EQ(outcome_of("a"), "unknown venue_timeout");
}

TEST_F(RelaySessionTest, AFloodIsBounded) {
    for (int i = 0; i < 64; ++i) frame(item("i" + std::to_string(i)));
    EXPECT_TRUE(answers_.empty());
    for (int i = 0; i < 1000; ++i) frame(item("more"));
    EXPECT_EQ(answers_.size(), 1000U);
    EXPECT_EQ(outcome_of("more"), "not_sent relay_busy");
    EXPECT_TRUE(signer_.asked.empty());
    EXPECT_FALSE(session_.is_over());
}

TEST_F(RelaySessionTest, ABadFrameIsTheLast) {
    std::string const bad[] = {"",
                               "{",
                               "[]",
                               R"({"item":{}})",
                               R"({"item":{"id":""}})",
                               R"({"venue":"open"})",
                               R"({"item":{"id":"a"},"venue":"closed"})",
                               item(std::string(65, 'x')),
                               item("a") + std::string(64 << 10, ' ')};
    for (auto const& text : bad) {
        RelaySession session(place(), trust_, signer_, clock_, {});
        session.on_frame(text, 5s);
        EXPECT_TRUE(session.is_over()) << text.substr(0, 40);
    }
    // Two answers under one id could not be told apart.
    frame(item("a"));
    frame(item("a"));
    EXPECT_TRUE(session_.is_over());
}

TEST_F(RelaySessionTest, AnItemThatIsWrongIsWrongAlone) {
    serve();
    carry();
    signer_.refuse = "not-allowed";
    auto elsewhere = item("elsewhere");
    elsewhere.replace(elsewhere.find("futures"), 7, "spot");
    auto other = item("other-venue");
    other.replace(other.find("okx"), 3, "gate");
    auto demo = item("demo");
    demo.replace(demo.find("live"), 4, "testnet");
    for (auto const& text : {elsewhere, other, demo}) frame(text);
    frame(R"({"item":{"id":"broken","venue":7}})");
    EXPECT_TRUE(signer_.asked.empty());
    std::vector<std::string> const noted{"wrong_relay", "wrong_relay", "wrong_relay",
                                         "invalid_request"};
    EXPECT_EQ(signer_.noted, noted);
    frame(item("not-allowed"));
    signer_.origin = "https://elsewhere.test:443";
    frame(item("astray"));
    EXPECT_EQ(outcome_of("elsewhere"), "refused wrong_relay");
    EXPECT_EQ(outcome_of("other-venue"), "refused wrong_relay");
    EXPECT_EQ(outcome_of("demo"), "refused wrong_relay");
    EXPECT_EQ(outcome_of("broken"), "refused invalid_request");
    EXPECT_EQ(outcome_of("not-allowed"), "refused operation_not_allowed");
    EXPECT_EQ(outcome_of("astray"), "refused not_relayed");
    carry();
    EXPECT_EQ(venue_->said, "");
    EXPECT_FALSE(session_.is_over());
    signer_.origin = "https://venue.test:443";
    frame(item("good"));
    carry();
    say(ok);
    EXPECT_EQ(answer_to("good")["status"].to_int64(), 200);
}

}  // namespace
}  // namespace obscura::citadel::relay_session_test
