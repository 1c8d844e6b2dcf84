#include "crypto/signed_header.hpp"

#include <gtest/gtest.h>

namespace obscura::crypto {
namespace {

using namespace std::chrono_literals;

class SignedHeaderTest : public testing::Test {
protected:
    base::Secret const key_{std::string_view("the key that two services share")};
    base::Timestamp const now_ = base::from_unix_ms(1'764'000'000'000);

    [[nodiscard]] bool opens(std::string const& header, base::Timestamp at) const {
        auto const opened = open_header(key_, header, at, 30s);
        if (!opened) {
            EXPECT_EQ(opened.error().code, base::Errc::unauthenticated);
            EXPECT_EQ(opened.error().reason, "invalid_signed_header");
        }
        return opened.has_value();
    }
};

TEST_F(SignedHeaderTest, RoundTrip) {
    for (std::string const& payload : {std::string(R"({"tenant":"t","user":"u"})"), std::string(),
                                       std::string("a.b.c"), std::string("\0\xff\n", 3)}) {
        auto const header = sign_header(key_, payload, now_);
        EXPECT_TRUE(header.starts_with("v1.1764000000000.")) << header;
        auto const opened = open_header(key_, header, now_, 30s);
        ASSERT_TRUE(opened);
        EXPECT_EQ(*opened, payload);
    }
}

TEST_F(SignedHeaderTest, AgeIsBoundedBothWays) {
    auto const header = sign_header(key_, "payload", now_);
    EXPECT_TRUE(opens(header, now_ + 30s));
    EXPECT_FALSE(opens(header, now_ + 30s + 1ms));
    EXPECT_TRUE(opens(header, now_ - 30s));
    EXPECT_FALSE(opens(header, now_ - 30s - 1ms));
}

TEST_F(SignedHeaderTest, EveryCharacterCounts) {
    auto const header = sign_header(key_, "payload", now_);
    for (std::size_t i = 0; i < header.size(); ++i) {
        auto altered = header;
        altered[i] = altered[i] == 'a' ? 'b' : 'a';
        EXPECT_FALSE(opens(altered, now_)) << altered;
    }
    for (std::size_t size = 0; size < header.size(); ++size) {
        EXPECT_FALSE(opens(header.substr(0, size), now_)) << size;
    }
    EXPECT_FALSE(opens(header + "0", now_));
    EXPECT_FALSE(opens(" " + header, now_));
}

TEST_F(SignedHeaderTest, AnotherKeyIsRefused) {
    base::Secret const other(std::string_view("another key"));
    EXPECT_FALSE(opens(sign_header(other, "payload", now_), now_));
}

TEST_F(SignedHeaderTest, RubbishIsRefused) {
    for (std::string const bad : {"", ".", "...", "v1", "v1.1.2.3", "v2.1764000000000.cGF5.00"}) {
        EXPECT_FALSE(opens(bad, now_)) << bad;
    }
}

}  // namespace
}  // namespace obscura::crypto
