// Venues of the exchange host at POST /sign. The host is the tests' fake: there is no real one yet.
#include "citadel/credential_limits.hpp"
#include "service_fixture.hpp"
#include "support/fakes/fake_exchange_host.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>

#include <unistd.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace obscura::citadel {
namespace {

using namespace std::chrono_literals;
using base::Json;
using obscura::test::FakeExchangeHost;

VenueBook book_of(std::string_view venue) {
    VenueBook out;
    out[std::string(venue)][static_cast<std::size_t>(model::Environment::live)].rest =
        FakeExchangeHost::origin;
    return out;
}

class HostedRouteTest : public test::ServiceTest {
protected:
    FakeExchangeHost host_;
    HostedVenues hosted_{host_, book_of(FakeExchangeHost::venue)};
    Service with_host_{test::config(), clock_, random_, metrics_, &prices_, nullptr, &hosted_};

    HostedRouteTest() { router_ = with_host_.router(); }

    [[nodiscard]] Json asked(std::string_view id, Json operation, std::string const& limits = "") {
        std::string const plain(test::context);
        auto const inner = limits.empty() ? plain : limited_context(plain, limits);
        auto credentials = Json::object(
            {{"api_key", sealed("a-key", inner)}, {"secret", sealed("a-secret-of-theirs", inner)}});
        if (!limits.empty()) credentials.set("limits", sealed(limits, plain));
        auto made = item(id, std::move(operation));
        made.set("venue", FakeExchangeHost::venue);
        made.set("environment", "live");
        made.set("credentials", std::move(credentials));
        return made;
    }
    [[nodiscard]] Json answer(Json one, std::string_view caller = "conductor") {
        return sign(caller, {std::move(one)}).body["items"].as_array().at(0);
    }
    [[nodiscard]] std::string reason(Json one, std::string_view caller = "conductor") {
        auto const made = answer(std::move(one), caller);
        return made["error"].is_object() ? made["error"]["code"].as_string() : "";
    }
};

TEST_F(HostedRouteTest, AnOrder) {
    auto const made = answer(asked("a", test::place_order()));
    EXPECT_EQ(made["id"].as_string(), "a");
    EXPECT_EQ(made["method"].to_text(), "POST") << made.dump();
    EXPECT_EQ(made["url"].as_string(), "https://api.fakex.test:443/v1/do");
    EXPECT_EQ(made["headers"]["X-Fakex-Key"].as_string(), "a-key");
    EXPECT_EQ(made["headers"]["X-Fakex-Sign"].as_string(),
              crypto::hmac_sha256_hex("a-secret-of-theirs", made["body"].as_string()));
    EXPECT_EQ(made["expires_at"].as_string(), "2025-11-24T16:00:05.000Z");
}

// What runs in production so far.
TEST_F(HostedRouteTest, WithoutAHostSuchAVenueIsRefused) {
    router_ = service_.router();
    auto const made = answer(asked("a", test::place_order()));
    EXPECT_EQ(made["error"]["code"].as_string(), "not_supported");
    EXPECT_NE(made["error"]["detail"].as_string().find("binance, bybit"), std::string::npos);
    EXPECT_EQ(host_.asked, 0U);
}

TEST_F(HostedRouteTest, AnswersKeepTheirOrderAmongOthers) {
    auto const seen =
        sign("conductor", {asked("c", test::place_order()), item("a", test::place_order()),
                           asked("b", Json::object({{"kind", "read_account"}}))});
    auto const& items = seen.body["items"].as_array();
    ASSERT_EQ(items.size(), 3U);
    EXPECT_EQ(items[0]["url"].to_text(), "https://api.fakex.test:443/v1/do") << items[0].dump();
    EXPECT_EQ(items[1]["url"].to_text(), "http://127.0.0.1:8010/api/v3/order");
    EXPECT_EQ(items[2]["url"].to_text(), "https://api.fakex.test:443/v1/do");
}

// All of these are decided before the host sees anything.
TEST_F(HostedRouteTest, WhatIsHeldToBeforeTheHostIsAsked) {
    auto const order = test::place_order();
    EXPECT_EQ(reason(asked("a", order), "sentinel"), "operation_not_allowed");
    EXPECT_EQ(reason(asked("a", order), "gateway"), "operation_not_allowed");
    auto changed = asked("a", order);
    changed.set("environment", "testnet");
    EXPECT_EQ(reason(changed), "not_supported");
    changed = asked("a", order);
    changed.set("context", "somebody else");
    EXPECT_EQ(reason(changed), "decryption_failed");
    changed = asked("a", order);
    changed.set("context", "t|u|fakex|live|lead|c");
    EXPECT_EQ(reason(changed), "wrong_purpose");
    auto const now = base::to_unix_ms(clock_.now());
    changed = asked("a", order);
    changed.set("not_after_ms", now);
    EXPECT_EQ(reason(changed), "not_after_passed");
    changed.set("not_after_ms", now + 60'001);
    EXPECT_EQ(reason(changed), "not_after_too_far");
    changed.set("venue_now_ms", now + 300'001);
    EXPECT_EQ(reason(changed), "venue_now_too_far");
    EXPECT_EQ(reason(asked("a", order, R"({"symbols":["ETHUSDT"]})")), "limit_symbol");
    EXPECT_EQ(reason(asked("a", order, R"({"max_order_notional":"1"})")), "limit_order_notional");
    EXPECT_EQ(host_.asked, 0U);
    EXPECT_EQ(reason(asked("a", order, R"({"symbols":["BTCUSDT"]})")), "");
    EXPECT_EQ(host_.asked, 1U);
}

// citadel watches no prices of such a venue.
TEST_F(HostedRouteTest, WhoseNotionalIsNotKnownIsNotSigned) {
    prices_.prices.clear();
    auto const limited = R"({"max_order_notional":"1000000"})";
    EXPECT_EQ(reason(asked("a", test::place_order(), limited)), "limit_price_unknown");
    EXPECT_EQ(host_.asked, 0U);
}

TEST_F(HostedRouteTest, WhatAHostIsNeverAsked) {
    auto const trigger = Json::object({{"kind", "place_trigger_order"},
                                       {"symbol", "BTCUSDT"},
                                       {"side", "sell"},
                                       {"trigger", "stop_loss"},
                                       {"trigger_price", "1"},
                                       {"client_order_id", "leg-1"}});
    auto const login = Json::object({{"kind", "stream_login"}, {"request_id", "1"}});
    auto const listen = Json::object({{"kind", "listen_key"}, {"action", "create"}});
    auto const rights = Json::object({{"kind", "read_key_rights"}});
    EXPECT_EQ(reason(asked("a", trigger)), "not_supported");
    EXPECT_EQ(reason(asked("a", login), "sentinel"), "not_supported");
    EXPECT_EQ(reason(asked("a", listen), "sentinel"), "not_supported");
    EXPECT_EQ(reason(asked("a", rights), "gateway"), "not_supported");
    EXPECT_EQ(host_.asked, 0U);
}

TEST_F(HostedRouteTest, WhatItAnswersIsLookedAt) {
    host_.spoil = [](auto const& task, auto& made) {
        made->headers.emplace_back("X-Secret", std::string(task.credentials.at("secret").reveal()));
    };
    auto const made = answer(asked("a", test::place_order()));
    EXPECT_EQ(made["error"]["code"].as_string(), "host_tells_secret");
    EXPECT_EQ(made["error"]["status"].to_int64(), 502);
    EXPECT_EQ(made.dump().find("a-secret-of-theirs"), std::string::npos);
    host_.spoil = [](auto const&, auto& told) {
        told = base::fail(base::Errc::invalid_argument, "bad", "a-secret-of-theirs");
    };
    auto const failed = answer(asked("a", test::place_order()));
    EXPECT_EQ(failed["error"]["code"].as_string(), "host_failed");
    EXPECT_EQ(failed.dump().find("a-secret-of-theirs"), std::string::npos);
}

TEST_F(HostedRouteTest, AHostThatThrowsFailsOneItem) {
    host_.spoil = [](auto const&, auto&) { throw std::runtime_error("a-secret-of-theirs"); };
    auto const seen =
        sign("conductor", {asked("a", test::place_order()), item("b", test::place_order())});
    auto const& items = seen.body["items"].as_array();
    EXPECT_EQ(items[0]["error"]["code"].as_string(), "host_failed");
    EXPECT_TRUE(items[1]["url"].is_string());
    EXPECT_EQ(seen.body.dump().find("a-secret-of-theirs"), std::string::npos);
}

TEST_F(HostedRouteTest, ABatchWaitsSoLongAndNoLonger) {
    host_.spoil = [&](auto const&, auto&) { clock_.advance(3s); };
    Json::Array items;
    for (auto const* id : {"a", "b", "c"}) {
        items.push_back(asked(id, test::place_order()));
        items.back().set("not_after_ms", base::to_unix_ms(clock_.now()) + 30'000);
    }
    auto const seen = sign("conductor", std::move(items));
    auto const& answers = seen.body["items"].as_array();
    EXPECT_TRUE(answers[0]["url"].is_string()) << answers[0].dump();
    EXPECT_TRUE(answers[1]["url"].is_string()) << answers[1].dump();
    EXPECT_EQ(answers[2]["error"]["code"].to_text(), "exchange_host_timeout");
    EXPECT_EQ(host_.asked, 2U);
}

TEST_F(HostedRouteTest, WhatWasSignedBeforeACallerWasCutOffIsInTheLog) {
    auto const folder =
        std::filesystem::temp_directory_path() / ("obscura-hosted-" + std::to_string(::getpid()));
    auto config = test::config();
    config.audit.folder = folder;
    {
        Service audited(std::move(config), clock_, random_, metrics_, &prices_, nullptr, &hosted_);
        auto const router = audited.router();
        Json::Array items{item("a", test::place_order()), asked("b", test::place_order()),
                          asked("c", test::place_order())};
        net::Request request{.method = "POST",
                             .target = "/sign",
                             .body = Json::object({{"items", Json(std::move(items))}}).dump()};
        request.headers.add("X-Internal-API-Key", test::key_of("conductor"));
        host_.takes = 1min;
        boost::asio::cancellation_signal caller_goes;
        bool has_ended = false;
        boost::asio::co_spawn(
            io_, router.dispatch(request),
            boost::asio::bind_cancellation_slot(
                caller_goes.slot(), [&](auto const&, auto const&) { has_ended = true; }));
        io_.restart();
        io_.run_for(20ms);
        EXPECT_EQ(host_.asked, 1U);
        EXPECT_FALSE(has_ended);
        caller_goes.emit(boost::asio::cancellation_type::terminal);
        io_.run_for(500ms);
        EXPECT_TRUE(has_ended);
    }
    std::stringstream log;
    log << std::ifstream(folder / "audit.log").rdbuf();
    std::filesystem::remove_all(folder);
    EXPECT_NE(log.str().find(R"("operation":"sign")"), std::string::npos) << log.str();
    EXPECT_NE(log.str().find(R"("done":{"place_order":1})"), std::string::npos) << log.str();
}

TEST_F(HostedRouteTest, AHostThatHasEndedIsSaidToHave) {
    host_.has_ended = true;
    auto const made = answer(asked("a", test::place_order()));
    EXPECT_EQ(made["error"]["code"].as_string(), "exchange_host_unavailable");
    EXPECT_EQ(made["error"]["status"].to_int64(), 503);
}

// What citadel signs itself no host is asked for, whatever it claims to serve.
TEST_F(HostedRouteTest, OurOwnVenuesAreOurOwn) {
    struct Claims final : ports::ExchangeHost {
        bool serves(std::string_view) const override { return true; }
        ports::Task<base::Result<ports::SignedRequest>> sign(ports::HostTask,
                                                             std::chrono::milliseconds) override {
            throw std::logic_error("asked");
        }
    } claims;
    HostedVenues const hosted(claims, public_venue_book());
    for (auto const& signer : venue_signers())
        EXPECT_EQ(hosted.find(signer.venue), nullptr) << signer.venue;
    EXPECT_EQ(hosted.find("fakex"), nullptr) << "whose address is not known";
    HostedVenues const of_another(host_, book_of("another"));
    EXPECT_EQ(of_another.find("another"), nullptr) << "which the host does not serve";
}

class HostedVenuesTest : public ::testing::Test {
protected:
    boost::asio::io_context io_;
    FakeExchangeHost host_;
    HostedVenues hosted_{host_, book_of(FakeExchangeHost::venue)};

    [[nodiscard]] static ports::HostTask task(std::string_view secret = "a-secret-of-theirs") {
        ports::HostTask out{.venue = std::string(FakeExchangeHost::venue),
                            .origin = std::string(FakeExchangeHost::origin),
                            .operation = model::QueryOrder{"BTCUSDT", "leg-1"},
                            .credentials = {},
                            .venue_now = base::from_unix_ms(1'764'000'000'000),
                            .not_after = base::from_unix_ms(1'764'000'005'000)};
        out.credentials.emplace("api_key", base::Secret(std::string_view("a-key")));
        out.credentials.emplace("secret", base::Secret(secret));
        return out;
    }
    [[nodiscard]] std::string reason(ports::HostTask given, std::chrono::milliseconds within) {
        auto const made = obscura::test::run(io_, hosted_.sign(std::move(given), within));
        return made ? "" : made.error().reason;
    }
};

net::Task<void> note_reason(HostedVenues& hosted, ports::HostTask task,
                            std::vector<std::string>& into) {
    auto const made = co_await hosted.sign(std::move(task), 500ms);
    into.push_back(made ? "" : made.error().reason);
}

TEST_F(HostedVenuesTest, SoManyAtOnceAndNoMore) {
    host_.takes = 5ms;
    std::vector<std::string> reasons;
    for (std::size_t i = 0; i < ports::ExchangeHost::max_under_way + 3; ++i)
        boost::asio::co_spawn(io_, note_reason(hosted_, task(), reasons), boost::asio::detached);
    io_.run();
    EXPECT_EQ(std::ranges::count(reasons, "exchange_host_busy"), 3);
    EXPECT_EQ(std::ranges::count(reasons, ""), std::ssize(reasons) - 3);
    EXPECT_EQ(host_.asked, ports::ExchangeHost::max_under_way);
    EXPECT_EQ(reason(task(), 500ms), "") << "and afterwards more";
}

/// Which does not look at the time it has.
struct Sleeper final : ports::ExchangeHost {
    bool serves(std::string_view) const override { return true; }
    ports::Task<base::Result<ports::SignedRequest>> sign(ports::HostTask,
                                                         std::chrono::milliseconds) override {
        co_await net::sleep_for(1min);
        co_return ports::SignedRequest{};
    }
};

TEST_F(HostedVenuesTest, ASleepingHostIsNotWaitedFor) {
    Sleeper sleeper;
    HostedVenues hosted(sleeper, book_of("fakex"));
    auto const begun = std::chrono::steady_clock::now();
    auto const made = obscura::test::run(io_, hosted.sign(task(), 20ms));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().reason, "exchange_host_timeout");
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 30s);
    EXPECT_EQ(reason(task(), 0ms), "exchange_host_timeout") << "the batch has had its time";
    EXPECT_EQ(host_.asked, 0U);
}

TEST_F(HostedVenuesTest, NoTaskHasLongerThanThePortSays) {
    EXPECT_EQ(reason(task(), 1min), "");
    EXPECT_EQ(host_.given, ports::ExchangeHost::longest_answer);
    EXPECT_EQ(reason(task(), 50ms), "");
    EXPECT_EQ(host_.given, 50ms);
}

TEST_F(HostedVenuesTest, ASecretThatCouldNotBeFoundAgainIsNotGiven) {
    EXPECT_EQ(reason(task("short"), 500ms), "invalid_credentials");
    EXPECT_EQ(reason(task(""), 500ms), "invalid_credentials");
    EXPECT_EQ(host_.asked, 0U);
    EXPECT_EQ(reason(task("longer"), 500ms), "");
}

TEST_F(HostedVenuesTest, WhatIsNeverAsked) {
    auto login = task();
    login.operation = model::StreamLogin{"1"};
    EXPECT_EQ(reason(std::move(login), 500ms), "not_supported");
    EXPECT_EQ(host_.asked, 0U);
}

}  // namespace
}  // namespace obscura::citadel
