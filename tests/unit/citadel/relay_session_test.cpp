// citadel's end of a relay against a TLS server in memory: nobody but the test carries the bytes.
#include "citadel/relay_session.hpp"

#include "base/json.hpp"
#include "support/tls_server.hpp"

#include <gtest/gtest.h>

namespace obscura::citadel {
namespace {

using namespace std::chrono_literals;
using base::Json;
using obscura::test::TlsAuthority;
using obscura::test::TlsServer;

constexpr std::string_view ok =
    "HTTP/1.1 200 OK\r\nContent-Length: 12\r\nX-RateLimit-Limit: 60\r\nSet-Cookie: a=b\r\n\r\n"
    "{\"code\":\"0\"}";

/// Signs everything for `origin`, with a passphrase, and counts.
struct FakeSigner final : RelaySigner {
    std::string origin = "https://venue.test:443";
    std::vector<ports::SignItem> asked;
    std::vector<std::string> noted;
    std::string refuse;  ///< the id of an item

    base::Result<ports::SignedRequest> sign(ports::SignItem const& item) override {
        asked.push_back(item);
        if (item.id == refuse)
            return base::fail(base::Errc::forbidden, "operation_not_allowed", "No.");
        return ports::SignedRequest{
            .method = "POST",
            .url = origin + "/api/order?id=" + item.id,
            .headers = {{"OK-ACCESS-PASSPHRASE", "the-passphrase"}, {"OK-ACCESS-SIGN", "the-sign"}},
            .body = "{}"};
    }
    void refused(std::string_view, std::string_view reason) override { noted.emplace_back(reason); }
    bool tells_secret(ports::SignItem const&, std::string_view text) override {
        return text.find("the-passphrase") != std::string_view::npos;
    }
};

class RelaySessionTest : public ::testing::Test {
protected:
    TlsAuthority authority_;
    net::TlsTrust trust_{authority_.ca_file()};
    base::ManualClock clock_{base::from_unix_ms(1'764'000'000'000)};
    FakeSigner signer_;
    RelaySession session_{place(), trust_, signer_, clock_, {}};
    std::unique_ptr<TlsServer> venue_;
    std::vector<Json> answers_;
    std::string for_venue_;

    static RelayPlace place() {
        return {.venue = "okx",
                .market = model::Market::futures,
                .origin = *net::parse_url("https://venue.test:443")};
    }
    void serve(int version = TLS1_3_VERSION) {
        venue_ = std::make_unique<TlsServer>(authority_.issue("DNS:venue.test"), version);
    }
    static std::string item(std::string_view id, std::string_view more = "") {
        return R"({"item":{"id":")" + std::string(id) +
               R"(","venue":"okx","environment":"live","market":"futures","context":"c",)"
               R"("credentials":{"api_key":"nil:v1:x"},"not_after_ms":1764000005000,)" +
               std::string(more) + R"("operation":{"kind":"read_account"}}})";
    }
    void frame(std::string_view text) {
        session_.on_frame(text, 5s);
        look();
    }
    /// Whatever each side has for the other, until neither has; false when the venue's TLS broke.
    bool carry() {
        bool good = true;
        for (bool more = true; more;) {
            auto out = collect();
            if (venue_) good = venue_->receive(out) && good;
            auto back = venue_ ? venue_->take_output() : std::string();
            if (!back.empty()) session_.on_venue_bytes(back);
            more = !out.empty() || !back.empty();
        }
        return good;
    }
    /// Keeps the answers; what is for the venue and was not carried yet.
    std::string collect() { return look(), std::exchange(for_venue_, {}); }
    void look() {
        auto const output = session_.take();
        for (auto const& text : output.to_caller) answers_.push_back(*base::parse_json(text));
        for_venue_ += output.to_venue;
    }
    void say(std::string_view text) {
        venue_->say(text);
        carry();
    }
    /// "outcome reason" of an item that has no answer.
    std::string outcome_of(std::string_view id) {
        for (auto const& answer : answers_)
            if (answer["id"].to_text() == id && answer.find("outcome"))
                return answer["outcome"].as_string() + " " + answer["error"]["code"].as_string();
        return "";
    }
    Json answer_to(std::string_view id) {
        for (auto const& answer : answers_)
            if (answer["id"].to_text() == id) return answer;
        return {};
    }
};

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
}  // namespace obscura::citadel
