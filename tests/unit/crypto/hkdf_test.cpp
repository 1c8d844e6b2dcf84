#include "crypto/hkdf.hpp"

#include "crypto/hex.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace obscura::crypto {
namespace {

std::vector<std::uint8_t> counted(int first, int last) {
    std::vector<std::uint8_t> out;
    for (int i = first; i <= last; ++i) out.push_back(static_cast<std::uint8_t>(i));
    return out;
}

// RFC 5869 appendix A.
TEST(HkdfTest, Rfc5869) {
    std::vector<std::uint8_t> const ikm(22, 0x0b);
    EXPECT_EQ(
        hex_encode(hkdf_sha256(ikm, counted(0, 0x0c), counted(0xf0, 0xf9), 42).bytes()),
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    EXPECT_EQ(
        hex_encode(
            hkdf_sha256(counted(0, 0x4f), counted(0x60, 0xaf), counted(0xb0, 0xff), 82).bytes()),
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c"
        "65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
    EXPECT_EQ(
        hex_encode(hkdf_sha256(ikm, {}, {}, 42).bytes()),
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(HkdfTest, LengthHasBounds) {
    auto const key = counted(1, 32);
    EXPECT_THROW((void)hkdf_sha256(key, {}, {}, 0), std::invalid_argument);
    EXPECT_THROW((void)hkdf_sha256(key, {}, {}, 8161), std::invalid_argument);
    auto const longest = hkdf_sha256(key, {}, {}, 8160);
    ASSERT_EQ(longest.size(), 8160U);
    // A shorter output is a prefix of a longer one.
    auto const shorter = hkdf_sha256(key, {}, {}, 33);
    EXPECT_TRUE(longest.reveal().starts_with(shorter.reveal()));
}

}  // namespace
}  // namespace obscura::crypto
