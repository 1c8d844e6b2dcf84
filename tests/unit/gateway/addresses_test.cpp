// Who is counted as one, and what a forged X-Forwarded-For or a query string cannot do.
#include "gateway/ip_range.hpp"
#include "gateway/query.hpp"

#include <gtest/gtest.h>

namespace obscura::gateway {
namespace {

TEST(ClientAddress, ManyForgedHopsDoNotPushTheProxysOwnOut) {
    std::vector<IpRange> const ours{*IpRange::parse("10.0.0.0/8")};
    std::string forged;
    for (int i = 0; i < 40; ++i) forged += "127.0.0.1, ";
    net::Request request{.remote_address = "10.0.0.1"};
    request.headers.add("X-Forwarded-For", forged + "198.51.100.1");
    EXPECT_EQ(client_address(request, ours), "198.51.100.1");
}

TEST(NetworkOf, CountsTheWholeBlockOfAnIpv6Customer) {
    EXPECT_EQ(network_of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    EXPECT_EQ(network_of("2001:db8:1:2::9"), network_of("2001:db8:1:2:3:4:5:6"));
    EXPECT_NE(network_of("2001:db8:1:3::9"), network_of("2001:db8:1:2::9"));
    EXPECT_EQ(network_of("198.51.100.1"), "198.51.100.1");
    EXPECT_EQ(network_of(""), "");
}

TEST(QueryReader, TakesNoControlCharacters) {
    for (auto const* text : {"cursor=a%00b", "cursor=%0A", "cursor=%7F"}) {
        net::Request request{.query = text};
        QueryReader query(request);
        EXPECT_FALSE(query.text("cursor")) << text;
        auto const done = query.finish();
        ASSERT_FALSE(done) << text;
        EXPECT_EQ(done.error().fields.front().code, "contains_control_characters");
    }
    net::Request request{.query = "cursor=%C3%A9"};
    QueryReader query(request);
    EXPECT_EQ(query.text("cursor"), "é");
}

}  // namespace
}  // namespace obscura::gateway
