// API keys' text, address ranges, the caller's JSON: the small parts that decide who is who.
#include "gateway/api_key.hpp"
#include "gateway/ip_range.hpp"
#include "ports/caller.hpp"

#include <gtest/gtest.h>

#include <set>

namespace obscura::gateway {
namespace {

TEST(ApiKeyText, ParsesWhatItRenders) {
    base::SeededRandom random(1);
    for (auto const mode : {ports::ApiKeyMode::live, ports::ApiKeyMode::test}) {
        auto const key = make_api_key(mode, random);
        auto const text = std::string(render(key).reveal());
        EXPECT_TRUE(looks_like_api_key(text));
        EXPECT_TRUE(
            text.starts_with(mode == ports::ApiKeyMode::live ? "obsc_live_" : "obsc_test_"));
        auto const parsed = parse_api_key(text);
        ASSERT_TRUE(parsed);
        EXPECT_EQ(parsed->mode, mode);
        EXPECT_EQ(parsed->public_id, key.public_id);
        EXPECT_EQ(parsed->secret.reveal(), key.secret.reveal());
        EXPECT_EQ(key.public_id.size(), 16U);
        EXPECT_EQ(key.secret.size(), 52U) << "256 bits in base32";
    }
}

TEST(ApiKeyText, NoticesEveryChangedCharacter) {
    base::SeededRandom random(2);
    auto const text = std::string(render(make_api_key(ports::ApiKeyMode::live, random)).reveal());
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto changed = text;
        changed[i] = changed[i] == 'a' ? 'b' : 'a';
        EXPECT_FALSE(parse_api_key(changed)) << i;
        EXPECT_FALSE(parse_api_key(text.substr(0, i))) << i;
    }
    EXPECT_FALSE(parse_api_key(text + "a"));
    EXPECT_FALSE(parse_api_key(""));
}

TEST(ApiKeyText, TheMacNeedsThePepperAndTheSecret) {
    base::SeededRandom random(3);
    auto const a = make_api_key(ports::ApiKeyMode::live, random);
    auto const b = make_api_key(ports::ApiKeyMode::live, random);
    base::Secret const pepper(std::string_view("pepper"));
    base::Secret const other(std::string_view("other"));
    EXPECT_EQ(mac_of(pepper, a.secret).size(), 32U);
    EXPECT_EQ(mac_of(pepper, a.secret), mac_of(pepper, a.secret.clone()));
    EXPECT_NE(mac_of(pepper, a.secret), mac_of(other, a.secret));
    EXPECT_NE(mac_of(pepper, a.secret), mac_of(pepper, b.secret));
}

TEST(IpRange, ContainsItsAddresses) {
    struct Case {
        char const* range;
        char const* address;
        bool inside;
    };
    for (auto const& c : std::vector<Case>{{"192.0.2.1", "192.0.2.1", true},
                                           {"192.0.2.1", "192.0.2.2", false},
                                           {"192.0.2.0/24", "192.0.2.255", true},
                                           {"192.0.2.0/24", "192.0.3.0", false},
                                           {"192.0.2.128/25", "192.0.2.127", false},
                                           {"0.0.0.0/0", "203.0.113.9", true},
                                           {"0.0.0.0/0", "::1", false},
                                           {"2001:db8::/32", "2001:db8:ffff::1", true},
                                           {"2001:db8::/32", "2001:db9::1", false},
                                           {"2001:db8::1", "2001:0db8:0::0:1", true},
                                           {"192.0.2.0/24", "::ffff:192.0.2.7", true},
                                           {"::ffff:192.0.2.7", "192.0.2.7", true},
                                           {"::/0", "::1", true},
                                           {"::/0", "192.0.2.7", false},
                                           {"192.0.2.0/24", "192.0.2.1/32", false},
                                           {"192.0.2.0/24", "", false}}) {
        auto const range = IpRange::parse(c.range);
        ASSERT_TRUE(range) << c.range;
        EXPECT_EQ(range->contains(c.address), c.inside) << c.range << " " << c.address;
    }
}

TEST(IpRange, RefusesWhatIsNone) {
    for (auto const* bad : {"", "localhost", "192.0.2", "192.0.2.256", "192.0.2.1/33",
                            "192.0.2.1/24", "192.0.2.0/", "192.0.2.0/-1", "192.0.2.0/24 ",
                            "2001:db8::/129", "2001:db8::1/64", "/24", "1.2.3.4/0x8"})
        EXPECT_FALSE(IpRange::parse(bad)) << bad;
}

TEST(ClientAddress, LooksThroughOurOwnProxiesOnly) {
    std::vector<IpRange> const ours{*IpRange::parse("10.0.0.0/8")};
    struct Case {
        std::string peer;
        std::vector<std::string> forwarded;
        std::string expected;
    };
    for (auto const& c :
         std::vector<Case>{{"203.0.113.1", {}, "203.0.113.1"},
                           {"203.0.113.1", {"198.51.100.1"}, "203.0.113.1"},
                           {"10.0.0.1", {"198.51.100.1"}, "198.51.100.1"},
                           {"10.0.0.1", {"1.1.1.1, 198.51.100.1"}, "198.51.100.1"},
                           {"10.0.0.1", {"198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
                           {"10.0.0.1", {"198.51.100.1", "10.0.0.2"}, "198.51.100.1"},
                           {"10.0.0.1", {"198.51.100.1, nonsense"}, "10.0.0.1"},
                           {"10.0.0.1", {"10.0.0.3"}, "10.0.0.3"},
                           {"10.0.0.1", {}, "10.0.0.1"}}) {
        net::Request request{.remote_address = c.peer};
        for (auto const& value : c.forwarded) request.headers.add("X-Forwarded-For", value);
        EXPECT_EQ(client_address(request, ours), c.expected) << c.peer;
    }
}

TEST(CallerJson, ReadsWhatItWrites) {
    ports::Caller caller{.tenant = *model::TenantId::parse("0190163d-8694-739b-aea5-966c26f8ad91"),
                         .api_key = model::ApiKeyId::parse("0190163d-8694-739b-aea5-966c26f8ad92"),
                         .scopes = {"signal:write"},
                         .is_test_key = true};
    auto const back = ports::caller_from_json(ports::to_json(caller));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->tenant, caller.tenant);
    EXPECT_EQ(back->api_key, caller.api_key);
    EXPECT_EQ(back->scopes, caller.scopes);
    EXPECT_TRUE(back->is_test_key);
    EXPECT_FALSE(back->is_admin);
    EXPECT_FALSE(back->user);
}

TEST(CallerJson, RefusesWhatItDidNotWrite) {
    auto const good =
        ports::to_json({.tenant = *model::TenantId::parse("0190163d-8694-739b-aea5-966c26f8ad91")});
    auto const with = [&](char const* key, base::Json value) {
        auto json = good;
        json.set(key, std::move(value));
        return ports::caller_from_json(json).has_value();
    };
    EXPECT_TRUE(ports::caller_from_json(good));
    EXPECT_FALSE(with("tenant", "x"));
    EXPECT_FALSE(with("user", "x"));
    EXPECT_FALSE(with("user", 7));
    EXPECT_FALSE(with("scopes", "signal:write"));
    EXPECT_FALSE(with("scopes", base::Json::array({7})));
    EXPECT_FALSE(with("is_admin", "true"));
    EXPECT_FALSE(with("is_test_key", nullptr)) << "a flag that limits must be there";
    EXPECT_FALSE(with("more", 1));
    EXPECT_FALSE(ports::caller_from_json(base::Json::array()));
}

}  // namespace
}  // namespace obscura::gateway
