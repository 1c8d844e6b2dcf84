// A caller, citadel and a venue on loopback sockets. Two forwarders stand where the caller's own
// bytes pass: what they record is all that the caller could see or alter.
#include "peers/relay_client.hpp"

#include "citadel/credential_limits.hpp"
#include "citadel/service.hpp"
#include "crypto/base64.hpp"
#include "crypto/hmac.hpp"
#include "net/server.hpp"
#include "peers/citadel_client.hpp"
#include "support/coroutine.hpp"
#include "support/forwarder.hpp"
#include "support/run_until.hpp"
#include "support/tls_authority.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

namespace obscura::peers {
namespace {

using namespace std::chrono_literals;
using Kind = RelayFailure::Kind;
using base::Json;
using obscura::test::Forwarder;
using obscura::test::run;
using obscura::test::TlsAuthority;

constexpr std::string_view api_key = "aK3yOf0bscura";
constexpr std::string_view account_secret = "a5ecretOf0bscuraThatSignsNothingElse";
constexpr std::string_view passphrase = "A-passphrase/of.hers1";

struct KnownPrices final : ports::PriceSource {
    std::function<void()> on_question;
    std::optional<base::Price> price(ports::MarketPlace const&, std::string const&) override {
        if (on_question) on_question();
        return base::Price(50'000);
    }
};

/// OKX as far as one order goes: who may, and what was placed.
struct Venue {
    std::vector<std::string> orders;
    std::string echo;  ///< said instead of an answer
    bool is_silent = false;
    net::Headers headers{{"X-RateLimit-Remaining", "7"}, {"Set-Cookie", "session=1"}};

    [[nodiscard]] static std::string_view of(net::Request const& request, char const* name) {
        return request.headers.find(name).value_or("");
    }
    [[nodiscard]] net::Response answer(net::Request const& request) {
        auto const text =
            std::string(of(request, "OK-ACCESS-TIMESTAMP")) + request.method + request.target;
        auto const sign =
            crypto::base64_encode(crypto::hmac_sha256(account_secret, text + request.body));
        bool const good = of(request, "OK-ACCESS-KEY") == api_key &&
                          of(request, "OK-ACCESS-PASSPHRASE") == passphrase &&
                          of(request, "OK-ACCESS-SIGN") == sign;
        if (good && request.method == "POST") orders.push_back(request.body);
        auto out = net::json_response(
            good ? 200 : 401, Json::object({{"code", good ? "0" : "50113"}, {"data", echo}}));
        for (auto const& [name, value] : headers) out.headers.add(name, value);
        return out;
    }
};

class RelayClientTest : public ::testing::Test {
protected:
    boost::asio::io_context io_;
    base::SystemClock clock_;
    base::SeededRandom random_{3};
    base::Metrics metrics_;
    KnownPrices prices_;
    TlsAuthority authority_;
    Venue venue_;
    std::unique_ptr<net::HttpServer> venue_server_, citadel_server_;
    std::unique_ptr<citadel::Service> service_;
    std::unique_ptr<Forwarder> to_venue_, to_citadel_;
    std::unique_ptr<RelayClient> client_;
    std::string audit_folder_;  ///< empty: no log
    citadel::CallRates rates_;

