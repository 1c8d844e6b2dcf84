#pragma once

// citadel's end of a relay against a TLS server in memory: nobody but the test carries the bytes.

#include "citadel/relay_session.hpp"

#include "base/json.hpp"
#include "support/tls_server.hpp"

#include <gtest/gtest.h>

namespace obscura::citadel::relay_session_test {

using namespace std::chrono_literals;
using base::Json;
using obscura::test::TlsAuthority;
using obscura::test::TlsServer;

inline constexpr std::string_view ok =
    "HTTP/1.1 200 OK\r\nContent-Length: 12\r\nX-RateLimit-Limit: 60\r\nSet-Cookie: a=b\r\n\r\n"
    "{\"code\":\"0\"}";

/// Signs everything for `origin`, with a passphrase, and counts.
struct FakeSigner final : RelaySigner {
    std::string origin = "https://venue.test:443";
    std::vector<ports::SignItem> asked;
    std::vector<std::string> noted;
    std::string refuse;  ///< the id of an item
    std::string body;    ///< of a request that is signed there, and has no headers

    base::Result<ports::SignedRequest> sign(ports::SignItem const& item) override {
        asked.push_back(item);
        if (item.id == refuse)
            return base::fail(base::Errc::forbidden, "operation_not_allowed", "No.");
        if (!body.empty())
            return ports::SignedRequest{
                .method = "POST", .url = origin + "/api/order", .headers = {}, .body = body};
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
    static std::string item(std::string_view id, std::string_view more = "",
                            std::string_view operation = R"({"kind":"read_account"})") {
        return R"({"item":{"id":")" + std::string(id) +
               R"(","venue":"okx","environment":"live","market":"futures","context":"c",)"
               R"("credentials":{"api_key":"nil:v1:x"},"not_after_ms":1764000005000,)" +
               std::string(more) + R"("operation":)" + std::string(operation) + "}}";
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

}  // namespace obscura::citadel::relay_session_test
