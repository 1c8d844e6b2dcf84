// Who may have what sent, and what is held back.
#include "unit/peers/relay_client_fixture.hpp"

#include <filesystem>
#include <fstream>
#include <thread>

namespace obscura::peers::relay_client_test {
namespace {

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

TEST_F(RelayClientTest, OneServiceLeavesRoomForOthers) {
    rates_.of_caller[static_cast<std::size_t>(citadel::CallKind::relay)] = 0;  // without end
    serve();
    auto const origin = "ws://127.0.0.1:" + std::to_string(citadel_server_->port());
    auto const opened_by = [&](std::string const& caller) {
        net::Headers headers{{"X-Internal-API-Key", "key-of-" + caller}};
        auto socket = run(
            io_, net::connect_websocket(origin + "/relay?venue=okx&environment=live&market=spot",
                                        {.allowed_origins = {origin}}, 5s, std::move(headers)));
        return std::move(socket).value();
    };
    std::vector<std::unique_ptr<net::WebSocket>> open;
    for (int i = 0; i < 129; ++i) open.push_back(opened_by("conductor"));
    auto const refused = run(io_, open.back()->receive(5s));
    ASSERT_TRUE(refused);
    EXPECT_NE(refused->find("relay_busy"), std::string::npos) << *refused;
    // What the venue is greeted with.
    auto const sentinels = opened_by("sentinel");
    auto const greeting = run(io_, sentinels->receive_message(5s));
    ASSERT_TRUE(greeting);
    EXPECT_TRUE(greeting->is_binary);
    for (auto const& one : open) one->abort();
    sentinels->abort();
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

// A citadel that fails its caller's policy gets no key, no credential and no bytes.
TEST_F(RelayClientTest, NothingGoesToWhomTheGateDoesNotLetIn) {
    serve();
    auto const sealed = item(order());
    auto const url = "http://127.0.0.1:" + std::to_string(citadel_server_->port());
    net::HttpClient http(io_.get_executor(), {.allowed_origins = {url}}, clock_);
    auto const send_by = [&](EvidenceSettings evidence) {
        CitadelGate gate(http, url, {.url = url, .evidence = std::move(evidence)}, clock_, random_,
                         attest::TrustRoots::production());
        client_ = std::make_unique<RelayClient>(io_.get_executor(), config(), key_of("conductor"),
                                                clock_, &gate);
        auto answer = send(sealed);
        run(io_, client_->stop());
        return answer;
    };
    auto const refused = send_by({.measurements = {std::string(96, '0')}, .requires_crl = false});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Kind::not_sent);
    EXPECT_EQ(reason_of(refused), "citadel_refused");
    EXPECT_TRUE(to_citadel_->up.empty());
    EXPECT_EQ(reason_of(send_by({.required = "software"})), "");
    EXPECT_EQ(venue_.orders.size(), 1U);
    http.close();
}

// Nor over what is open already: a policy may have changed since.
TEST_F(RelayClientTest, AGateThatHasClosedIsClosedForOpenConnectionsToo) {
    serve();
    auto const sealed = item(order());
    auto const url = "http://127.0.0.1:" + std::to_string(citadel_server_->port());
    net::HttpClient http(io_.get_executor(), {.allowed_origins = {url}}, clock_);
    CitadelGate gate(http, url, {.url = url, .evidence = {.required = "software"}}, clock_, random_,
                     attest::TrustRoots::production());
    client_ = std::make_unique<RelayClient>(io_.get_executor(), config(), key_of("conductor"),
                                            clock_, &gate);
    EXPECT_EQ(reason_of(send(sealed)), "");
    http.close();  // nobody vouches for it any more
    gate.forget();
    auto const bytes = to_citadel_->up.size();
    auto const refused = send(sealed);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Kind::not_sent);
    EXPECT_EQ(reason_of(refused), "citadel_unavailable");
    EXPECT_EQ(to_citadel_->up.size(), bytes);
    EXPECT_EQ(venue_.orders.size(), 1U);
}

TEST_F(RelayClientTest, ACitadelThatIsNotThereIsLeftAlone) {
    serve();
    auto const sealed = item(order());
    auto nobody = config();
    nobody.citadel_url = "http://127.0.0.1:1";
    client_ =
        std::make_unique<RelayClient>(io_.get_executor(), nobody, key_of("conductor"), clock_);
    std::vector<std::string> reasons;
    for (int i = 0; i < 6; ++i) reasons.push_back(reason_of(send(sealed)));
    EXPECT_EQ(std::ranges::count(reasons, "relay_unreachable"), 1) << "after five that failed";
    EXPECT_EQ(reasons.back(), "relay_unreachable");
    EXPECT_EQ(to_venue_->connections, 5);
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

}  // namespace
}  // namespace obscura::peers::relay_client_test