    void TearDown() override {
        if (client_) run(io_, client_->stop());
        for (auto* one : {to_venue_.get(), to_citadel_.get()})
            if (one != nullptr) run(io_, one->stop());
        for (auto* one : {citadel_server_.get(), venue_server_.get()})
            if (one != nullptr) run(io_, one->stop(100ms));
    }
    void serve_venue(TlsAuthority::Files const& files) {
        net::Router router;
        for (auto const* method : {"POST", "GET"}) {
            router.add({.method = method,
                        .pattern = "/api/v5/{rest*}",
                        .handler = [this](net::Request& request)
                            -> net::Task<base::Result<net::Response>> {
                            auto answer = venue_.answer(request);
                            if (venue_.is_silent) co_await net::sleep_for(1h);
                            co_return answer;
                        }});
        }
        net::ServerConfig config{.tls = net::TlsServerConfig{files.certificate, files.key}};
        venue_server_ = std::make_unique<net::HttpServer>(io_.get_executor(), config,
                                                          std::move(router), clock_, random_);
        venue_server_->start();
        to_venue_ = std::make_unique<Forwarder>(io_.get_executor(), venue_server_->port());
    }
    void serve_citadel() {
        citadel::Config config;
        config.master_keys_hex[0] = base::Secret(std::string_view(std::string(64, '1')));
        for (std::size_t i = 0; i < citadel::caller_names.size(); ++i)
            config.caller_keys[i] = key_of(citadel::caller_names[i].name);
        config.relay_ca_file = authority_.ca_file();
        config.audit.folder = audit_folder_;
        config.rates = rates_;
        auto& live = config.venues.at("okx")[static_cast<std::size_t>(model::Environment::live)];
        live.rest = "https://localhost:" + std::to_string(venue_server_->port());
        service_ = std::make_unique<citadel::Service>(std::move(config), clock_, random_, metrics_,
                                                      &prices_);
        citadel_server_ = std::make_unique<net::HttpServer>(io_.get_executor(), net::ServerConfig{},
                                                            service_->router(), clock_, random_);
        citadel_server_->start();
        to_citadel_ = std::make_unique<Forwarder>(io_.get_executor(), citadel_server_->port());
    }
    void serve() {
        serve_venue(authority_.issue("DNS:localhost"));
        serve_citadel();
    }
    static base::Secret key_of(std::string_view caller) {
        return base::Secret(std::string_view("key-of-" + std::string(caller)));
    }
    [[nodiscard]] RelayClientConfig config() const {
        return {.citadel_url = "http://127.0.0.1:" + std::to_string(to_citadel_->port()),
                .venue = "okx",
                .venue_origin = "https://127.0.0.1:" + std::to_string(to_venue_->port()),
                .connections = 1};
    }
    RelayClient& client(std::string_view caller = "conductor") {
        if (client_) run(io_, client_->stop());
        client_ =
            std::make_unique<RelayClient>(io_.get_executor(), config(), key_of(caller), clock_);
        return *client_;
    }
    /// As gateway seals; `limits` as their owner gave them.
    [[nodiscard]] ports::SealedCredentials seal(std::string_view limits = "") {
        net::HttpClient http(io_.get_executor(), {.allowed_origins = {"*"}}, clock_);
        CitadelClient gateway(http,
                              {.url = "http://127.0.0.1:" + std::to_string(citadel_server_->port()),
                               .evidence = {.required = "software"}},
                              key_of("gateway"), clock_, random_);
        auto const encrypt = [&](std::string context, std::string name, std::string_view text) {
            std::map<std::string, base::Secret> fields;
            fields.emplace(name, base::Secret(text));
            auto out = run(io_, gateway.encrypt_fields(std::move(context), std::move(fields)));
            return out.value().at(name);
        };
        ports::SealedCredentials out;
        std::string context = "context";
        if (!limits.empty()) {
            out.emplace("limits", encrypt(context, "limits", limits));
            context = citadel::limited_context(context, limits);
        }
        out.emplace("api_key", encrypt(context, "api_key", api_key));
        out.emplace("secret", encrypt(context, "secret", account_secret));
        out.emplace("passphrase", encrypt(context, "passphrase", passphrase));
        return out;
    }
    [[nodiscard]] ports::SignItem item(model::VenueOperation operation,
                                       std::string_view limits = "") {
        return {.id = "any",
                .venue = "okx",
                .environment = model::Environment::live,
                .context = "context",
                .credentials = seal(limits),
                .operation = std::move(operation),
                .not_after = clock_.now() + 5s};
    }
    static model::PlaceOrder order(std::string_view id = "leg1") {
        return {.symbol = "BTC-USDT",
                .quantity = *base::Quantity::parse("0.5"),
                .client_order_id = std::string(id)};
    }
    [[nodiscard]] RelayAnswer send(ports::SignItem one) {
        if (!client_) client();
        return run(io_, client_->send(std::move(one)));
    }
    /// "" for an answer.
    static std::string reason_of(RelayAnswer const& answer) {
        return answer ? "" : answer.error().error.reason;
    }
};

TEST_F(RelayClientTest, AnOrderGoesOutAndTheCallerSeesNothingOfIt) {
    serve();
    for (int i = 0; i < 3; ++i) {
        auto const answer = send(item(order("leg" + std::to_string(i))));
        ASSERT_TRUE(answer) << answer.error().error.detail << answer.error().error.internal;
        EXPECT_EQ(answer->status, 200U);
        EXPECT_EQ((*base::parse_json(answer->body))["code"].to_text(), "0");
        EXPECT_EQ(answer->headers.find("X-RateLimit-Remaining"), "7");
        EXPECT_FALSE(answer->headers.find("Set-Cookie"));
    }
    EXPECT_EQ(venue_.orders.size(), 3U);
    EXPECT_EQ(to_venue_->connections, 1) << "kept";
    EXPECT_GT(to_venue_->up.size(), 1000U);
    // What citadel sends comes unmasked, so that anything readable in it would be found.
    for (auto const& bytes : {to_venue_->up, to_venue_->down, to_citadel_->down}) {
        for (auto const secret : {passphrase, account_secret, std::string_view("OK-ACCESS")})
            EXPECT_EQ(bytes.find(secret), std::string::npos) << secret;
    }
}

TEST_F(RelayClientTest, SignHandsNothingOut) {
    serve();
    net::HttpClient http(io_.get_executor(), {.allowed_origins = {"*"}}, clock_);
    CitadelClientConfig const at{.url = "http://127.0.0.1:" + std::to_string(to_citadel_->port()),
                                 .evidence = {.required = "software"}};
    CitadelClient conductor(http, at, key_of("conductor"), clock_, random_),
        sentinel(http, at, key_of("sentinel"), clock_, random_);
    auto const reason = [&](CitadelClient& caller, model::VenueOperation operation) {
        std::vector<ports::SignItem> items{item(std::move(operation))};
        auto const answer = run(io_, caller.sign(std::move(items))).value();
        return answer[0] ? "handed out" : answer[0].error().reason;
    };
    EXPECT_EQ(reason(conductor, order()), "relay_required");
    EXPECT_EQ(reason(sentinel, model::StreamLogin{"1"}), "relay_required");
    EXPECT_EQ(to_citadel_->down.find(passphrase), std::string::npos);
}

TEST_F(RelayClientTest, WhoMayWhatIsAsWithSign) {
    serve();
    client("sentinel");
    auto const placed = send(item(order()));
    EXPECT_EQ(reason_of(placed), "operation_not_allowed");
    EXPECT_EQ(placed.error().kind, Kind::refused);
    EXPECT_TRUE(send(item(model::ReadAccount{})));
    EXPECT_EQ(reason_of(send(item(model::StreamLogin{"1"}))), "not_supported");
    client("rotation");
    EXPECT_EQ(send(item(model::ReadAccount{})).error().kind, Kind::not_sent) << "no right at all";
    client("nobody");
    EXPECT_EQ(send(item(model::ReadAccount{})).error().kind, Kind::not_sent);
    EXPECT_TRUE(venue_.orders.empty());
}

TEST_F(RelayClientTest, EveryItemIsInTheAuditLog) {
    audit_folder_ = ::testing::TempDir() + "obscura-relay-audit-" + std::to_string(::getpid());
    serve();
    EXPECT_TRUE(send(item(order())));
    EXPECT_TRUE(send(item(model::ReadAccount{})));
    EXPECT_FALSE(send(item(model::ListenKey{})));
    client("nobody");
    EXPECT_FALSE(send(item(order())));
    TearDown();
    client_.reset();
    citadel_server_.reset();
    service_.reset();  // everything is in the file
    std::ifstream log(audit_folder_ + "/audit.log");
    std::vector<std::string> told;
    for (std::string line; std::getline(log, line);) {
        if (line.find(R"("operation":"relay")") == std::string::npos) continue;
        EXPECT_EQ(line.find(passphrase), std::string::npos);
        auto const entry = base::parse_json(line.substr(65)).value();
        told.push_back(entry["caller"].as_string() + " " + entry["done"].dump() + " " +
                       entry["refused"].dump());
    }
    std::filesystem::remove_all(audit_folder_);
    std::vector<std::string> const expected{
        R"(conductor {"session":1} null)", R"(conductor {"place_order":1} null)",
        R"(conductor {"read_account":1} null)", R"(conductor null {"operation_not_allowed":1})",
        R"(nobody null {"unauthenticated":1})"};
    EXPECT_EQ(told, expected);
}

TEST_F(RelayClientTest, TheOwnersLimitsHold) {
    serve();
    constexpr std::string_view limits =
        R"({"symbols":["BTC-USDT"],"max_order_notional":"30000","max_daily_notional":"50000"})";
    auto other = order("other");
    other.symbol = "ETH-USDT";
    EXPECT_EQ(reason_of(send(item(other, limits))), "limit_symbol");
    auto large = order("large");
    large.quantity = *base::Quantity::parse("0.7");
    EXPECT_EQ(reason_of(send(item(large, limits))), "limit_order_notional");
    EXPECT_EQ(reason_of(send(item(order("first"), limits))), "");
    EXPECT_EQ(reason_of(send(item(order("second"), limits))), "");
    EXPECT_EQ(reason_of(send(item(order("third"), limits))), "limit_daily_notional");
    EXPECT_EQ(venue_.orders.size(), 2U);
}

TEST_F(RelayClientTest, AnAccountHasItsRateHereToo) {
    rates_.of_account[static_cast<std::size_t>(citadel::CallKind::opening)] = 1;  // ten at once
    serve();
    auto const one = item(order());
    for (int i = 0; i < 10; ++i) EXPECT_EQ(reason_of(send(one)), "");
    auto const refused = send(one);
    EXPECT_EQ(reason_of(refused), "rate_limited");
    EXPECT_EQ(refused.error().kind, Kind::refused);
    EXPECT_EQ(refused.error().error.code, base::Errc::unavailable) << "to be tried again";
    EXPECT_EQ(venue_.orders.size(), 10U);
}

TEST_F(RelayClientTest, AServiceOpensSoManyAndNoMore) {
    rates_.of_caller[static_cast<std::size_t>(citadel::CallKind::relay)] = 1;  // ten at once
    serve();
    auto const one = item(model::ReadAccount{});
    int opened = 0;
    RelayAnswer refused;
    // A slow machine earns one more with each second.
    for (refused = send(one); refused && opened < 100; refused = send(one)) {
        ++opened;
        client();
    }
    EXPECT_GE(opened, 10);
    ASSERT_EQ(reason_of(refused), "rate_limited");
    EXPECT_EQ(refused.error().kind, Kind::refused);
    EXPECT_EQ(refused.error().error.code, base::Errc::unavailable) << "to be tried again";
}

constexpr std::string_view daily_limit = R"({"max_daily_notional":"1000000"})";

/// citadel writes no more to the file of its day.
void spoil_day(std::string const& audit_folder) {
    for (auto const& file : std::filesystem::directory_iterator(audit_folder + "/days"))
        std::filesystem::resize_file(file.path(), 0);
}

// What an owner's day counts is on the disk before the order is on the wire.
TEST_F(RelayClientTest, WhatCannotBeCountedDoesNotLeave) {
    audit_folder_ = ::testing::TempDir() + "obscura-relay-day-" + std::to_string(::getpid());
    serve();
    EXPECT_EQ(reason_of(send(item(order("first"), daily_limit))), "");
    spoil_day(audit_folder_);
    auto const second = send(item(order("second"), daily_limit));
    EXPECT_EQ(second.error().kind, Kind::unknown_outcome);
    EXPECT_EQ(venue_.orders.size(), 1U);
    std::filesystem::remove_all(audit_folder_);
}

// The time of an earlier item's answer ends while the next one, signed, waits for the disk.
TEST_F(RelayClientTest, ATimerLetsNothingOutThatIsNotCounted) {
    audit_folder_ = ::testing::TempDir() + "obscura-relay-timer-" + std::to_string(::getpid());
    serve();
    auto const limits = daily_limit;
    EXPECT_EQ(reason_of(send(item(order("first"), limits))), "");
    auto answered = item(order("second"), limits);
    auto uncounted = item(order("third"), limits);
    answered.not_after = clock_.now() + 1500ms;
    uncounted.not_after = clock_.now() + 30s;
    auto const over = clock_.steady() + 3700ms;  // the second's end and the grace of an answer
    int questions = 0;
    prices_.on_question = [&] {
        if (++questions < 2) return;
        spoil_day(audit_folder_);
        while (clock_.steady() < over) std::this_thread::sleep_for(10ms);
    };
    int left = 2;
    std::vector<std::string> reasons;
    for (auto* one : {&answered, &uncounted})
        boost::asio::co_spawn(io_, client_->send(std::move(*one)),
                              [&](std::exception_ptr, RelayAnswer const& answer) {
                                  reasons.push_back(reason_of(answer));
                                  --left;
                              });
    obscura::test::run_until(io_, [&] { return left == 0; });
    run(io_, net::sleep_for(100ms));
    EXPECT_EQ(reasons, (std::vector<std::string>{"", "relay_closed"}));
    EXPECT_EQ(venue_.orders.size(), 2U);
    std::filesystem::remove_all(audit_folder_);
}

TEST_F(RelayClientTest, OnlyTheVenueItselfIsSpokenTo) {
    TlsAuthority stranger;
    TlsAuthority::Files const bad[] = {authority_.issue("DNS:other.test"),
                                       authority_.issue("DNS:localhost", -7200, -3600),
                                       stranger.issue("DNS:localhost")};
    for (auto const& files : bad) {
        serve_venue(files);
        serve_citadel();
        client();
        auto const answer = send(item(order()));
        EXPECT_EQ(reason_of(answer), "tls_certificate");
        EXPECT_EQ(answer.error().kind, Kind::not_sent);
        EXPECT_TRUE(venue_.orders.empty());
        TearDown();
        client_.reset();
    }
}

TEST_F(RelayClientTest, AnAlteredByteEndsTheConnectionAndNothingIsDoneTwice) {
    serve();
    // Each begins on a connection that stands.
    ASSERT_TRUE(send(item(order("one"))));
    to_venue_->on_piece = [](std::string& piece, bool is_up) {
        if (is_up) piece[piece.size() / 2] ^= 1;
        return true;
    };
    EXPECT_EQ(send(item(order("altered"))).error().kind, Kind::unknown_outcome);
    EXPECT_EQ(venue_.orders.size(), 1U) << "the venue has not heard it";

    to_venue_->on_piece = nullptr;
    ASSERT_TRUE(send(item(order("two"))));
    to_venue_->on_piece = [](std::string& piece, bool is_up) {
        if (!is_up) piece[piece.size() / 2] ^= 1;
        return true;
    };
    auto const unread = send(item(order("unread")));
    EXPECT_EQ(unread.error().kind, Kind::unknown_outcome);
    EXPECT_EQ(reason_of(unread), "tls_failed");
    EXPECT_EQ(venue_.orders.size(), 3U);

    to_venue_->on_piece = nullptr;
    ASSERT_TRUE(send(item(order("three"))));
    to_venue_->on_piece = [](std::string& piece, bool is_up) {
        if (is_up) piece += std::string(piece);
        return true;
    };
    (void)send(item(order("doubled")));
    EXPECT_EQ(venue_.orders.size(), 5U) << "heard once";
}

TEST_F(RelayClientTest, WhatIsCutIsUnknownOnceBytesWereMade) {
    serve();
    ASSERT_TRUE(send(item(order("good"))));
    to_venue_->on_piece = [](std::string&, bool is_up) { return is_up; };  // no answer comes back
    auto const cut = send(item(order("cut")));
    EXPECT_EQ(cut.error().kind, Kind::unknown_outcome);
    EXPECT_EQ(reason_of(cut), "venue_closed");
    EXPECT_EQ(venue_.orders.size(), 2U) << "as the venue could tell";
    // A connection that never stands makes no request.
    auto const early = send(item(order("early")));
    EXPECT_EQ(early.error().kind, Kind::not_sent);
    EXPECT_EQ(venue_.orders.size(), 2U);
    // Nor does a citadel that cannot be reached, or is lost before it had the item.
    to_venue_->on_piece = nullptr;
    to_citadel_->on_piece = [](std::string&, bool) { return false; };
    EXPECT_EQ(send(item(order("alone"))).error().kind, Kind::not_sent);
    EXPECT_EQ(venue_.orders.size(), 2U);
}

TEST_F(RelayClientTest, AConnectionThatTheVenueClosedIsReplaced) {
    serve();
    ASSERT_TRUE(send(item(order("one"))));
    run(io_, venue_server_->stop(1s));
    EXPECT_EQ(send(item(order("two"))).error().kind, Kind::not_sent);
    EXPECT_EQ(venue_.orders.size(), 1U);
}

TEST_F(RelayClientTest, ASilentVenueIsUnknown) {
    serve();
    venue_.is_silent = true;
    auto one = item(order());
    one.not_after = clock_.now() + 300ms;
    auto const answer = send(std::move(one));
    EXPECT_EQ(answer.error().kind, Kind::unknown_outcome);
    EXPECT_EQ(reason_of(answer), "venue_timeout");
}

TEST_F(RelayClientTest, AVenueThatRepeatsAPassphraseIsNotRepeated) {
    serve();
    venue_.echo = "you sent " + std::string(passphrase);
    auto const answer = send(item(order()));
    EXPECT_EQ(reason_of(answer), "secret_echoed");
    EXPECT_EQ(answer.error().kind, Kind::unknown_outcome);
    EXPECT_EQ(to_citadel_->down.find(passphrase), std::string::npos);
}

TEST_F(RelayClientTest, ManyAtOnceAreBoundedAndEachHasItsOwnAnswer) {
    serve();
    auto& relay = client();
    int placed = 0, busy = 0, left = 80;
    auto one = item(order());
    one.not_after += 20s;  // a slow machine takes its time
    for (int i = 0; i < 80; ++i) {
        one.operation = order("leg" + std::to_string(i));
        boost::asio::co_spawn(io_, relay.send(one),
                              [&](std::exception_ptr, RelayAnswer const& answer) {
                                  --left;
                                  if (answer) ++placed;
                                  if (reason_of(answer) == "relay_busy") ++busy;
                              });
    }
    obscura::test::run_until(io_, [&] { return left == 0; });
    EXPECT_EQ(placed + busy, 80);
    EXPECT_GE(placed, 64);
    EXPECT_GT(busy, 0) << "all were there before the first was answered";
    EXPECT_EQ(static_cast<int>(venue_.orders.size()), placed);
}

TEST_F(RelayClientTest, WhatStopsEndsAsUnknown) {
    serve();
    venue_.is_silent = true;
    auto& relay = client();
    std::optional<RelayAnswer> got;
    boost::asio::co_spawn(io_, relay.send(item(order())),
                          [&](std::exception_ptr, RelayAnswer answer) { got = std::move(answer); });
    obscura::test::run_until(io_, [&] { return !venue_.orders.empty(); });
    run(io_, relay.stop());
    obscura::test::run_until(io_, [&] { return got.has_value(); });
    EXPECT_EQ(got->error().kind, Kind::unknown_outcome);
}

TEST(RelayClientConfigTest, AddressesAreChecked) {
    boost::asio::io_context io;
    base::SystemClock const clock;
    base::Secret const key(std::string_view("a-key-of-ours"));
    auto const refuse = [&](RelayClientConfig config) {
        EXPECT_THROW(RelayClient(io.get_executor(), config, key, clock), std::invalid_argument);
    };
    refuse({.citadel_url = "nonsense", .venue_origin = "https://www.okx.com:443"});
    refuse({.venue_origin = "http://www.okx.com:443"});
    refuse({.venue_origin = "https://www.okx.com/path"});
    refuse({.venue_origin = "https://www.okx.com:443", .connections = 0});
}

}  // namespace
}  // namespace obscura::peers
