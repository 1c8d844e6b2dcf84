// The carriage: broken, altered, cut, silent, crowded.
#include "unit/peers/relay_client_fixture.hpp"

namespace obscura::peers::relay_client_test {
namespace {

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
}  // namespace obscura::peers::relay_client_test
