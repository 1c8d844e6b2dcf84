#include "net/http.hpp"

#include "net/detail/request_rules.hpp"
#include "net/detail/text.hpp"

#include <gtest/gtest.h>

namespace obscura::net {
namespace {

TEST(Headers, compare_names_without_case) {
    Headers headers{{"Content-Type", "a"}, {"X", "1"}, {"content-type", "b"}};
    EXPECT_EQ(headers.find("CONTENT-TYPE"), "a");
    EXPECT_FALSE(headers.find("Y"));
    headers.set("CoNtEnT-tYpE", "c");
    EXPECT_EQ(headers.size(), 2u);
    EXPECT_EQ(headers.find("content-type"), "c");
}

TEST(Percent, encodes_and_decodes) {
    EXPECT_EQ(percent_encode("a b/ü~"), "a%20b%2F%C3%BC~");
    EXPECT_EQ(percent_decode("a%20b%2f+"), "a b/+");
    EXPECT_EQ(percent_decode("a+b", true), "a b");
    for (auto const* broken : {"%", "%4", "a%", "%zz", "%4g", "%%41"}) {
        EXPECT_FALSE(percent_decode(broken)) << broken;
    }
    EXPECT_EQ(percent_decode("%41"), "A");
}

TEST(Form, keeps_order_and_repeats) {
    auto const pairs = parse_form("a=1&b=%20x&a=2&c&&d=a=b");
    ASSERT_TRUE(pairs);
    std::vector<std::pair<std::string, std::string>> const expected{
        {"a", "1"}, {"b", " x"}, {"a", "2"}, {"c", ""}, {"d", "a=b"}};
    EXPECT_EQ(*pairs, expected);
    EXPECT_FALSE(parse_form("a=%x"));
    EXPECT_TRUE(parse_form("")->empty());
}

TEST(Request, query_param_is_the_first_decoded) {
    Request const request{.query = "q=a%26b&q=2&r="};
    EXPECT_EQ(request.query_param("q"), "a&b");
    EXPECT_EQ(request.query_param("r"), "");
    EXPECT_FALSE(request.query_param("s"));
}

TEST(Url, reads_what_we_talk_to) {
    struct Case {
        std::string text, origin, target;
        bool tls;
    };
    for (auto const& c : std::vector<Case>{
             {"https://api.binance.com", "https://api.binance.com:443", "/", true},
             {"HTTP://Example.COM:8080/a?b=c", "http://example.com:8080", "/a?b=c", false},
             {"ws://127.0.0.1:9/stream", "ws://127.0.0.1:9", "/stream", false},
             {"wss://x?y", "wss://x:443", "/?y", true},
             {"http://[::1]:80/", "http://[::1]:80", "/", false},
         }) {
        auto const url = parse_url(c.text);
        ASSERT_TRUE(url) << c.text;
        EXPECT_EQ(url->origin(), c.origin);
        EXPECT_EQ(url->target, c.target);
        EXPECT_EQ(url->is_tls(), c.tls);
    }
}

TEST(Url, refuses_the_rest) {
    for (auto const* text : {"",
                             "example.com",
                             "ftp://x",
                             "http://",
                             "http:///x",
                             "http://u@x",
                             "http://u:p@x/",
                             "http://x:0",
                             "http://x:65536",
                             "http://x:80a",
                             "http://x:",
                             "http://x/#f",
                             "http://x#f",
                             "http://x/a b",
                             "http://x/\r\nHost: y",
                             "http://[::1",
                             "http://[x]/",
                             "http://x y/",
                             "http://ex\xc3\xa4mple.com/",
                             "http://x/\xc3\xa4",
                             "javascript:alert(1)"}) {
        EXPECT_FALSE(parse_url(text)) << text;
    }
}

TEST(Loopback, is_this_host_and_nothing_that_looks_like_it) {
    for (auto const* host : {"localhost", "127.0.0.1", "127.0.0.2", "127.255.255.254", "::1",
                             "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::ffff:7f00:1"})
        EXPECT_TRUE(is_loopback(host)) << host;
    for (auto const* host : {"",
                             "0.0.0.0",
                             "::",
                             "128.0.0.1",
                             "10.0.0.1",
                             "127.0.0.1.example.com",
                             "127.0.0.1.",
                             "localhost.evil.com",
                             "localhost.",
                             "local",
                             "127.1",
                             "2130706433",
                             "0x7f.0.0.1",
                             "0177.0.0.1",
                             "::ffff:10.0.0.1",
                             "::127.0.0.1",
                             "fe80::1",
                             " 127.0.0.1",
                             "127.0.0.1 ",
                             "[::1]",
                             "127.0.0.1,10.0.0.1",
                             "/tmp",
                             "@abstract"})
        EXPECT_FALSE(is_loopback(host)) << host;
}

TEST(JsonBody, wants_json_in_utf8) {
    auto const with = [](std::optional<std::string> type, std::string body) {
        Request request{.body = std::move(body)};
        if (type) request.headers.add("Content-Type", *type);
        return json_body(request);
    };
    for (auto const* type : {"application/json", "Application/JSON; charset=UTF-8",
                             "application/json;charset=\"utf-8\"", "application/json; x=y"}) {
        EXPECT_TRUE(with(type, "{}")) << type;
    }
    EXPECT_TRUE(with(std::nullopt, "[1]"));
    for (auto const* type : {"text/plain", "application/json; charset=latin1", "",
                             "application/jsonx", "application/json; x=y; charset=utf-16"}) {
        auto const answer = with(type, "{}");
        ASSERT_FALSE(answer) << type;
        EXPECT_EQ(answer.error().code, base::Errc::unsupported_media_type);
    }
    EXPECT_EQ(with(std::nullopt, "").error().reason, "empty_body");
    EXPECT_EQ(with(std::nullopt, "{").error().code, base::Errc::invalid_argument);
    EXPECT_FALSE(with(std::nullopt, std::string(40, '[') + std::string(40, ']')));
}

TEST(Text, tells_utf8) {
    for (std::string_view const good :
         {"", "abc", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"}) {
        EXPECT_TRUE(detail::is_utf8(good)) << good;
    }
    for (std::string_view const bad : {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80",
                                       "\xf4\x90\x80\x80", "\xff", "a\xc3(", "\xf0\x9f\x98"}) {
        EXPECT_FALSE(detail::is_utf8(bad));
    }
}

TEST(Text, finds_list_members) {
    EXPECT_TRUE(detail::list_contains("keep-alive, Upgrade", "upgrade"));
    EXPECT_FALSE(detail::list_contains("upgraded", "upgrade"));
    EXPECT_FALSE(detail::list_contains("", "upgrade"));
}

TEST(RequestId, has_a_narrow_form) {
    EXPECT_TRUE(detail::is_request_id("A-z_0.9"));
    EXPECT_TRUE(detail::is_request_id(std::string(64, 'a')));
    EXPECT_FALSE(detail::is_request_id(""));
    EXPECT_FALSE(detail::is_request_id(std::string(65, 'a')));
    EXPECT_FALSE(detail::is_request_id("a b"));
    EXPECT_FALSE(detail::is_request_id("a\n"));
}

}  // namespace
}  // namespace obscura::net
