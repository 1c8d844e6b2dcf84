#include "crypto/base64.hpp"
#include "crypto/hex.hpp"

#include <gtest/gtest.h>

#include <array>

namespace obscura::crypto {
namespace {

std::string text_of(std::optional<std::vector<std::uint8_t>> const& bytes) {
    return bytes ? std::string(as_text(*bytes)) : "(refused)";
}

// RFC 4648 §10.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> rfc4648{
    {{"", ""},
     {"f", "Zg=="},
     {"fo", "Zm8="},
     {"foo", "Zm9v"},
     {"foob", "Zm9vYg=="},
     {"fooba", "Zm9vYmE="},
     {"foobar", "Zm9vYmFy"}}};

TEST(Base64Test, Rfc4648) {
    for (auto const& [plain, encoded] : rfc4648) {
        EXPECT_EQ(base64_encode(as_bytes(plain)), encoded);
        EXPECT_EQ(text_of(base64_decode(encoded)), plain);
        auto const unpadded = encoded.substr(0, encoded.find('='));
        EXPECT_EQ(base64url_encode(as_bytes(plain)), unpadded);
        EXPECT_EQ(text_of(base64url_decode(unpadded)), plain);
    }
}

TEST(Base64Test, AlphabetsDiffer) {
    std::vector<std::uint8_t> const bytes{0xfb, 0xff, 0xbf};
    EXPECT_EQ(base64_encode(bytes), "+/+/");
    EXPECT_EQ(base64url_encode(bytes), "-_-_");
    EXPECT_EQ(base64_decode("+/+/"), bytes);
    EXPECT_EQ(base64url_decode("-_-_"), bytes);
    EXPECT_FALSE(base64_decode("-_-_"));
    EXPECT_FALSE(base64url_decode("+/+/"));
}

TEST(Base64Test, EveryByteRoundTrips) {
    std::vector<std::uint8_t> bytes;
    for (int i = 0; i < 256; ++i) {
        bytes.push_back(static_cast<std::uint8_t>(i));
        EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
        EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes);
    }
}

TEST(Base64Test, RefusesWhatIsNotCanonical) {
    for (std::string_view const bad :
         {"Zg",     "Zg=",   "Zg===",    "Zm8",  "Z",        "Zm9v=",  "Zm9vYg=",
          "====",   "=",     "=Zg=",     "Z===", "Zh==",     "Zm9=",   "Zm 9",
          "Zm9v\n", " Zm9v", "Zm9v    ", "Zm.v", "Zg==Zg==", "Zm9\xc3"}) {
        EXPECT_FALSE(base64_decode(bad)) << bad;
    }
    for (std::string_view const bad :
         {"Zg==", "Zm8=", "Z", "Zh", "Zm9", "Zm9vY", "Zm9v\n", "Zm 9"}) {
        EXPECT_FALSE(base64url_decode(bad)) << bad;
    }
}

TEST(HexTest, RoundTrip) {
    std::vector<std::uint8_t> const bytes{0x00, 0x01, 0x7f, 0x80, 0xab, 0xff};
    EXPECT_EQ(hex_encode(bytes), "00017f80abff");
    EXPECT_EQ(hex_decode("00017f80abff"), bytes);
    EXPECT_EQ(hex_decode("00017F80ABFF"), bytes);
    EXPECT_EQ(text_of(hex_decode("")), "");
}

TEST(HexTest, RefusesTheRest) {
    for (std::string_view const bad : {"0", "000", "0g", "g0", "0x00", " 00", "00 ", "-1"}) {
        EXPECT_FALSE(hex_decode(bad)) << bad;
    }
}

TEST(HexTest, IntoMemoryNeedsTheExactSize) {
    std::array<std::uint8_t, 2> out{};
    EXPECT_TRUE(hex_decode_into("beef", out));
    EXPECT_EQ(out[0], 0xbe);
    EXPECT_EQ(out[1], 0xef);
    EXPECT_FALSE(hex_decode_into("be", out));
    EXPECT_FALSE(hex_decode_into("beef00", out));
}

}  // namespace
}  // namespace obscura::crypto
