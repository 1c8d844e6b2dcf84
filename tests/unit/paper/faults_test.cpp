#include "paper/faults.hpp"

#include <gtest/gtest.h>

namespace obscura::paper {
namespace {

base::Result<std::vector<FaultSpec>> decode(std::string_view text) {
    return decode_faults(base::parse_json(text).value());
}

Faults with(std::string_view text) {
    Faults faults;
    EXPECT_TRUE(faults.add(decode(text).value()));
    return faults;
}

FaultSubject const order{
    .path = "/api/v3/order", .method = "POST", .account = "1", .symbol = "BTCUSDT"};

TEST(PaperFaults, DecodingNamesEveryBadField) {
    auto const decoded = decode(
        R"([{"fault":"latency"},{"fault":"nope","count":0,"probability":2},
            {"fault":"latency","ms":5,"match":{"colour":"red"},"accept":true,"share":0.5},
            {"fault":"partial_fill","share":1.5}])");
    ASSERT_FALSE(decoded);
    std::vector<std::string> pointers;
    for (auto const& field : decoded.error().fields) pointers.push_back(field.pointer);
    std::ranges::sort(pointers);
    EXPECT_EQ(pointers,
              (std::vector<std::string>{"/0/ms", "/1/count", "/1/fault", "/1/probability",
                                        "/2/accept", "/2/match/colour", "/2/share", "/3/share"}));
    EXPECT_FALSE(decode("{}"));
    EXPECT_FALSE(decode("[]"));
}

TEST(PaperFaults, MatchesByEveryMember) {
    auto const fires = [](std::string_view match, FaultSubject const& subject) {
        auto faults = with(R"([{"fault":"drop_after_accept","match":)" + std::string(match) + "}]");
        return faults.meet_request(subject).drop_after;
    };
    EXPECT_TRUE(fires("{}", order));
    EXPECT_TRUE(fires(
        R"({"path":"/api/v3/order","method":"POST","account":"1","symbol":"BTCUSDT"})", order));
    EXPECT_TRUE(fires(R"({"path":"/api/*"})", order));
    EXPECT_FALSE(fires(R"({"path":"/api/v3/orde"})", order));
    EXPECT_FALSE(fires(R"({"method":"GET"})", order));
    EXPECT_FALSE(fires(R"({"account":"2"})", order));
    EXPECT_FALSE(fires(R"({"symbol":"ETHUSDT"})", order));
}

TEST(PaperFaults, CountEndsAFaultAndTheNextOneTakesOver) {
    auto faults = with(R"([{"fault":"latency","ms":1,"count":2},{"fault":"latency","ms":9}])");
    std::vector<std::int64_t> delays;
    for (int i = 0; i < 4; ++i) delays.push_back(faults.meet_request(order).latency.count());
    EXPECT_EQ(delays, (std::vector<std::int64_t>{1, 1, 9, 9}));
    auto const list = faults.list();
    EXPECT_EQ(list.as_array()[0]["fired"].to_int64(), 2);
    EXPECT_TRUE(faults.remove("2"));
    EXPECT_FALSE(faults.remove("2"));
    EXPECT_EQ(faults.meet_request(order).latency.count(), 0);
}

TEST(PaperFaults, ProbabilityIsSeeded) {
    auto const pattern = [](std::string_view seed) {
        auto faults = with(R"([{"fault":"drop_before_accept","probability":0.5,"seed":)" +
                           std::string(seed) + "}]");
        std::string fired;
        for (int i = 0; i < 200; ++i) fired += faults.meet_request(order).drop_before ? '1' : '0';
        return fired;
    };
    EXPECT_EQ(pattern("7"), pattern("7"));
    EXPECT_NE(pattern("7"), pattern("8"));
    auto const hits = std::ranges::count(pattern("7"), '1');
    EXPECT_GT(hits, 60);
    EXPECT_LT(hits, 140);
}

TEST(PaperFaults, KindsDoNotMix) {
    auto faults = with(R"([{"fault":"http_5xx","accept":true},{"fault":"duplicate_events"},
                           {"fault":"late_events","ms":3},{"fault":"mute_socket","count":1}])");
    auto const request = faults.meet_request(order);
    EXPECT_TRUE(request.fail);
    EXPECT_TRUE(request.fail_after);
    EXPECT_FALSE(request.drop_before || request.drop_after);
    auto const event = faults.meet_event(order);
    EXPECT_TRUE(event.duplicate);
    EXPECT_EQ(event.late, std::chrono::milliseconds(3));
    EXPECT_FALSE(event.reorder);
    EXPECT_TRUE(faults.mutes(order));
    EXPECT_FALSE(faults.mutes(order));
}

TEST(PaperFaults, NothingIsFilledOrAnsweredTwiceWhereNothingIsDone) {
    auto partial = with(R"([{"fault":"partial_fill"},{"fault":"reset_mid_body"}])");
    auto const both = partial.meet_request(order);
    EXPECT_EQ(both.fill_share, base::Decimal::parse("0.5").value());
    EXPECT_TRUE(both.reset_mid_body);
    auto failing = with(R"([{"fault":"partial_fill"},{"fault":"reset_mid_body"},
                            {"fault":"http_5xx"}])");
    auto const none = failing.meet_request(order);
    EXPECT_TRUE(none.fail);
    EXPECT_FALSE(none.fill_share || none.reset_mid_body);
}

TEST(PaperFaults, AreBounded) {
    Faults faults;
    std::vector<FaultSpec> const many(Faults::max_active);
    ASSERT_TRUE(faults.add(many));
    EXPECT_FALSE(faults.add({FaultSpec{}}));
    faults.clear();
    EXPECT_TRUE(faults.empty());
}

}  // namespace
}  // namespace obscura::paper
